# commerce_shelf: what a page needs of a room.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== a live room: approved products by position, the cue in force
--- config
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
--- room
demo host anna title "Autumn 秋" show 3 version 12 key 00
    lamp title Lamp
    down state down title D
    tea title Tea price 29900 currency CNY link https://s.example/tea image /t.svg stock 0 version 4
    gone -
    applied -
--- redis
SET commerce:{demo}:live claim
HSET commerce:product:{applied} title A
XADD commerce:{demo}:cues 1-0 at 1000 show 3 product tea title Tea version 3 price 31000
XADD commerce:{demo}:cues 2-0 at 99000000000000 show 3 product lamp title Lamp version 1
--- request
GET /rooms/demo
--- response_headers
Content-Type: application/json
Cache-Control: no-cache
--- response_headers_like
ETag: "[0-9a-f]{32}"
--- response_body eval
"{\"room\":\"demo\",\"state\":\"open\",\"title\":\"Autumn \xe7\xa7\x8b\",\"live\":true,\"show\":3,\"shelf\":[{\"product\":\"lamp\",\"title\":\"Lamp\",\"version\":1},{\"product\":\"tea\",\"title\":\"Tea\",\"price\":29900,\"currency\":\"CNY\",\"link\":\"https://s.example/tea\",\"image\":\"/t.svg\",\"stock\":0,\"version\":4}],\"cue\":{\"id\":\"1-0\",\"at\":1000,\"show\":3,\"card\":{\"product\":\"tea\",\"title\":\"Tea\",\"price\":31000,\"version\":3}},\"version\":12}\n"



=== a room with nothing
--- config
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
--- redis
HSET commerce:{demo} host anna state scheduled
--- request
GET /rooms/demo?any=argument
--- response_body
{"room":"demo","state":"scheduled","live":false,"show":0,"shelf":[],"cue":null,"version":0}



=== unpinned
--- config
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
--- room
demo host anna
--- redis
XADD commerce:{demo}:cues 1-0 at 1000 show 3 product tea title Tea
XADD commerce:{demo}:cues 2-0 at 2000 show 3
--- request
GET /rooms/demo
--- response_body_like: "cue":null



=== unknown rooms, and names that are none
--- config
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
    location /none { commerce_room $arg_room; commerce_shelf; }
--- request eval
['GET /rooms/demo', 'GET /rooms/demo', 'GET /rooms/De.mo', 'GET /none',
'GET /rooms/' . 'x' x 1024, 'GET /rooms/a%0Ab']
--- error_code eval
[(404) x 6]
--- response_headers eval
[("Content-Type: application/problem+json\nCache-Control: no-store") x 6]
--- response_body_like eval
[(qr/"reason":"room_unknown"/) x 2, (qr/"reason":"bad_name"/) x 4]



=== other methods
--- config
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
--- request eval
["POST /rooms/demo\nx=1", 'PUT /rooms/demo', 'DELETE /rooms/demo']
--- error_code eval
[(405) x 3]
--- response_headers eval
[('Allow: GET, HEAD') x 3]



=== any text in Redis: the answer is JSON
--- config
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
--- commerce
    product_hosts shop.example;
--- redis
HSET commerce:{demo} host anna state open title "a\"b\\c\nd\x00e\xff\xf0\x9f\x8d\xb5"
ZADD commerce:{demo}:shelf 1 tea 2 "a\nb"
HSET commerce:product:{tea} state approved title "<script>\x7f\"" price 1e3 currency "E\tR" link javascript:x image "\xc3" stock -1 version x
--- request
GET /rooms/demo
--- response_body eval
"{\"room\":\"demo\",\"state\":\"open\",\"title\":\"a\xe2\x80\x9db\\\\c d e\xef\xbf\xbd\xf0\x9f\x8d\xb5\",\"live\":false,\"show\":0,\"shelf\":[{\"product\":\"tea\",\"title\":\"<script> \xe2\x80\x9d\",\"currency\":\"E R\",\"version\":0}],\"cue\":null,\"version\":0}\n"



=== 64 KB of text
--- config
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
--- room
demo host anna
    tea -
--- redis
EVAL "redis.call('HSET', KEYS[1], 'title', string.rep('t', 65536))" 1 commerce:{demo}
EVAL "redis.call('HSET', KEYS[1], 'state', 'approved', 'title', string.rep('\\240\\159\\141\\181', 16384))" 1 commerce:product:{tea}
--- request
GET /rooms/demo
--- response_body_like eval
qr/"title":"t{512}".*"title":"(?:\xf0\x9f\x8d\xb5){128}"/



=== a long shelf that nobody has asked for yet
--- config
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
--- room
demo host anna
--- redis
EVAL "for i = 1, 300 do redis.call('ZADD', KEYS[1], i, 'p' .. i) redis.call('HSET', 'commerce:product:{p' .. i .. '}', 'state', 'approved', 'title', 'Product ' .. i) end" 1 commerce:{demo}:shelf
--- request
GET /rooms/demo
--- response_body_like: "product":"p1",.*"product":"p299",.*"product":"p300",
