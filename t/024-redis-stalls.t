# Redis stops answering without closing anything: requests wait no longer than
# the time out, then not at all, and all is well when it goes on.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep time);

my $redis = redis();

host('h1');
room($_, title => 'before') for 'r1', 'r2';

my $nginx = edge('unix:%%REDIS%% timeout=2s connect_timeout=2s');

ok(subscribed(), 'subscribed');
like(shelf('r1')->{content}, qr/before/, 'the room is known');
sleep 1.5;

$redis->stall;

my $begin = time;
is(shelf('r2')->{status}, 503, 'an unknown room is a 503');
cmp_ok(time - $begin, '<', patience(8), 'after the time out');

ok(wait_for(10, sub { log_count(qr/connection to redis \S+ is lost: no ans/) }),
   'the log says that there is no answer');

for (1 .. 10) {
    $begin = time;
    my $status = shelf("r2")->{status};
    my $took = time - $begin;

    ok($status == 503 && $took < patience(1.5), 'then at once') or diag("$status $took");
    sleep 0.2;
}

is(shelf('r1')->{status}, 200, 'a known room is served on');
ok(wait_for(10, sub { !state()->{redis}{subscribed} }),
   'the silent subscription is given up, too');

$redis->resume;
room('r1', title => 'after');

ok(connected(), 'connected again');
ok(subscribed(), 'subscribed again');
is(shelf('r2')->{status}, 200, 'the other room is known');
ok(wait_for(5, sub { shelf('r1')->{content} =~ /after/ }),
   'what changed meanwhile, too');

sleep 2;
is(log_count(qr/\[error\].* to redis \S+ is lost/), 2,
   'each loss is logged once');
is(log_count(qr/ to redis \S+ is restored/), 2, 'each recovery once');

finish();
