# nginx-rtmp without this module's hooks asks an edge, by on_publish and
# on_play, and puts out by on_update who may not any more.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', host => 'h1', key => sha('a-stream-key'));

my $hook = 'http://127.0.0.1:%%HTTP%%/auth';

live(proofs => 'off', log => 'info',
     application => "on_publish $hook; on_play $hook; on_update $hook;
                     notify_update_timeout 1s;",
     server => 'location = /auth { commerce_auth nginx-rtmp; }
                location /api/ { commerce_api; }');

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

$rtmp->publish('demo?key=another-key');
ok($rtmp->closed(10), 'a wrong key: the publisher is cut off');
ok(!defined playlist('demo') || !@{playlist('demo')->{segments}},
   'and nothing is to be seen');

$rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=a-stream-key');
like(said($rtmp->status(10)), qr/^Start/, 'the key: he publishes');

is(http('PATCH', '/api/rooms/demo', body => '{"state": "banned"}',
        headers => { 'Content-Type' => 'application/json' })->{status}, 200,
   'the room is banned');
ok($rtmp->closed(20), 'which cuts him at the next on_update');

like(log_text(), qr/commerce refused a request: room_banned/, 'with the reason');

finish();
