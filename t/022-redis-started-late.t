# nginx starts without Redis, says so once, and uses it from when it is there.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(time);

my $redis = redis();
$redis->stop;

my $nginx = edge('unix:%%REDIS%% timeout=10s connect_timeout=10s');

my $begin = time;
is(shelf('r1')->{status}, 503, 'without Redis an unknown room is a 503');
cmp_ok(time - $begin, '<', patience(5), 'and the answer does not wait');

ok(wait_for(5, sub { log_count(qr/\[error\].* connection to redis unix:/) }),
   'the log says that there is no connection');
like(log_text(), qr/connection to redis \S+ can't be made: connect\(\) failed/,
     'and why');

select undef, undef, undef, 2;
is(log_count(qr/connection to redis/), 1, 'it says so once');
is(log_count(qr/subscription to redis/), 1, 'once for the subscription, too');

$redis->run;
host('h1');
room('r1');

ok(connected(), 'it connects when Redis is there');
is(shelf('r1')->{status}, 200, 'the room is known');
ok(subscribed(), 'it subscribes');

ok(wait_for(5, sub { log_count(qr/\[notice\].* connection to redis \S+ is rest/)
                     && log_count(qr/\[notice\].* subscription to redis/) }),
   'the log says that all is well again');
is(log_count(qr/ to redis \S+ is restored/), 2, 'once for each');

finish();
