# The quick start: the page shows what is pinned, and every click that a
# viewer makes on a phone or a desktop is in Redis.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Env qw(root);
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(time);

my $dir = dir('quick');
my $http = port('HTTP');

$ENV{PIN_EVERY} = 5;

my $started = time;
my $quick = run('quick', root() . '/conf.example/run', '--http', $http,
                '--rtmp', port('RTMP'), '--dir', $dir);

my $up = wait_for(480, sub {
    $quick->log =~ m{http://localhost:$http/\n} || !$quick->running
});

ok($up && $quick->running, 'it starts') or BAIL_OUT($quick->log);
note(sprintf 'after %.1f s', time - $started);

is(http('GET', '/live/demo/index.m3u8')->{status}, 200, 'there is a playlist');

my $found = eval { browse('visit.js', "http://localhost:$http/", pictures()) };

ok($found, 'viewers come, look and click') or diag($@);
$found ||= { clicks => {}, rows => [], cards => [], troubles => [] };

is_deeply($found->{rows}, [qw(tea lamp scarf knife)], 'the shelf');
is(scalar(grep { /^(?:tea|lamp|scarf|knife)$/ } @{$found->{cards}}), 3,
   "cards: @{$found->{cards}}");
is("@{$found->{troubles}}", '', 'the pages complain of nothing');

sub counts {
    my %counts = split /\n/,
        `redis-cli -s $dir/redis.sock HGETALL 'commerce:{demo}:1:counts'`;

    return { map { /^c:click:(.*)/ ? ($1 => $counts{$_}) : () } keys %counts };
}

my $clicks = $found->{clicks};

note(map { "$_: $clicks->{$_} clicks\n" } sort keys %$clicks);

wait_for(10, sub {
    my $counts = counts();
    !grep { ($counts->{$_} || 0) < $clicks->{$_} } keys %$clicks
});
is_deeply(counts(), $clicks, 'the counts in Redis are the clicks made');

my @pids = $quick->log ? processes($dir) : ();
ok(@pids >= 4, 'processes run: ' . @pids);

kill 'TERM', $quick->pid;
ok(wait_for(30, sub { !$quick->running }), 'TERM ends it');
is($quick->status, 0, 'without an error') or diag($quick->log);
is_deeply([processes($dir)], [], 'no process is left');

# Those of the quick start have its folder among their arguments or open files.

sub processes {
    my $folder = shift;

    return grep {
        my $pid = $_;
        $pid != $$ && (read_file("/proc/$pid/cmdline") =~ /\Q$folder\E/
                       || grep { (readlink || '') =~ /^\Q$folder\E/ }
                          glob("/proc/$pid/fd/*"))
    } map { m{(\d+)$} } glob('/proc/[0-9]*');
}

my @faults = Commerce::Env::log_faults(read_file("$dir/error.log"));

is("@faults", '', 'no fault in the error log');

finish();
