# A room whose host is missing, or has a name that no host can have, is open to
# viewers, closed to publishers, and does no harm to others.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(state subscribed shelf);
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

my $redis = redis();

# what a script writes that has no name to write

$redis->line('HSET commerce:host: state approved version 1');
room('nobody', host => '', key => sha('k1'));
room('badly', host => 'a host', key => sha('k2'));
room('demo', key => sha('k'));
host('h1');

live(server => <<'CONF');
    location = /status { commerce_status; }
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
CONF

ok(subscribed(), 'subscribed');
is(attempt('nobody?key=k1'), 'Unauthorized host_unknown', 'without a host');
is(attempt('badly?key=k2'), 'Unauthorized host_unknown', 'with a bad name');
is(shelf($_)->{status}, 200, "viewers: $_") for qw(nobody badly);
like(attempt('demo?key=k'), qr/^Start/, 'another room is published');

my $version = $redis->call('HINCRBY', 'commerce:{demo}', 'version', 1);

$redis->call('HSET', 'commerce:{demo}', title => 'Told');
$redis->call('PUBLISH', 'commerce:changed:{demo}', $version);

ok(wait_for(5, sub { shelf('demo')->{content} =~ /Told/ }),
   'changes are heard of');
is(state()->{redis}{reconnects}, 0, 'no connection was lost');

finish();
