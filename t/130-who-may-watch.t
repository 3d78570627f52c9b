# commerce_access: who is let into a room, and what the others are told.

use lib 't/lib';
use Commerce::Test;
use Commerce::Env qw(write_file);
use Commerce::Token;

write_secret("$ENV{TEST_NGINX_DIR}/secret");

our $r = viewer_token('demo', 'u42');
our $i = viewer_token('demo', 'u42', kind => 'i');
our $old = viewer_token('demo', 'u42', expires => 1);
our $earlier = viewer_token('demo', 'u42', issued => (time() - 120) * 1000);

write_file("$ENV{TEST_NGINX_DIR}/in", "in\n");

$ENV{TEST_NGINX_SECRET} = "secret $ENV{TEST_NGINX_DIR}/secret;";
$ENV{TEST_NGINX_ROOMS} = <<"CONF";
    location ~ "^/(?<room>[^/]+)/index.html\$" {
        alias            $ENV{TEST_NGINX_DIR}/in;
        commerce_room    \$room;
        commerce_access  on;
    }
CONF

run_tests();

__DATA__

=== a public room is anybody's, whatever he brings
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo
--- request eval
["GET /demo/index.html", map { "GET /demo/index.html?viewer=$_" }
 $::r, $::i, $::old, 'x', '']
--- error_code eval
[(200) x 6]
--- response_body eval
[("in\n") x 6]
--- no_error_log
commerce refused



=== but not of who is out of it
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo
--- redis
HSET commerce:{demo}:out b:u42 0 version 1
--- request eval
["GET /demo/index.html", map { "GET /demo/index.html?viewer=$_" } $::r, $::i]
--- error_code eval
[200, 403, 403]
--- response_body_like eval
["in", (qr/"status":403,"reason":"viewer_banned"/) x 2]
--- error_log
commerce refused a request: viewer_banned



=== an unlisted room takes a token for it
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request eval
["GET /demo/index.html", map { "GET /demo/index.html?viewer=$_" }
 $::r, $::i, $::old, 'x']
--- error_code eval
[401, 200, 403, 403, 403]
--- response_headers eval
['WWW-Authenticate: Bearer realm="demo"
Content-Type: application/problem+json
Cache-Control: no-store',
'WWW-Authenticate:
Cache-Control:',
'WWW-Authenticate: Bearer realm="demo", error="insufficient_scope"
Cache-Control: no-store',
('WWW-Authenticate: Bearer realm="demo", error="invalid_token"
Cache-Control: no-store') x 2]
--- response_body eval
[(map { qq({"type":"about:blank","title":"$$_[0]","status":$$_[1],"reason":"$$_[2]"}\n) }
  ['Unauthorized', 401, 'proof_missing']),
 "in\n",
 (map { qq({"type":"about:blank","title":"Forbidden","status":403,"reason":"$_"}\n) }
  'proof_insufficient', 'proof_expired', 'proof_wrong')]



=== one that is unknown answers the same until something is proved
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- request eval
["GET /demo/index.html", map { "GET /demo/index.html?viewer=$_" }
 $::r, $::i, $::old, 'x']
--- error_code eval
[401, 404, 403, 403, 403]
--- response_headers eval
['WWW-Authenticate: Bearer realm="demo"
Content-Type: application/problem+json
Cache-Control: no-store',
'WWW-Authenticate:
Cache-Control: no-store',
'WWW-Authenticate: Bearer realm="demo", error="insufficient_scope"
Cache-Control: no-store',
('WWW-Authenticate: Bearer realm="demo", error="invalid_token"
Cache-Control: no-store') x 2]
--- response_body eval
[(map { qq({"type":"about:blank","title":"$$_[0]","status":$$_[1],"reason":"$$_[2]"}\n) }
  ['Unauthorized', 401, 'proof_missing'], ['Not Found', 404, 'room_unknown']),
 (map { qq({"type":"about:blank","title":"Forbidden","status":403,"reason":"$_"}\n) }
  'proof_insufficient', 'proof_expired', 'proof_wrong')]



=== a name that is none
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- request eval
['GET /De.mo/index.html', 'GET /' . 'x' x 65 . '/index.html',
 'GET /d%00mo/index.html', 'GET /..%2f/index.html']
--- error_code eval
[404, 404, 400, 400]



=== a room that is to come says when
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo state scheduled starts 1795374000123
soon state scheduled
--- request eval
['GET /demo/index.html', 'GET /soon/index.html']
--- error_code eval
[403, 403]
--- response_body_like eval
[qr/"reason":"room_scheduled","starts":1795374000123\}$/,
 qr/"reason":"room_scheduled"\}$/]



=== if it is unlisted, to those who may know of it
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo state scheduled starts 1795374000123 visibility unlisted
--- request eval
["GET /demo/index.html", "GET /demo/index.html?viewer=$::r"]
--- error_code eval
[401, 403]
--- response_body_like eval
[qr/"reason":"proof_missing"\}/, qr/"reason":"room_scheduled","starts"/]



=== a closed one has its replay
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo state closed
--- request
GET /demo/index.html
--- response_body
in



=== a banned one has nothing
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo state banned
--- request eval
["GET /demo/index.html", "GET /demo/index.html?viewer=$::r"]
--- error_code eval
[403, 403]
--- response_body_like eval
[(qr/"reason":"room_banned"/) x 2]



=== nor have those of a banned host
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo host anna
--- redis
HSET commerce:host:{anna} state banned version 2
--- request
GET /demo/index.html
--- error_code: 403
--- response_body_like: "reason":"host_banned"



=== a host who is to be approved, or is none, keeps nobody out
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- redis
HSET commerce:{demo} host nobody state open
HSET commerce:{other} host anna state open
HSET commerce:host:{anna} state applied
--- request eval
['GET /demo/index.html', 'GET /other/index.html']
--- error_code eval
[200, 200]
--- no_error_log
commerce refused



=== a signed out viewer comes back with a later token
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- redis eval
'HSET commerce:{demo}:out s:u42 ' . (int(time) - 60) . '000 version 1'
--- request eval
[map { "GET /demo/index.html?viewer=$_" } $::r, $::earlier]
--- error_code eval
[200, 403]
--- response_headers eval
['Cache-Control:', 'WWW-Authenticate: Bearer realm="demo", error="invalid_token"']
--- response_body_like eval
['in', qr/"reason":"viewer_signed_out"/]



=== HEAD
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request eval
["HEAD /demo/index.html", "HEAD /demo/index.html?viewer=$::r"]
--- error_code eval
[401, 200]
--- response_body eval
['', '']



=== POST
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request
POST /demo/index.html
some body
--- error_code: 401



=== a preflight carries no proof, and is the location's to answer
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- more_headers
Origin: http://shop.example
Access-Control-Request-Method: GET
--- request
OPTIONS /demo/index.html
--- error_code: 405



=== other OPTIONS are as any request
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request
OPTIONS /demo/index.html
--- error_code: 401
