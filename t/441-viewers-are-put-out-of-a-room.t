# Viewers are banned from a room, let in again, and signed out.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== banned for ever, until a time, and let in again
--- room_each
demo host anna
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/out/u42',
'GET /api/rooms/demo/out/u42',
'PUT /api/rooms/demo/out/u42
{"until": 32503680000000}',
'GET /api/rooms/demo/out/u42',
'GET /api/rooms/demo/out',
'DELETE /api/rooms/demo/out/u42',
'DELETE /api/rooms/demo/out/u42',
'GET /api/rooms/demo/out/u42',
'GET /api/rooms/demo/out']
--- error_code eval
[201, 200, 200, 200, 200, 200, 404, 200, 200]
--- response_body_like eval
[qr/^\{"version":1,"until":null\}$/,
 qr/^\{"viewer":"u42","banned":true,"until":null,"version":1\}$/,
 qr/^\{"version":2,"until":32503680000000\}$/,
 qr/^\{"viewer":"u42","banned":true,"until":32503680000000,"version":2\}$/,
 qr/^\{"out":\[\{"viewer":"u42","banned":true,"until":32503680000000\}\],"next":null,"version":2\}$/,
 qr/^\{"version":3\}$/,
 qr/"reason":"viewer_not_banned"/,
 qr/^\{"viewer":"u42","banned":false,"version":3\}$/,
 qr/^\{"out":\[\],"next":null,"version":3\}$/]
--- redis_after
HGETALL commerce:{demo}:out =~ ^version 3 born \d{13}$
EXISTS commerce:{demo}:out:ends => 0
XRANGE commerce:events - + =~ type viewer_banned room demo host anna viewer u42 client \S+ node \S+ at \d{13} .*type viewer_banned room demo host anna viewer u42 until 32503680000000 .*type viewer_ban_lifted room demo host anna viewer u42



=== a ban for ever keeps the key, one with an end lets it go then
--- room_each
demo host anna
other host anna
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/out/~0123456789012345678901',
'PUT /api/rooms/other/out/u42
{"until": 32503680000000}']
--- error_code eval
[201, 201]
--- redis_after
HGETALL commerce:{demo}:out =~ ^version 1 born \d{13} b:~0123456789012345678901 0$
ZRANGE commerce:{demo}:out:ends 0 -1 WITHSCORES => b:~0123456789012345678901 inf
PTTL commerce:{demo}:out => -1
PTTL commerce:{demo}:out:ends => -1
PEXPIRETIME commerce:{other}:out =~ ^32503\d{9}$
PEXPIRETIME commerce:{other}:out:ends =~ ^32503\d{9}$



=== signed out: one, and everybody
--- room_each
demo host anna
--- more_headers
Content-Type: application/json
--- request eval
['POST /api/rooms/demo/signout
{"viewer": "u42"}',
'POST /api/rooms/demo/signout
{"everybody": true}',
'GET /api/rooms/demo/out/u42',
'GET /api/rooms/demo/out']
--- error_code eval
[200, 200, 200, 200]
--- response_body_like eval
[qr/^\{"version":1,"from":\d{13}\}$/,
 qr/^\{"version":2,"from":\d{13}\}$/,
 qr/^\{"viewer":"u42","banned":false,"signed_out":\d{13},"version":2\}$/,
 qr/^\{"out":\[\{"viewer":"u42","signed_out":\d{13}\},\{"everybody":true,"signed_out":\d{13}\}\],"next":null,"version":2\}$/]
--- redis_after
HGET commerce:{demo}:out s:u42 =~ ^\d{13}$
HGET commerce:{demo}:out s:* =~ ^\d{13}$
PTTL commerce:{demo}:out =~ ^86[34]\d{5}$
XRANGE commerce:events - + =~ type viewer_signed_out room demo host anna viewer u42 from \d{13} .*type viewer_signed_out room demo host anna viewer \* from \d{13}



=== requests that are wrong
--- room_each
demo host anna
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/nowhere/out/u42',
'GET /api/rooms/nowhere/out',
'GET /api/rooms/nowhere/out/u42',
'PUT /api/rooms/demo/out/a.b',
'PUT /api/rooms/demo/out/~short',
'PUT /api/rooms/demo/out/u42
{"until": 1000}',
'PUT /api/rooms/demo/out/u42
{"until": "x"}',
'POST /api/rooms/demo/signout
{}',
'POST /api/rooms/demo/signout
{"viewer": "u42", "everybody": true}',
'POST /api/rooms/demo/signout
{"everybody": false}',
'POST /api/rooms/demo/signout
{"viewer": "*"}',
'POST /api/rooms/nowhere/signout
{"viewer": "u42"}',
'GET /api/rooms/demo/out?from=x',
'PUT /api/rooms/demo/signout
{"viewer": "u42"}']
--- error_code eval
[404, 404, 404, 400, 400, 400, 400, 400, 400, 400, 400, 404, 400, 405]
--- response_body_like eval
[qr/room_unknown/, qr/room_unknown/, qr/room_unknown/, qr/bad_name/,
 qr/bad_name/, qr/field_wrong/, qr/field_wrong/, qr/field_missing/,
 qr/field_missing/, qr/field_wrong/, qr/field_wrong/, qr/room_unknown/,
 qr/argument_wrong/, qr/method_not_allowed/]
--- redis_after
EXISTS commerce:{demo}:out => 0
EXISTS commerce:{nowhere}:out => 0
EXISTS commerce:events => 0



=== conditions are about the version of who is out
--- room_each
demo host anna version 7
--- more_headers
Content-Type: application/json
If-None-Match: *
--- request eval
['PUT /api/rooms/demo/out/u42', 'PUT /api/rooms/demo/out/u42',
 'PUT /api/rooms/demo/out/u43']
--- error_code eval
[201, 412, 201]
--- redis_after
HGET commerce:{demo}:out version => 2
HGET commerce:{demo} version => 7



=== what has ended is dropped, and what the backend wrote is counted
--- room_each
demo host anna
--- redis_each
HSET commerce:{demo}:out version 4 b:old 1000 s:old 1000 b:mine 0 s:* 1000
--- more_headers
Content-Type: application/json
--- request
PUT /api/rooms/demo/out/u42
--- error_code: 201
--- response_body_like: "version":5
--- redis_after
HLEN commerce:{demo}:out => 4
HGET commerce:{demo}:out b:mine => 0
ZCARD commerce:{demo}:out:ends => 2
XLEN commerce:{demo}:out:changes => 1



=== at most 10,000
--- room_each
demo host anna
--- redis_each
EVAL "for i = 1, 9999 do redis.call('HSET', KEYS[1], 'b:v' .. i, 0) end" 1 commerce:{demo}:out
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/out/u42', 'PUT /api/rooms/demo/out/u43',
 'POST /api/rooms/demo/signout
{"everybody": true}',
 'PUT /api/rooms/demo/out/u42
{"until": 32503680000000}',
 'DELETE /api/rooms/demo/out/v1',
 'PUT /api/rooms/demo/out/u43']
--- error_code eval
[201, 409, 409, 200, 200, 201]
--- response_body_like eval
[qr/version/, qr/out_full/, qr/out_full/, qr/version/, qr/version/,
 qr/version/]
--- redis_after
HLEN commerce:{demo}:out => 10002
ZCARD commerce:{demo}:out:ends => 10000
