# Pins to come are seen, are taken back one by one, and don't hold up what is
# pinned now.

use lib 't/lib';
use Commerce::Test;
use Time::HiRes ();

sub ms { int(Time::HiRes::time() * 1000) + shift }

# XADD as some node did it so long ago, with an instant that far from then

sub cue {
    my ($ago, $at, $product) = @_;
    my $then = ms(-$ago);

    return "XADD commerce:{demo}:cues $then-0 at " . ($then + $at) .
           ' show 1' . ($product ? " product $product title X" : '') . "\n";
}

# a room with two products, live or not

sub room {
    return <<"END" . join '', @_;
FLUSHALL
HSET commerce:{demo} host anna state open version 5 show 1
HSET commerce:{demo}:shows 1:started 5
SET commerce:{demo}:live x
ZADD commerce:{demo}:shelf 1 tea 2 pot
HSET commerce:product:{tea} state approved title Tea
HSET commerce:product:{pot} state approved title Pot
END
}

run_tests();

__DATA__

=== a pin to come does not hold up others
--- redis_each eval
main::room()
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/pin
{"product": "tea", "at": ' . main::ms(3600000) . '}',
'PUT /api/rooms/demo/pin
{"product": "pot"}',
'PUT /api/rooms/demo/pin
{"product": "tea", "at": ' . main::ms(1800000) . '}',
'GET /api/rooms/demo', 'DELETE /api/rooms/demo/pin', 'GET /api/rooms/demo',
'GET /api/rooms/demo/pins']
--- error_code eval
[(200) x 7]
--- response_body_like eval
[qr/"version":6/, qr/"version":7/, qr/"version":8/, qr/"cue":\{.*"product":"pot"/,
qr/"version":9/, qr/"cue":null/,
qr/^\{"pins":\[(\{"id":"[\d-]+","at":\d{13},"show":1,"card":\{"product":"tea","title":"Tea","version":0\}\},?){2}\],"version":9\}$/]



=== they are listed in their order, and none that has begun
--- redis_each eval
main::room(main::cue(5000, -1000, 'tea'), main::cue(4000, 9000000, 'tea'),
    main::cue(3000, 6000000), main::cue(2000, 60000, 'pot'))
--- request
GET /api/rooms/demo/pins
--- response_body_like: ^\{"pins":\[\{[^{]*"card":\{"product":"pot"[^{]*\},\{[^{]*"card":null\},\{[^{]*"card":\{"product":"tea"[^{]*\}\],"version":5\}$



=== one is taken back
--- room_each
demo host anna version 5 show 1
--- redis_each
XADD commerce:{demo}:cues 1795000000000-0 at 4102444800000 show 1 product tea
XADD commerce:{demo}:cues 1795000000001-0 at 4102444700000 show 1 product pot
--- request eval
['DELETE /api/rooms/demo/pins/1795000000001-0', 'GET /api/rooms/demo/pins',
'DELETE /api/rooms/demo/pins/1795000000001-0']
--- error_code eval
[200, 200, 404]
--- response_body_like eval
[qr/^\{"version":6\}$/,
qr/^\{"pins":\[\{"id":"1795000000000-0",[^[]*\],"version":6\}$/, qr/cue_unknown/]
--- redis_after
XLEN commerce:{demo}:cues => 1



=== but not one that has begun, nor under another version
--- room_each
demo host anna version 5 show 1
--- redis_each
XADD commerce:{demo}:cues 1795000000000-0 at 1795000009000 show 1 product tea
XADD commerce:{demo}:cues 1795000000001-0 at 4102444700000 show 1 product pot
--- more_headers
If-Match: "5"
--- request eval
['DELETE /api/rooms/demo/pins/1795000000000-0',
'DELETE /api/rooms/demo/pins/1795000000001-0',
'DELETE /api/rooms/demo/pins/1795000000000-0',
'DELETE /api/rooms/none/pins/1795000000000-0',
'DELETE /api/rooms/demo/pins/1795000000000.0',
'GET /api/rooms/none/pins']
--- error_code eval
[409, 200, 412, 404, 400, 404]
--- response_body_like eval
[qr/cue_begun/, qr/"version":6/, qr/version_differs/, qr/room_unknown/, qr/bad_name/,
qr/room_unknown/]



=== there is a limit to how many
--- redis_each eval
main::room(map { main::cue(1000 - $_, 60000 + $_, 'tea') } 1 .. 100)
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/pin
{"product": "tea", "at": ' . main::ms(3600000) . '}',
'PUT /api/rooms/demo/pin
{"product": "tea"}']
--- error_code eval
[409, 200]
--- response_body_like eval
[qr/cues_full/, qr/"id"/]



=== a room that closes, or is banned, has none; the one in the spotlight stays
--- redis_each eval
main::room(main::cue(5000, -1000, 'tea'), main::cue(4000, 9000000, 'pot'))
--- more_headers
Content-Type: application/json
--- request eval
['PATCH /api/rooms/demo
{"title": "A"}', 'GET /api/rooms/demo/pins', 'PATCH /api/rooms/demo
{"state": "closed"}', 'GET /api/rooms/demo/pins', 'GET /api/rooms/demo']
--- response_body_like eval
[qr/6/, qr/pot/, qr/7/, qr/"pins":\[\]/, qr/"cue":\{.*"tea"/]



=== a show that ended has none, those of the next one stay
--- redis_each eval
main::room(main::cue(9000, -1000, 'tea'), main::cue(8000, 9000000, 'pot'),
    'HSET commerce:{demo}:shows 1:ended ' . main::ms(-5000) . "\n",
    "DEL commerce:{demo}:live\n", main::cue(2000, 9000000, 'tea'))
--- request
GET /api/rooms/demo/pins
--- response_body_like: ^\{"pins":\[\{[^{]*"card":\{"product":"tea"[^{]*\}\],



=== and begins none
--- config
    location ~ ^/rooms/(?<room>\w+)$ { commerce_room $room; commerce_shelf; }
--- redis eval
main::room(main::cue(9000, -1000, 'tea'), main::cue(8000, 6000, 'pot'),
    'HSET commerce:{demo}:shows 1:ended ' . main::ms(-5000) . "\n",
    "DEL commerce:{demo}:live\n")
--- request eval
['GET /api/rooms/demo', 'GET /rooms/demo']
--- response_body_like eval
[(qr/"cue":\{[^{]*"card":\{"product":"tea"/) x 2]



=== between two shows a pin is the next one's
--- redis_each eval
main::room("DEL commerce:{demo}:live\n",
    'HSET commerce:{demo}:shows 1:ended ' . main::ms(-5000) . "\n")
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/rooms/demo/pin
{"product": "tea"}', 'GET /api/rooms/demo']
--- response_body_like eval
[qr/"id"/, qr/"cue":\{[^{]*"show":2,/]
