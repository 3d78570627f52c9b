# While no subscription holds, what is live is asked for every second, so
# that a ban still cuts it.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

use Time::HiRes qw(sleep time);

redis();
host('h1');
room('demo', key => sha('k'));
live();

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'live');

my $socket = redis()->socket;
my $cutter = run('cutter', 'sh', '-c',
    "while :; do redis-cli -s $socket CLIENT KILL TYPE pubsub; sleep 0.02; done");
sleep 3;

my $start = time;
redis()->call('HSET', 'commerce:host:{h1}', 'state', 'banned');
redis()->call('HINCRBY', 'commerce:host:{h1}', 'version', 1);
is(said($rtmp->status(6)), 'Unauthorized host_banned', 'the ban is found out');
cmp_ok(time - $start, '<', patience(6), 'soon');
ok($rtmp->closed(4), 'and the stream is cut');

$cutter->stop;
finish();
