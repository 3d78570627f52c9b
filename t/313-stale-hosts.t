# How long a room that is known goes live with Redis away is set by
# stale_hosts.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

my $redis = redis(append => 1);
host('h1');
room('demo', key => sha('k'));
live(workers => 1, commerce => 'stale_hosts 4s;');

like(attempt('demo?key=k'), qr/^Start/, 'known');
$redis->stop;
like(attempt('demo?key=k'), qr/^Start/, 'and soon after');
sleep 6;
is(attempt('demo?key=k'), 'Later store_away', 'not for ever');
$redis->run;
ok(wait_for(10, sub { attempt('demo?key=k') =~ /^Start/ }), 'when Redis is back');

finish();
