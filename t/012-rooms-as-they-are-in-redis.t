# Whatever Redis holds: a clear answer, no crash, one line in the log.

use lib 't/lib';
use Commerce::Test;

no_long_string();
run_tests();

__DATA__

=== a room that does not exist
--- config
location = /r { commerce_room nobody; commerce_shelf; }
--- request
GET /r
--- error_code: 404
--- response_body_like: "reason":"room_unknown"



=== a room whose key has a wrong type
--- redis
SET commerce:{r} x
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- error_code: 404
--- response_body_like: "reason":"room_unknown"



=== a room whose parts have wrong types
--- room
r host anna title Tea
--- redis
SET commerce:{r}:shelf x
LPUSH commerce:{r}:cues x
HSET commerce:{r}:live x y
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- error_code: 200
--- response_body_like: "title":"Tea".*"shelf":\[\]



=== fields that are nonsense
--- redis
HSET commerce:{r} host "a b" state sleeping title "\xff\xfe\n\"" show -1 version x key 123
ZADD commerce:{r}:shelf 1 "no name" 2 ok
XADD commerce:{r}:cues * at soon product ok
XADD commerce:{r}:cues * product ok
XADD commerce:{r}:cues * at 1 product "../x"
HSET commerce:product:{ok} state approved price cheap stock -1
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- error_code: 200
--- response_body_like: "state":"closed".*"product":"ok"



=== a product whose key has a wrong type is not on the shelf
--- room
r host anna
    bad -
    good
--- redis
LPUSH commerce:product:{bad} x
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- response_body_like: "shelf":\[\{"product":"good"[^]]*\]



=== a card with quotes, newlines, control bytes and emoji
--- room
r host anna
    p title "27\" \r\n\x01\xf0\x9f\x8d\xb5\xc3\x28"
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- response_body_like eval
qr/"title":"27\xe2\x80\x9d    \xf0\x9f\x8d\xb5\xef\xbf\xbd\("/



=== a change that is told reaches every worker
--- room
r host anna title one
--- config
location = /r { commerce_room r; commerce_shelf; }
location = /api/ { commerce_api; }
--- redis_each
HSET commerce:{r} title one
HINCRBY commerce:{r} version 1
PUBLISH commerce:changed:{r} 2
--- request
GET /r
--- response_body_like: "title":"one"



=== names that break the rules are unknown rooms
--- room
r host anna
--- config
location ~ ^/r/(?<room>.*)$ { commerce_room $room; commerce_shelf; }
--- request eval
['GET /r/R', 'GET /r/a.b', 'GET /r/%7Br%7D', 'GET /r/',
 'GET /r/' . 'a' x 1024]
--- error_code eval
[404, 404, 404, 404, 404]
