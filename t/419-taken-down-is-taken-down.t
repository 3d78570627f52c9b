# A product that is taken down, or off the shelf, leaves the spotlight, whoever
# does it: a node that holds the room adds a cue without a product.  What is to
# come of it is taken back.

use lib 't/lib';
use Commerce::Test;
use Time::HiRes ();

sub ms { int(Time::HiRes::time() * 1000) + shift }

repeat_each(1);

our $shelf = 'location ~ ^/rooms/(?<room>\w+)$ { commerce_room $room; commerce_shelf; }';

# a room with two products, the first one pinned

our $room = <<'END';
HSET commerce:{demo} host anna state open version 5 show 1
ZADD commerce:{demo}:shelf 1 tea 2 pot
HSET commerce:product:{tea} state approved title Tea version 1
HSET commerce:product:{pot} state approved title Pot version 1
END
$room .= 'XADD commerce:{demo}:cues ' . ms(-60000) . '-0 at ' . ms(-60000) .
         " show 1 product tea title Tea\n";

run_tests();

__DATA__

=== taken down by the API
--- config eval
$::shelf
--- redis eval
$::room
--- more_headers
Content-Type: application/json
--- request eval
['GET /rooms/demo', 'PATCH /api/products/tea
{"state": "down"}']
--- response_body_like eval
[qr/"cue":\{.*"product":"tea"/, qr/"version":2/]
--- redis_after
XREVRANGE commerce:{demo}:cues + - COUNT 1 =~ ^\d+-\d+ at \d{13} show 1$
XLEN commerce:{demo}:cues => 2
HGET commerce:{demo} version => 6



=== taken down by others
--- config eval
$::shelf
--- redis eval
$::room
--- request
GET /rooms/demo
--- response_body_like: "cue":\{.*"product":"tea"
--- redis_after
EVAL "redis.call('HSET', KEYS[1], 'state', 'down') return redis.call('PUBLISH', 'commerce:changed:product:{tea}', redis.call('HINCRBY', KEYS[1], 'version', 1)) >= 0 and 'told'" 1 commerce:product:{tea} => told
XREVRANGE commerce:{demo}:cues + - COUNT 1 =~ ^\d+-\d+ at \d{13} show 1$
HGET commerce:{demo} version => 6



=== no record any more
--- config eval
$::shelf
--- redis eval
$::room
--- request
GET /rooms/demo
--- redis_after
EVAL "redis.call('DEL', KEYS[1]) return redis.call('PUBLISH', 'commerce:changed:product:{tea}', 9) >= 0 and 'told'" 1 commerce:product:{tea} => told
XREVRANGE commerce:{demo}:cues + - COUNT 1 =~ ^\d+-\d+ at \d{13} show 1$



=== off the shelf by the API
--- config eval
$::shelf
--- redis eval
$::room
--- request eval
['GET /rooms/demo', 'DELETE /api/rooms/demo/shelf/tea']
--- response_body_like eval
[qr/"cue":\{/, qr/"version":6/]
--- redis_after
XREVRANGE commerce:{demo}:cues + - COUNT 1 =~ ^\d+-\d+ at \d{13} show 1$
HGET commerce:{demo} version => 7



=== off the shelf by others
--- config eval
$::shelf
--- redis eval
$::room
--- request
GET /rooms/demo
--- redis_after
EVAL "redis.call('ZREM', KEYS[2], 'tea') return redis.call('PUBLISH', 'commerce:changed:{demo}', redis.call('HINCRBY', KEYS[1], 'version', 1)) >= 0 and 'told'" 2 commerce:{demo} commerce:{demo}:shelf => told
XREVRANGE commerce:{demo}:cues + - COUNT 1 =~ ^\d+-\d+ at \d{13} show 1$



=== it was down before the node knew of the room
--- config eval
$::shelf
--- redis eval
$::room . "HSET commerce:product:{tea} state down\n"
--- request
GET /rooms/demo
--- redis_after
XREVRANGE commerce:{demo}:cues + - COUNT 1 =~ ^\d+-\d+ at \d{13} show 1$



=== what is to come of another product goes, what is pinned stays
--- config eval
$::shelf
--- redis eval
$::room
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/pin
{"product": "pot", "at": ' . main::ms(3600000) . '}',
'PUT /api/rooms/demo/pin
{"product": "tea", "at": ' . main::ms(3600000) . '}',
'GET /rooms/demo', 'PATCH /api/products/pot
{"state": "down"}']
--- error_code eval
[(200) x 4]
--- redis_after
XLEN commerce:{demo}:cues => 2
EVAL "local out = '' for _, e in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do out = out .. e[2][6] end return out" 1 commerce:{demo}:cues => teatea



=== a room that others close has nothing to come
--- config eval
$::shelf
--- redis eval
$::room
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/pin
{"product": "pot", "at": ' . main::ms(3600000) . '}', 'GET /rooms/demo']
--- redis_after
XLEN commerce:{demo}:cues => 2
EVAL "redis.call('HSET', KEYS[1], 'state', 'closed') return redis.call('PUBLISH', 'commerce:changed:{demo}', redis.call('HINCRBY', KEYS[1], 'version', 1)) >= 0 and 'told'" 1 commerce:{demo} => told
XLEN commerce:{demo}:cues => 1



=== also where its show's cues have a key of a wrong type
--- config eval
$::shelf
--- redis eval
"$::room
SET commerce:{demo}:1:cues x
"
--- request
GET /rooms/demo
--- response_body_like: "cue":\{.*"product":"tea"
--- redis_after
EVAL "redis.call('HSET', KEYS[1], 'state', 'down') return redis.call('PUBLISH', 'commerce:changed:product:{tea}', redis.call('HINCRBY', KEYS[1], 'version', 1)) >= 0 and 'told'" 1 commerce:product:{tea} => told
XREVRANGE commerce:{demo}:cues + - COUNT 1 =~ ^\d+-\d+ at \d{13} show 1$
--- error_log
has cues that can't be kept:
