# A room's stream key is kept as its hash, and a hint leads from it to the
# room.

use lib 't/lib';
use Commerce::Test;
use Digest::SHA ();

$ENV{TEST_NGINX_ONE} = Digest::SHA::sha256_hex('key-number-one-1');
$ENV{TEST_NGINX_TWO} = Digest::SHA::sha256_hex('key-number-two-2');

run_tests();

__DATA__

=== a key is replaced, then taken away
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo
{"host": "anna", "state": "open", "key": "key-number-one-1"}',
'PATCH /api/rooms/demo
{"key": "key-number-two-2"}']
--- error_code eval
[201, 200]
--- redis_after
HGET commerce:{demo} key => $TEST_NGINX_TWO
GET commerce:key:{$TEST_NGINX_TWO} => demo
PTTL commerce:key:{$TEST_NGINX_TWO} => -1
PTTL commerce:key:{$TEST_NGINX_ONE} =~ ^(-2|\d+)$



=== a put without a key keeps it
--- room_each
demo host anna key $TEST_NGINX_ONE
--- redis_each
SET commerce:key:{$TEST_NGINX_ONE} demo
--- more_headers
Content-Type: application/json
--- request
PUT /api/rooms/demo
{"host": "anna", "state": "closed"}
--- redis_after
HGET commerce:{demo} key => $TEST_NGINX_ONE
GET commerce:key:{$TEST_NGINX_ONE} => demo
PTTL commerce:key:{$TEST_NGINX_ONE} => -1



=== null takes it away
--- room_each
demo host anna key $TEST_NGINX_ONE
--- redis_each
MSET commerce:key:{$TEST_NGINX_ONE} demo commerce:key:{$TEST_NGINX_TWO} other
--- more_headers
Content-Type: application/json
--- request
PUT /api/rooms/demo
{"host": "anna", "state": "closed", "key": null}
--- redis_after
HEXISTS commerce:{demo} key => 0
GET commerce:key:{$TEST_NGINX_TWO} => other
PTTL commerce:key:{$TEST_NGINX_ONE} =~ ^(-2|\d+)$



=== the same key again
--- room_each
demo host anna key $TEST_NGINX_ONE
--- redis_each
SET commerce:key:{$TEST_NGINX_ONE} demo
--- more_headers
Content-Type: application/json
--- request
PATCH /api/rooms/demo
{"key": "key-number-one-1"}
--- redis_after
HGET commerce:{demo} key => $TEST_NGINX_ONE
GET commerce:key:{$TEST_NGINX_ONE} => demo
PTTL commerce:key:{$TEST_NGINX_ONE} => -1



=== another room's key is refused
--- room_each
other host anna key $TEST_NGINX_ONE
demo host anna key $TEST_NGINX_TWO
--- redis_each
SET commerce:key:{$TEST_NGINX_ONE} other
--- more_headers
Content-Type: application/json
--- request
PATCH /api/rooms/demo
{"key": "key-number-one-1"}
--- error_code: 409
--- response_body_like: "reason":"key_taken"
--- redis_after
HGET commerce:{demo} key => $TEST_NGINX_TWO
HGET commerce:{demo} version => 1
GET commerce:key:{$TEST_NGINX_ONE} => other



=== a hint to a room that the key does not open is no hindrance
--- room_each
other host anna
demo host anna
--- redis_each
MSET commerce:key:{$TEST_NGINX_ONE} gone commerce:key:{$TEST_NGINX_TWO} other
--- more_headers
Content-Type: application/json
--- request eval
['PATCH /api/rooms/demo
{"key": "key-number-one-1"}',
'PATCH /api/rooms/demo
{"key": "key-number-two-2"}']
--- error_code eval
[200, 200]
--- redis_after
HGET commerce:{demo} key => $TEST_NGINX_TWO
GET commerce:key:{$TEST_NGINX_TWO} => demo
PTTL commerce:key:{$TEST_NGINX_TWO} => -1
PTTL commerce:key:{$TEST_NGINX_ONE} =~ ^(-2|\d+)$



=== a key claimed for a room that is not there opens another
--- room_each
demo host anna
--- more_headers
Content-Type: application/json
--- request eval
['PATCH /api/rooms/unknown
{"key": "key-number-one-1"}',
'PATCH /api/rooms/demo
{"key": "key-number-one-1"}']
--- error_code eval
[404, 200]
--- redis_after
GET commerce:key:{$TEST_NGINX_ONE} => demo
PTTL commerce:key:{$TEST_NGINX_ONE} => -1



=== a key is never told: not in answers, not in the log
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo
{"host": "anna", "state": "open", "key": "key-number-one-1"}',
'PUT /api/rooms/demo
{"host": "anna", "state": "open", "key": "key number one 1"}',
'GET /api/rooms/demo']
--- error_code eval
[201, 400, 200]
--- response_body_unlike eval
[(qr/number|key-|"key"|$ENV{TEST_NGINX_ONE}/) x 3]
--- no_error_log eval
[qr/number.one/, qr/$ENV{TEST_NGINX_ONE}/]



=== a key in a body that is cut off is not logged
--- more_headers
Content-Type: application/json
--- request
PATCH /api/rooms/demo
{"key": "key-number-one-1
--- error_code: 400
--- response_body_like: "json_invalid","detail":"line 1, column
--- error_log
commerce_api refused a request: json_invalid
--- no_error_log eval
qr/number.one/
