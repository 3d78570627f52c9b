# Redis goes and comes back: what is known is served on, one line a connection
# says so, scripts it has forgotten are sent again, and what changed while it
# was away is learned.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;

my $redis = redis(append => 1);

host('h1');
room('r1', title => 'before');

my $nginx = edge('unix:%%REDIS%%', workers => 2);

ok(subscribed(), 'subscribed');
like(shelf('r1')->{content}, qr/before/, 'the room is known');

my $reconnects = state()->{redis}{reconnects};

for my $how ('stop', 'kill') {
    sleep 2;
    $redis->$how;

    ok(wait_for(3, sub { !state()->{redis}{connected}
                         && !state()->{redis}{subscribed} }),
       "$how: the connection is seen to be lost");
    is(shelf('r1')->{status}, 200, "$how: a known room is served on");
    is(shelf('unknown')->{status}, 503, "$how: an unknown one is a 503");

    # a change that nobody can be told of: nginx does not look yet

    kill 'STOP', $nginx->workers;
    $redis->run;
    $redis->line(qq{HSET commerce:{r1} title "after $how"});
    $redis->line('HINCRBY commerce:{r1} version 1');
    kill 'CONT', $nginx->workers;

    ok(connected(), "$how: connected again");
    ok(subscribed(), "$how: subscribed again");
    is(shelf("new-$how")->{status}, 404, "$how: unknown rooms are looked up");
    ok(wait_for(5, sub { shelf('r1')->{content} =~ /after $how/ }),
       "$how: the change is learned without a notice");
}

cmp_ok(state()->{redis}{reconnects}, '>', $reconnects, 'reconnects count');

$redis->line('SCRIPT FLUSH');
is(shelf('another')->{status}, 404, 'a script that is gone is sent again');

sleep 2;
is(log_count(qr/\[error\].*the connection to redis \S+ is lost/), 4,
   'each loss is logged once by each worker');
is(log_count(qr/the connection to redis \S+ is restored/), 4,
   'and each recovery');
is(log_count(qr/the subscription to redis \S+ is lost/), 2,
   'those of the subscription once');

finish();
