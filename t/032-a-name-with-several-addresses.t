# Redis listens on one of the addresses that its name has: that another one, which
# is tried first, refuses is not worth an error, unless none of them answers.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos qw(private_mounts);
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;

private_mounts();

write_file(dir() . '/hosts', "127.0.0.1 localhost\n" .
           "::1 several.test\n127.0.0.1 several.test\n");
system('mount', '--bind', dir() . '/hosts', '/etc/hosts') == 0
    or die "mount failed\n";

my $redis = redis();

host('h1');
room('r1');

my $nginx = edge('several.test:%%REDIS_PORT%%', workers => 2);

ok(connected(), 'connected');
ok(subscribed(), 'subscribed');
is(shelf('r1')->{status}, 200, 'a room is known');
is(log_count(qr/redis/), 0, 'nothing is logged');

$redis->kill;
ok(wait_for(5, sub { log_count(qr/is lost/) == 3 }), 'lost');

$redis->run;
ok(connected(), 'connected again');
ok(subscribed(), 'subscribed again');
is(log_count(qr/can't be made|is lost/), 3, 'each loss is logged once');

ok($nginx->stop, 'nginx quits');
$redis->kill;
$nginx->start;
ok(wait_for(10, sub { log_count(qr/can't be made/) == 3 }),
   'without Redis it is said once for all addresses');

finish();
