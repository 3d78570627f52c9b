# A product is pinned from an instant on, and unpinned.

use lib 't/lib';
use Commerce::Test;
use Time::HiRes ();

sub ms { int(Time::HiRes::time() * 1000) + shift }

run_tests();

__DATA__

=== pinned now: the card as it is now goes with the cue
--- commerce
    product_hosts shop.example;
--- room_each
demo host anna show 3 version 5
    tea title "Tea \"fine\"" price 29900 currency CNY link https://shop.example/tea image /tea.svg stock 4 version 8 other field
--- more_headers
Content-Type: application/json
--- request
PUT /api/rooms/demo/pin
{"product": "tea"}
--- response_body_like: ^\{"id":"\d+-\d+","at":\d{13},"version":6\}\n$
--- redis_after
XLEN commerce:{demo}:cues => 1
XRANGE commerce:{demo}:cues - + =~ ^\d+-\d+ at \d{13} show 3 product tea title Tea \S+ price 29900 currency CNY link https://shop.example/tea image /tea.svg version 8$
HGET commerce:{demo} version => 6



=== pinned now is within this second, and later than what was pinned before
--- room_each
demo host anna version 5
    tea title Tea
    lamp title Lamp
--- more_headers
Content-Type: application/json
--- request eval
[('PUT /api/rooms/demo/pin
{"product": "tea"}', 'PUT /api/rooms/demo/pin
{"product": "lamp"}') x 2]
--- error_code eval
[(200) x 4]
--- redis_after
EVAL "local last = 0 for _, e in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do local at = tonumber(e[2][2]) if at <= last then return 'wrong' end last = at end local t = redis.call('TIME') return math.abs(last / 1000 - t[1]) < 10 and 'right' or 'far'" 1 commerce:{demo}:cues => right
XLEN commerce:{demo}:cues => 4



=== five a second, and no more
--- room_each
demo host anna version 5
    tea title Tea
    lamp title Lamp
--- more_headers
Content-Type: application/json
--- request eval
[('PUT /api/rooms/demo/pin
{"product": "tea"}', 'PUT /api/rooms/demo/pin
{"product": "lamp"}') x 3, 'DELETE /api/rooms/demo/pin']
--- error_code eval
[(200) x 5, (429) x 2]
--- response_headers_like eval
[('') x 5, ('Retry-After: 1') x 2]
--- response_body_like eval
[(qr/"version"/) x 5, (qr/too_many_pins/) x 2]
--- redis_after
XLEN commerce:{demo}:cues => 5
HGET commerce:{demo} version => 10



=== asked for at an instant: not before the last cue that has begun
--- room_each
demo host anna version 5
    tea title Tea
--- more_headers
Content-Type: application/json
--- request eval
my $at = main::ms(-3600000);
[map { "PUT /api/rooms/demo/pin\n$_" }
    qq({"product": "tea", "at": $at}),
    qq({"product": "tea", "at": $at}),
    '{"product": "tea", "at": ' . ($at - 1) . '}',
    '{"product": "tea"}']
--- error_code eval
[200, 200, 409, 200]
--- response_body_like eval
[qr/"version":6/, qr/"version":7/, qr/"status":409,"reason":"cue_later"/,
qr/"version":8/]
--- redis_after
EVAL "local e = redis.call('XRANGE', KEYS[1], '-', '+') return {#e, e[2][2][2] - e[1][2][2]}" 1 commerce:{demo}:cues => 3 1



=== instants that are too far away
--- more_headers
Content-Type: application/json
--- request eval
[map { qq(PUT /api/rooms/demo/pin\n{"product": "tea", "at": $_}) }
    main::ms(86400000 + 60000), main::ms(-86400000 - 60000), 0, -1, '"now"']
--- error_code eval
[(400) x 5]
--- response_body_like eval
[(qr{"reason":"field_wrong","detail":"/at has to be}) x 5]



=== only what is on the shelf and approved
--- room_each
demo host anna version 5
    applied state applied title A
    down state down title D
    gone -
--- redis_each
HSET commerce:product:{elsewhere} state approved title E
--- more_headers
Content-Type: application/json
--- request eval
[map { qq(PUT /api/rooms/demo/pin\n{"product": "$_"}) }
    qw(applied down gone elsewhere a.b)]
--- error_code eval
[409, 409, 404, 404, 400]
--- response_body_like eval
[qr/product_not_approved/, qr/product_not_approved/, qr/product_unknown/,
qr/product_not_on_shelf/, qr{/product has to be}]
--- redis_after
EXISTS commerce:{demo}:cues => 0
HGET commerce:{demo} version => 5



=== unpinned: a cue without a product; nothing is unpinned twice
--- room_each
demo host anna version 5 show 1
    tea title Tea
--- more_headers
Content-Type: application/json
--- request eval
['DELETE /api/rooms/demo/pin', 'PUT /api/rooms/demo/pin
{"product": "tea"}',
'DELETE /api/rooms/demo/pin', 'DELETE /api/rooms/demo/pin']
--- error_code eval
[200, 200, 200, 200]
--- response_body_like eval
[qr/^\{"version":5\}$/, qr/"version":6\}/,
qr/^\{"id":"[\d-]+","at":\d+,"version":7\}$/, qr/^\{"version":7\}$/]
--- redis_after
XLEN commerce:{demo}:cues => 2
XREVRANGE commerce:{demo}:cues + - COUNT 1 =~ ^\S+ at \d{13} show 1$



=== a card that others wrote goes into the cue as far as it is fit
--- commerce
    product_hosts shop.example;
--- room_each
demo host anna version 5 show x
    tea title "a\nb\x00c\xff" price cheap currency "E\"R" link https://evil.example/ image "/x y" version many
--- more_headers
Content-Type: application/json
--- request
PUT /api/rooms/demo/pin
{"product": "tea"}
--- response_body_like: "version":6
--- redis_after eval
"XRANGE commerce:{demo}:cues - + =~ product tea title a b c\xef\xbf\xbd currency E\xe2\x80\x9dR\$"



=== 64 KB of text
--- room_each
demo host anna version 5
    tea
--- redis_each
EVAL "redis.call('HSET', KEYS[1], 'title', string.rep('\\240\\159\\141\\181', 16384), 'image', string.rep('x', 65536), 'price', string.rep('1', 65536))" 1 commerce:product:{tea}
--- more_headers
Content-Type: application/json
--- request
PUT /api/rooms/demo/pin
{"product": "tea"}
--- response_body_like: "version":6
--- redis_after
EVAL "local f = redis.call('XRANGE', KEYS[1], '-', '+')[1][2] return {f[7], #f[8], #f}" 1 commerce:{demo}:cues => title 512 10



=== the show's cues have a key of a wrong type: nothing is pinned
--- room_each
demo host anna version 5
    tea title Tea
--- redis_each
SET commerce:{demo}:1:cues x
--- more_headers
Content-Type: application/json
--- request
PUT /api/rooms/demo/pin
{"product": "tea"}
--- error_code: 409
--- response_body_like: wrong_type
--- redis_after
EXISTS commerce:{demo}:cues => 0
HGET commerce:{demo} version => 5
--- error_log
Redis refused:
