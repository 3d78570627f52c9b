# Whatever goes wrong with the quick start, it says what, and leaves nothing.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(root);
use Commerce::Scenario;
use IO::Socket::INET;
use Test::More;

my $run = root() . '/conf.example/run';
my $count = 0;

sub quick {
    my %options = (http => free_port(), rtmp => free_port(),
                   dir => dir('quick' . $count++), @_);

    my $quick = run('quick', $run, map { ("--$_", $options{$_}) }
                                   sort keys %options);

    return ($quick, \%options);
}

sub processes {
    my $folder = shift;

    return grep { read_file("/proc/$_/cmdline") =~ /\Q$folder\E[\/\0]/ }
           map { m{(\d+)$} } glob('/proc/[0-9]*');
}

sub ends {
    my ($quick, $options, $what, $says) = @_;

    ok(wait_for(480, sub { !$quick->running }), "$what: it ends");
    isnt($quick->status, 0, "$what: with an error");
    like($quick->log, $says, "$what: it says why");
    ok(wait_for(5, sub { !processes($options->{dir}) }),
       "$what: no process is left");
}

for (['--http'], ['--http', '0'], ['--http', '65536'], ['--rtmp', 'x'],
     ['--dir', '/tmp/a;b'], ['--http', '1935'], ['--nothing'])
{
    my $said = `$run @{[map { "'$_'" } @$_]} 2>&1 < /dev/null`;

    ok($? != 0 && $said =~ /^run: .*(?:needs|same port|unknown)/m,
       "refused: @$_") or diag($said);
}

my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1,
                                  LocalPort => 0, Proto => 'tcp');

ends(quick(http => $taken->sockport), 'port taken',
     qr/^run: port \d+ is taken/m);

my ($first, $options) = quick();

ok(wait_for(480, sub { $first->log =~ /Ctrl-C/ || !$first->running }),
   'it starts');
my ($second) = run('again', $run, '--http', free_port(), '--rtmp',
                   free_port(), '--dir', $options->{dir});
ok(wait_for(30, sub { !$second->running }) && $second->status != 0,
   'another in the same folder ends');
like($second->log, qr/^run: \S+ is in use/m, 'and says why');
ok($first->running, 'the first goes on');

my ($redis) = grep { read_file("/proc/$_/cmdline") =~ /^redis-server/ }
              processes($options->{dir});

kill 'KILL', $redis;
ends($first, $options, 'Redis killed', qr/^run: redis has ended/m);

my ($killed, $where) = quick(dir => $options->{dir});

ok(wait_for(60, sub { $killed->log =~ /Ctrl-C/ || !$killed->running }),
   'it starts in the folder of one that was killed');
$killed->kill;
ok(wait_for(15, sub { !processes($where->{dir}) }),
   'killed itself: no process is left');

finish();
