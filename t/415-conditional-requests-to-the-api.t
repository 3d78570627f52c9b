# A record's version is its tag.  A write that depends on it is made as long as
# nobody else has written, or not at all.

use lib 't/lib';
use Commerce::Test;
use Compress::Zlib qw(crc32);

# a room as it is read after so many clicks, and its tag

sub room {
    my $clicks = shift;

    return '{"room":"demo","host":"anna","state":"open","show":1,"version":8,' .
           '"live":false,"media":null,"shelf":[],"cue":null,"shows":[{"show":1,' .
           '"started":5,"ended":6,"counts":{"click":{"tea":' . $clicks .
           "}}}]}\n";
}

sub tag { sprintf '"8-%08x"', crc32(room(shift)) }

run_tests();

__DATA__

=== answers have the version as their tag
--- redis_each
FLUSHALL
HSET commerce:{demo} host anna state open version 3
HSET commerce:product:{tea} state approved title Tea link https://a.example/
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/hosts/anna
{"state": "approved"}', 'PATCH /api/hosts/anna
{"reason": "x"}', 'GET /api/hosts/anna',
'PUT /api/rooms/demo/shelf/tea', 'PUT /api/rooms/demo/pin
{"product": "tea"}', 'DELETE /api/rooms/demo/pin',
'DELETE /api/rooms/demo/shelf/tea']
--- error_code eval
[201, 200, 200, 201, 200, 200, 200]
--- response_headers eval
[map { qq(ETag: "$_") } 1, 2, 2, 4, 5, 6, 7]



=== a write that depends on another version is not made
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved version 8
--- more_headers eval
"Content-Type: application/json
If-Match: \"7\""
--- request eval
['PUT /api/hosts/anna
{"state": "banned"}', 'PATCH /api/hosts/anna
{"state": "banned"}', 'PUT /api/hosts/new
{"state": "approved"}', 'GET /api/hosts/anna', 'PATCH /api/hosts/new
{"state": "banned"}']
--- error_code eval
[(412) x 4, 404]
--- response_headers eval
[('Content-Type: application/problem+json') x 5]
--- response_body_like eval
[qr/^\{"type":"about:blank","title":"Precondition Failed","status":412,"reason":"version_differs","detail":"[^"]+","version":8\}\n$/,
qr/"version":8\}/, qr/"version":null\}/, qr/"version":8\}/, qr/host_unknown/]
--- redis_after
HGETALL commerce:host:{anna} => state approved version 8
EXISTS commerce:host:{new} => 0



