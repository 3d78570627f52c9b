# A banned room gives viewers nothing, also where commerce_access is off.

use lib 't/lib';
use Commerce::Env qw(write_file);
use Commerce::Test;

write_file("$ENV{TEST_NGINX_DIR}/live/index.m3u8", "#EXTM3U\n");

$ENV{TEST_NGINX_ROOMS} = <<"CONF";
    commerce_room \$arg_room;

    location /live/ { alias $ENV{TEST_NGINX_DIR}/live/; commerce_hls on; }
    location = /shelf { commerce_shelf; }
    location = /count { commerce_count click tea; }
    location = /status { commerce_status; }
CONF

run_tests();

__DATA__

=== playlist, shelf, clicks
--- config: $TEST_NGINX_ROOMS
--- room
demo state banned
    tea
--- request eval
['GET /live/index.m3u8?room=demo', 'HEAD /live/index.m3u8?room=demo',
 'GET /shelf?room=demo', 'POST /count?room=demo', 'GET /status']
--- error_code eval
[403, 403, 403, 403, 200]
--- response_headers eval
[("Content-Type: application/problem+json\nCache-Control: no-store") x 4, '']
--- response_body_like eval
[qr/"reason":"room_banned"/, qr/^$/, (qr/"reason":"room_banned"/) x 2,
 qr/"counts":\{"accepted":0,"refused":\{"room_banned":[12]\}/]
--- error_log
commerce refused a request: room_banned



=== a room that is not has all of it
--- config: $TEST_NGINX_ROOMS
--- room
demo state closed
    tea
--- request eval
['GET /live/index.m3u8?room=demo', 'GET /shelf?room=demo',
 'POST /count?room=demo']
--- error_code eval
[200, 200, 204]



=== nor does a room that nobody knows lose its playlist
--- config: $TEST_NGINX_ROOMS
--- request
GET /live/index.m3u8?room=demo
--- error_code: 200



=== the operator's own page
--- config
    error_page 403 /gone;
    location = /gone { return 200 "gone: $commerce_reason\n"; }
    location /live/ {
        alias $TEST_NGINX_DIR/live/; commerce_hls on; commerce_room demo;
    }
--- room
demo state banned
--- request
GET /live/index.m3u8
--- error_code: 403
--- response_headers
Cache-Control: no-store
--- response_body
gone: room_banned
