# A change is told once.  Where Redis answers with an error when it is asked
# for what has changed, it is asked again by and by.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(state subscribed shelf);
use Commerce::Live;
use Commerce::Proxy;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my $proxy = Commerce::Proxy->start($redis->port);
my $busy = "-BUSY Redis is busy running a script\r\n";

host('h1');
room('demo', key => sha('k'), title => 'before');

live(workers => 1, redis => '127.0.0.1:' . $proxy->port, server => <<'CONF');
    location = /status { commerce_status; }
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
CONF

ok(subscribed(), 'subscribed');

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'live');
like(shelf('demo')->{content}, qr/"before"/, 'the room is known');

$proxy->on("\r\ncommerce:host:h1\r\n", 'say', text => $busy, times => 1);
host('h1', state => 'banned');

is(said($rtmp->status(10)), 'Unauthorized host_banned',
   'a ban that could not be learned at once cuts');
is($proxy->figures->{hits}, 1, 'there was an error');

finish();
