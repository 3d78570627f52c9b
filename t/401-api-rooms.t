# Rooms are put, changed and read.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== a room is put and read, but never its key
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo
{"host": "anna", "state": "open", "title": "Autumn 秋", "visibility": "public",
 "key": "live-key-0123456789"}',
'GET /api/rooms/demo',
'PUT /api/rooms/demo
{"host": "anna", "state": "closed"}',
'GET /api/rooms/demo']
--- error_code eval
[201, 200, 200, 200]
--- response_body eval
["{\"version\":1}\n",
"{\"room\":\"demo\",\"host\":\"anna\",\"state\":\"open\",\"title\":\"Autumn \xe7\xa7\x8b\",\"visibility\":\"public\",\"show\":0,\"version\":1,\"live\":false,\"media\":null,\"shelf\":[],\"cue\":null,\"shows\":[]}\n",
"{\"version\":2}\n",
"{\"room\":\"demo\",\"host\":\"anna\",\"state\":\"closed\",\"show\":0,\"version\":2,\"live\":false,\"media\":null,\"shelf\":[],\"cue\":null,\"shows\":[]}\n"]
--- redis_after
HGET commerce:{demo} key => 0c3a95975274327a00e768219d776b62429685d102d5cd3506aff2825b5b951e
XREVRANGE commerce:events + - COUNT 1 =~ type state room demo state closed



=== a put of a room leaves alone what is not the backend's
--- room_each
demo host anna show 4 seen 1795000000000 title T version 9
--- redis_each
HSET commerce:host:{bea} state applied
--- more_headers
Content-Type: application/json
--- request
PUT /api/rooms/demo
{"host": "bea", "state": "open"}
--- response_body
{"version":10}
--- redis_after
HMGET commerce:{demo} host show seen title version => bea 4 1795000000000 (nil) 10



=== a live room with a shelf, a cue, shows and their counts
--- room
demo host anna show 2 version 30
--- redis
ZADD commerce:{demo}:shelf 2 lamp 1 tea 7.5 knife
SET commerce:{demo}:live claim
XADD commerce:{demo}:cues 1-0 at 1000 show 1 product tea title Tea price 5
XADD commerce:{demo}:cues 2-0 at 2000 show 2 product lamp title "Lamp \"x\"" price 100 currency CNY link https://l.example/ image /l.svg version 3
XADD commerce:{demo}:cues 3-0 at 99000000000000 show 2
HSET commerce:{demo}:shows 1:started 500 1:ended 900 2:started 1500
HSET commerce:{demo}:1:counts c:click:tea 10 c:cart:tea 3 s:12/1.1 10
HSET commerce:{demo}:2:counts c:click:lamp 7 c:click:tea 1 s:12/1.2 8 c:bad 5
--- request eval
['GET /api/rooms/demo', 'GET /api/rooms/demo?shows=1']
--- response_body_like eval
[qr/^\{"room":"demo","host":"anna","state":"open","show":2,"version":30,"live":true,"media":null,"shelf":\["tea","lamp","knife"\],"cue":\{"id":"2-0","at":2000,"show":2,"card":\{"product":"lamp","title":"Lamp \xe2\x80\x9dx\xe2\x80\x9d","price":100,"currency":"CNY","link":"https:\/\/l.example\/","image":"\/l.svg","version":3\}\},"shows":\[\{"show":2,"started":1500,"ended":null,"counts":\{"click":\{(?:"lamp":7,"tea":1|"tea":1,"lamp":7)\}\}\},\{"show":1,"started":500,"ended":900,"counts":\{(?:"click":\{"tea":10\},"cart":\{"tea":3\}|"cart":\{"tea":3\},"click":\{"tea":10\})\}\}\]\}\n$/,
qr/"shows":\[\{"show":2,[^\[]*\}\]\}\n$/]



=== an unknown room
--- more_headers
Content-Type: application/json
--- request eval
['GET /api/rooms/demo',
'PATCH /api/rooms/demo
{"title": "x"}',
'DELETE /api/rooms/demo/pin',
'DELETE /api/rooms/demo/shelf/tea']
--- error_code eval
[404, 404, 404, 404]
--- response_body_like eval
[(qr/"status":404,"reason":"room_unknown"/) x 4]
--- redis_after
KEYS commerce:[^s]* =>



=== a number of shows that is none is refused, as are too many
--- room
demo
--- request eval
[map { "GET /api/rooms/demo?shows=$_" } qw(x 0 -1 1x 201), '']
--- error_code eval
[(400) x 6]
--- response_body_like eval
[(qr/"reason":"argument_wrong","detail":"\?shows has to be a whole number from 1 to 200"/) x 6]



=== what was counted before the first show is told of when there is something
--- room
demo show 1
--- redis
HSET commerce:{demo}:0:counts c:click:tea 3
--- request
GET /api/rooms/demo
--- response_body_like: "show":0,"started":null,"ended":null,"counts":\{"click":\{"tea":3\}\}



=== a room is no unknown host's, and what is refused changes nothing
--- room_each
demo host anna version 5
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo
{"host": "bea", "state": "closed", "key": "key-number-one-1"}',
'PATCH /api/rooms/demo
{"host": "bea"}',
'PUT /api/rooms/new
{"host": "bea", "state": "open"}']
--- error_code eval
[(404) x 3]
--- response_body_like eval
[(qr/"status":404,"reason":"host_unknown","detail":"there is no such host"/) x 3]
--- redis_after
HMGET commerce:{demo} host state key version => anna open (nil) 5
KEYS commerce:key:* =>
EXISTS commerce:{new} => 0