=== one that depends on this version is, if only once
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved version 8
--- more_headers
Content-Type: application/json
If-Match: "3", "8-0abc" , "x,8"
--- request eval
['PATCH /api/hosts/anna
{"state": "banned"}', 'PATCH /api/hosts/anna
{"state": "approved"}']
--- error_code eval
[200, 412]
--- response_headers eval
['ETag: "9"', 'ETag: ']
--- redis_after
HGETALL commerce:host:{anna} => state banned version 9



=== what is no version, or weak, is nobody's
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved version 8
--- more_headers
Content-Type: application/json
If-Match: W/"8", "x", "", "8x", "-8", "a,8,b"
--- request
PATCH /api/hosts/anna
{"state": "banned"}
--- error_code: 412
--- redis_after
HGET commerce:host:{anna} state => approved



=== If-Match: * is for what there is
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved
--- more_headers
Content-Type: application/json
If-Match: *
--- request eval
['PUT /api/hosts/anna
{"state": "banned"}', 'PUT /api/hosts/new
{"state": "approved"}']
--- error_code eval
[200, 412]
--- redis_after
EXISTS commerce:host:{new} => 0



=== If-None-Match: * is for what there is not
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved version 8
--- more_headers
Content-Type: application/json
If-None-Match: *
--- request eval
['PUT /api/hosts/anna
{"state": "banned"}', 'PUT /api/hosts/new
{"state": "approved"}', 'PUT /api/hosts/new
{"state": "banned"}']
--- error_code eval
[412, 201, 412]
--- response_body_like eval
[qr/"reason":"version_differs",.*"version":8/, qr/1/, qr/"version":1/]
--- redis_after
HGET commerce:host:{anna} state => approved
HGET commerce:host:{new} state => approved



=== parts of a room: the version is the room's, * is for the part
--- room_each
demo host anna version 8
    tea title Tea link https://a.example/
--- redis_each
HSET commerce:product:{pot} state approved title Pot link https://a.example/
--- more_headers
Content-Type: application/json
If-None-Match: *
--- request eval
['PUT /api/rooms/demo/shelf/tea', 'PUT /api/rooms/demo/shelf/pot',
'PUT /api/rooms/demo/pin
{"product": "tea"}', 'PUT /api/rooms/demo/pin
{"product": "pot"}', 'DELETE /api/rooms/demo/pin',
'DELETE /api/rooms/demo/shelf/tea', 'PUT /api/rooms/none/pin
{"product": "tea"}']
--- error_code eval
[412, 201, 200, 412, 412, 412, 404]
--- redis_after
HGET commerce:{demo} version => 10
ZRANGE commerce:{demo}:shelf 0 -1 => tea pot
XLEN commerce:{demo}:cues => 1



=== parts of a room that depend on its version
--- room_each
demo host anna version 8
    tea title Tea link https://a.example/
--- redis_each
HSET commerce:product:{pot} state approved title Pot link https://a.example/
--- more_headers
Content-Type: application/json
If-Match: "8"
--- request eval
['PUT /api/rooms/demo/shelf/pot', 'PUT /api/rooms/demo/shelf/pot',
'PUT /api/rooms/demo/pin
{"product": "tea"}', 'DELETE /api/rooms/demo/pin',
'DELETE /api/rooms/demo/shelf/tea']
--- error_code eval
[201, 412, 412, 412, 412]
--- response_body_like eval
[qr/"version":9/, (qr/"status":412,.*"version":9\}/) x 4]
--- redis_after
HGET commerce:{demo} version => 9



=== what one has already is not sent again
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved version 8
HSET commerce:host:{bert} state approved version 9
--- more_headers
If-None-Match: "7", W/"8"
--- request eval
['GET /api/hosts/anna', 'HEAD /api/hosts/anna', 'GET /api/hosts/bert']
--- error_code eval
[304, 304, 200]
--- response_headers eval
['ETag: "8"', 'ETag: "8"', 'ETag: "9"']
--- response_body eval
['', '', qq({"host":"bert","state":"approved","version":9,"in_force":"approved"}\n)]



=== a suspension that has ended is told though the version is the same
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state suspended until 5 version 8
--- more_headers
If-None-Match: "8"
--- request
GET /api/hosts/anna
--- response_headers_like
ETag: "8-[0-9a-f]{8}"
--- response_body_like: "in_force":"approved"



=== a room is told anew when its counts are others
--- room_each
demo host anna version 8 show 1
--- redis_each
HSET commerce:{demo}:shows 1:started 5 1:ended 6
HSET commerce:{demo}:1:counts c:click:tea 41
--- more_headers eval
'If-None-Match: "8", ' . main::tag(40)
--- request
GET /api/rooms/demo?shows=1
--- response_headers eval
'ETag: ' . main::tag(41)
--- response_body eval
main::room(41)



=== and not before
--- room_each
demo host anna version 8 show 1
--- redis_each
HSET commerce:{demo}:shows 1:started 5 1:ended 6
HSET commerce:{demo}:1:counts c:click:tea 41
--- more_headers eval
'If-None-Match: ' . main::tag(41)
--- request
GET /api/rooms/demo?shows=1
--- error_code: 304



=== for a change of the room its version is what counts
--- room_each
demo host anna version 8 show 1
--- more_headers eval
"Content-Type: application/json
If-Match: " . main::tag(40)
--- request eval
['PATCH /api/rooms/demo
{"title": "A"}', 'PATCH /api/rooms/demo
{"title": "B"}']
--- error_code eval
[200, 412]



=== dates are not judged
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved version 8
--- more_headers
If-Modified-Since: Sun, 22 Nov 2026 19:00:00 GMT
If-Unmodified-Since: Thu, 22 Nov 2001 19:00:00 GMT
--- request
GET /api/hosts/anna
--- response_body_like: "version":8



=== conditions that make no sense
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved version 8
--- more_headers
Content-Type: application/json
If-Match: 8
--- request
PATCH /api/hosts/anna
{"state": "banned"}
--- error_code: 400
--- response_body_like: "reason":"condition_wrong"
--- redis_after
HGET commerce:host:{anna} state => approved



=== a reason to refuse comes before the condition
--- more_headers
If-None-Match: *
If-Match: "1"
--- request eval
['GET /api/hosts/none', 'GET /api/shops/none', 'POST /api/hosts/none']
--- error_code eval
[404, 404, 405]
