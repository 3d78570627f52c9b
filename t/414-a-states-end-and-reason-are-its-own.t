# A state has an end and a reason of its own: a new state without them has
# none, whatever the one before had.

use lib 't/lib';
use Commerce::Test;
use Time::HiRes ();

sub ms { int(Time::HiRes::time() * 1000) + shift }

run_tests();

__DATA__

=== a ban does not end when an older suspension would have
--- redis_each eval
"FLUSHALL
HSET commerce:host:{past} state suspended reason late until 5 version 7
HSET commerce:host:{next} state suspended reason late until @{[main::ms(60000)]} version 7"
--- more_headers
Content-Type: application/json
--- request eval
[map { ("PATCH /api/hosts/$_\n" . '{"state": "banned"}', "GET /api/hosts/$_") }
    qw(past next)]
--- response_body eval
[map { ("{\"version\":8}\n",
    qq({"host":"$_","state":"banned","version":8,"in_force":"banned"}\n)) }
    qw(past next)]
--- redis_after
HGETALL commerce:host:{past} => state banned version 8
HGETALL commerce:host:{next} => state banned version 8



=== the same state again, with another reason, has no end either
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state banned reason spam until 5 version 7
--- more_headers
Content-Type: application/json
--- request
PATCH /api/hosts/anna
{"state": "banned", "reason": "fakes"}
--- response_body
{"version":8}
--- redis_after
HMGET commerce:host:{anna} state reason until => banned fakes (nil)



=== what is changed without the state stays the state's
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state banned reason spam until 5 version 7
--- more_headers
Content-Type: application/json
--- request eval
['PATCH /api/hosts/anna
{"reason": "fakes"}', 'PATCH /api/hosts/anna
{"until": null}', 'GET /api/hosts/anna']
--- response_body_like eval
[qr/8/, qr/9/, qr/"banned","reason":"fakes","version":9,"in_force":"banned"/]



=== rooms and products that others gave an end and a reason
--- room_each
demo host anna state banned reason fakes until 5 version 7
--- redis_each
HSET commerce:product:{tea} state down title Tea reason fakes until 5 version 7
--- more_headers
Content-Type: application/json
--- request eval
['PATCH /api/rooms/demo
{"state": "open"}', 'PATCH /api/products/tea
{"state": "approved"}']
--- response_body_like eval
[(qr/"version":8/) x 2]
--- redis_after
HMGET commerce:{demo} reason until => (nil) (nil)
HMGET commerce:product:{tea} reason until => (nil) (nil)



=== an end that is not to come, in seconds for one, is refused
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state approved version 7
--- more_headers
Content-Type: application/json
--- request eval
[map { qq(PATCH /api/hosts/anna\n{"state": "banned", "until": $_}) }
    0, 5, main::ms(-1000), int(main::ms(3600000) / 1000), '"tomorrow"', -1,
    main::ms(60000)]
--- error_code eval
[(400) x 6, 200]
--- response_body_like eval
[(qr{"reason":"field_wrong","detail":"/until has to be in the future, in ms}) x 6,
qr/"version":8/]



=== what is in force now
--- redis_each eval
"FLUSHALL
HSET commerce:host:{ended} state suspended until 5 version 1
HSET commerce:host:{still} state suspended until @{[main::ms(60000)]} version 1
HSET commerce:host:{other} state great version 1
HSET commerce:host:{none} reason x"
--- request eval
[map { "GET /api/hosts/$_" } qw(ended still other none)]
--- response_body_like eval
[qr/"suspended",.*"in_force":"approved"/, qr/"suspended",.*"in_force":"suspended"/,
qr/"great",.*"in_force":"applied"/, qr/"in_force":"applied"/]
