# Products are put on a room's shelf and taken off.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== at the end, at a position, moved, and where it stands
--- room_each
demo host anna version 5
--- redis_each
HSET commerce:product:{knife} state down title Knife link https://shop.example/
HSET commerce:product:{lamp} state applied title Lamp link https://shop.example/
HSET commerce:product:{tea} state approved title Tea link https://shop.example/
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/shelf/tea',
'PUT /api/rooms/demo/shelf/lamp
{}',
'PUT /api/rooms/demo/shelf/knife
{"position": 0}',
'PUT /api/rooms/demo/shelf/knife',
'PUT /api/rooms/demo/shelf/tea
{"position": 10}',
'PUT /api/rooms/demo/shelf/tea
{"position": null}']
--- error_code eval
[201, 201, 201, 200, 200, 200]
--- response_body eval
['{"version":6,"position":1}
', '{"version":7,"position":2}
', '{"version":8,"position":0}
', '{"version":9,"position":0}
', '{"version":10,"position":10}
', '{"version":11,"position":10}
']
--- redis_after
ZRANGE commerce:{demo}:shelf 0 -1 WITHSCORES => knife 0 lamp 2 tea 10
HGET commerce:{demo} version => 11



=== taken off, once
--- room_each
demo host anna version 5
    tea -
    lamp -
--- request eval
['DELETE /api/rooms/demo/shelf/tea', 'DELETE /api/rooms/demo/shelf/tea']
--- error_code eval
[200, 404]
--- response_body_like eval
[qr/^\{"version":6\}\n$/, qr/"reason":"product_not_on_shelf"/]
--- redis_after
ZRANGE commerce:{demo}:shelf 0 -1 => lamp
HGET commerce:{demo} version => 6



=== a product has to exist, and its link to lead to product_hosts
--- commerce
    product_hosts shop.example;
--- room
demo host anna version 5
--- redis
HSET commerce:product:{tea} state approved title Tea link https://shop.example/
HSET commerce:product:{none} state approved title None
HSET commerce:product:{evil} state approved title Evil link https://evil.example/
--- request eval
['PUT /api/rooms/demo/shelf/lamp', 'PUT /api/rooms/demo/shelf/evil',
'PUT /api/rooms/demo/shelf/none', 'PUT /api/rooms/other/shelf/tea']
--- error_code eval
[404, 422, 422, 404]
--- response_body_like eval
[qr/"reason":"product_unknown"/, qr/"reason":"link_not_allowed"/,
qr/"reason":"link_not_allowed"/, qr/"reason":"room_unknown"/]
--- redis_after
EXISTS commerce:{demo}:shelf => 0
HGET commerce:{demo} version => 5



=== what is no position
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/shelf/tea
{"position": -1}', 'PUT /api/rooms/demo/shelf/tea
{"position": "1"}', 'PUT /api/rooms/demo/shelf/tea
{"place": 1}']
--- error_code eval
[400, 400, 400]
--- response_body_like eval
[qr{field_wrong.*/position }, qr{field_wrong.*/position }, qr{field_unknown}]



=== a shelf that is full takes no other product, but moves those it has
--- room_each
demo host anna version 5
--- redis_each
HSET commerce:product:{p7} state approved title Seven link https://shop.example/
HSET commerce:product:{tea} state approved title Tea link https://shop.example/
EVAL "for i = 1, 1000 do redis.call('ZADD', KEYS[1], i, 'p' .. i) end" 1 commerce:{demo}:shelf
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/shelf/tea', 'PUT /api/rooms/demo/shelf/p7
{"position": 2000}']
--- error_code eval
[409, 200]
--- response_body_like eval
[qr/"status":409,"reason":"shelf_full"/, qr/"position":2000\}/]
