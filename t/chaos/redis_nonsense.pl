# What answers is no Redis, or a broken one: garbage, half replies, replies
# without an end.  No worker dies or grows without bound, clicks are accepted,
# and when Redis is back all are counted.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep time);

# what a worker may take on top of what it has: two connections with a reply
# of 64 MB each, and a copy of it

use constant MEMORY => 4 * 64 * 1024;

my $redis = redis();
my ($nginx, $proxy) = outage(timeout => '500ms', connect_timeout => '500ms',
                             heartbeat => '200ms');
my $film = on_air('film');
my $crowd = crowd(2, '/cart/r1/p1', '/cart/r2/p1');

# requests: the handshake's, a flush, a room, a host or product, that of the
# clock, the subscription's

my @requests = map { "$_\r\n" }
               qw(INFO :counts :shelf HGETALL TIME SUBSCRIBE);

my @answers = (
    ['garbage',             join('', map { chr } 0 .. 255)],
    ['half a reply',        "*2\r\n:1"],
    ['a reply of no sense', "*2\r\n*0\r\n\$-1\r\n"],
    ['more replies than questions', ":1\r\n" x 1000],
    ['an endless line',     '+', 'x' x 65536],
    ['lines without end',   '', "+OK\r\n" x 10000],
    ['an endless string',   "\$2000000000\r\n", 'x' x 65536],
    ['an endless array',    "*1000000\r\n", ":1\r\n" x 10000],
    ['an array of strings without end',
                            "*1000000\r\n", "\$1000\r\n" . 'x' x 1000 . "\r\n"],
    ['arrays in arrays without end', '', "*1\r\n" x 10000],
    ['arrays of many in arrays without end', '', "*1000\r\n" x 10000],
);

sub most { # KB that a worker has had at most
    return (sort { $b <=> $a } map { read_file("/proc/$_/status")
            =~ /^VmHWM:\s+(\d+)/m } $nginx->workers)[0];
}

my @workers = sort $nginx->workers;
my $begin = most();

for my $answer (@answers) {
    my ($what, $text, $endless) = @$answer;

    for my $request (@requests) {
        my $before = $proxy->figures;
        my $n = accepted();

        # what ends by itself need not be taken for an error

        my $met = $endless ? 'given_up' : 'hits';

        $proxy->on($request, 'say', text => $text,
                   $endless ? (endless => $endless) : ());

        # what is sent when a connection is new needs a new one

        $redis->call('CLIENT', 'KILL', 'TYPE', $_) for qw(normal pubsub);

        ok(wait_for(20, sub { 
               $proxy->figures->{$met} > $before->{$met}
           }),
           "$what to " . $request =~ s/\W//gr);
        ok(wait_for(20, sub { accepted() > $n + 20 }), '... clicks go on');
        sleep seconds(0, 2);

        $proxy->off;
        $n = accepted();
        ok(wait_for(20, sub { due() < 1000 && accepted() > $n }),
           '... Redis is back');
    }
}

is_deeply([sort $nginx->workers], \@workers, 'no worker has died');
cmp_ok(most() - $begin, '<', MEMORY, 'memory is bounded: ' .
       sprintf('%d MB, then %d MB at most', $begin / 1024, most() / 1024));

undisturbed($film, 'nonsense');
$crowd->stop;
is($crowd->sums->{refused}, 0, 'no click was refused');
$crowd->compare(exact => 1);
conclude();
