# A room's codes: made by the edge, kept as what nobody can read them from, told
# of without them, withdrawn.

use lib 't/lib';
use Commerce::Env qw(write_file);
use Commerce::Test;

$ENV{TEST_NGINX_SECRET} = "$ENV{TEST_NGINX_DIR}/secret";
write_file($ENV{TEST_NGINX_SECRET}, "0123456789abcdef0123456789abcdef\n");

$ENV{TEST_NGINX_UNTIL} = (time + 3600) * 1000;
$ENV{TEST_NGINX_LATER} = (time + 7200) * 1000;
$ENV{TEST_NGINX_PAST} = (time - 1) * 1000;
$ENV{TEST_NGINX_FAR} = (time + 400 * 86400) * 1000;

run_tests();

__DATA__

=== a code is made
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- more_headers
Content-Type: application/json
--- request eval
qq(POST /api/rooms/demo/codes
{"label": "friends \\"of\\" Anna", "until": $ENV{TEST_NGINX_UNTIL}, "uses": 20})
--- error_code: 201
--- response_headers
Cache-Control: no-store
ETag: "1"
--- response_body_like eval
qr/^\{"id":"[\w-]{22}","code":"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}","label":"friends \\"of\\" Anna","until":$ENV{TEST_NGINX_UNTIL},"uses":20,"version":1\}$/
--- redis_after
HLEN commerce:{demo}:codes => 4
HVALS commerce:{demo}:codes =~ ^\d+ 20 0 friends "of" Anna$
PEXPIRETIME commerce:{demo}:codes => $TEST_NGINX_UNTIL
HGET commerce:{demo} version => 1



=== it may have neither label nor bound
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- more_headers
Content-Type: application/json
--- request eval
qq(POST /api/rooms/demo/codes
{"until": $ENV{TEST_NGINX_UNTIL}})
--- error_code: 201
--- response_body_like eval
qr/^\{"id":"[^"]+","code":"[^"]+","until":\d+,"uses":1000000,"version":1\}$/



=== two codes, which are listed without what they are
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- more_headers
Content-Type: application/json
--- request eval
[(map { qq(POST /api/rooms/demo/codes
{"label": "$_", "until": $ENV{TEST_NGINX_UNTIL}, "uses": 5}) } qw(one two)),
'GET /api/rooms/demo/codes']
--- error_code eval
[201, 201, 200]
--- response_body_like eval
[qr/"label":"one"/, qr/"label":"two"/,
qr/^\{"codes":\[\{"id":"[\w-]{22}","until":\d+,"uses":5,"used":0,"label":"(one|two)"\},\{"id":"[\w-]{22}","until":\d+,"uses":5,"used":0,"label":"(?!\1)(one|two)"\}\],"version":1\}$/]
--- no_error_log eval
qr/[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}/



=== the last to end says how long they are kept
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- more_headers
Content-Type: application/json
--- request eval
[map { qq(POST /api/rooms/demo/codes
{"until": $ENV{$_}}) } qw(TEST_NGINX_LATER TEST_NGINX_UNTIL)]
--- error_code eval
[201, 201]
--- redis_after
PEXPIRETIME commerce:{demo}:codes => $TEST_NGINX_LATER



=== those that have ended are not listed, and go when one is made
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- redis_each
HSET commerce:{demo}:codes aaaaaaaaaaaaaaaaaaaaaa:until $TEST_NGINX_PAST aaaaaaaaaaaaaaaaaaaaaa:uses 3 aaaaaaaaaaaaaaaaaaaaaa:used 3 aaaaaaaaaaaaaaaaaaaaaa:label old
--- more_headers
Content-Type: application/json
--- request eval
['GET /api/rooms/demo/codes',
qq(POST /api/rooms/demo/codes
{"until": $ENV{TEST_NGINX_UNTIL}})]
--- error_code eval
[200, 201]
--- response_body_like eval
[qr/^\{"codes":\[\],"version":1\}$/, qr/"id"/]
--- redis_after
HLEN commerce:{demo}:codes => 4
HVALS commerce:{demo}:codes =~ ^\d+ 1000000 0 $



=== a code is withdrawn, with who came by it
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- redis_each
HSET commerce:{demo}:codes aaaaaaaaaaaaaaaaaaaaaa:until $TEST_NGINX_UNTIL aaaaaaaaaaaaaaaaaaaaaa:uses 3 aaaaaaaaaaaaaaaaaaaaaa:used 1 aaaaaaaaaaaaaaaaaaaaaa:label old
SADD commerce:{demo}:code:aaaaaaaaaaaaaaaaaaaaaa somebody
--- request eval
['DELETE /api/rooms/demo/codes/aaaaaaaaaaaaaaaaaaaaaa',
'DELETE /api/rooms/demo/codes/aaaaaaaaaaaaaaaaaaaaaa',
'DELETE /api/rooms/none/codes/aaaaaaaaaaaaaaaaaaaaaa']
--- error_code eval
[200, 404, 404]
--- response_body_like eval
[qr/^\{"version":1\}$/, qr/"reason":"code_unknown"/, qr/"reason":"room_unknown"/]
--- redis_after
EXISTS commerce:{demo}:codes commerce:{demo}:code:aaaaaaaaaaaaaaaaaaaaaa => 0



=== what a code may not be
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- more_headers
Content-Type: application/json
--- request eval
[map { "POST /api/rooms/demo/codes\n$_" }
'{}', '{"until": 1}', qq({"until": $ENV{TEST_NGINX_FAR}}),
qq({"until": "$ENV{TEST_NGINX_UNTIL}"}),
(map { qq({"until": $ENV{TEST_NGINX_UNTIL}, $_}) }
'"uses": 0', '"uses": 1000001', '"uses": "3"', '"label": 7',
'"label": "a\u0007"', '"code": "MY-OWN"', '"uses": 1, "uses": 2')]
--- error_code eval
[(400) x 11]
--- response_body_like eval
[qr/"field_missing","detail":"\/until is required"/, (qr/"field_wrong"/) x 8,
qr/"field_unknown"/, qr/"json_invalid"/]
--- redis_after
EXISTS commerce:{demo}:codes => 0



=== rooms that are not there, methods that are not for codes
--- commerce
secret $TEST_NGINX_SECRET;
--- more_headers
Content-Type: application/json
--- request eval
[qq(POST /api/rooms/none/codes
{"until": $ENV{TEST_NGINX_UNTIL}}), 'GET /api/rooms/none/codes', 'PUT /api/rooms/none/codes',
'GET /api/rooms/none/codes/x', 'DELETE /api/rooms/none/codes/a.b']
--- error_code eval
[404, 404, 405, 405, 400]
--- response_headers eval
['', '', 'Allow: GET, HEAD, POST', 'Allow: DELETE', '']
--- response_body_like eval
[qr/room_unknown/, qr/room_unknown/, qr/method_not_allowed/,
qr/method_not_allowed/, qr/bad_name/]



=== under a condition of the room's version
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- more_headers
Content-Type: application/json
If-Match: "7"
--- request eval
[qq(POST /api/rooms/demo/codes
{"until": $ENV{TEST_NGINX_UNTIL}}), 'DELETE /api/rooms/demo/codes/x']
--- error_code eval
[412, 404]
--- redis_after
EXISTS commerce:{demo}:codes => 0



=== a room has as many as can be overlooked
--- commerce
secret $TEST_NGINX_SECRET;
--- room_each
demo
--- redis_each
EVAL "for i = 1, 1000 do redis.call('HSET', KEYS[1], string.format('%022d:until', i), ARGV[1]) end" 1 commerce:{demo}:codes $TEST_NGINX_UNTIL
--- more_headers
Content-Type: application/json
--- request eval
[qq(POST /api/rooms/demo/codes
{"until": $ENV{TEST_NGINX_UNTIL}}),
'DELETE /api/rooms/demo/codes/0000000000000000000001',
qq(POST /api/rooms/demo/codes
{"until": $ENV{TEST_NGINX_UNTIL}})]
--- error_code eval
[409, 200, 201]
--- response_body_like eval
[qr/"codes_full"/, qr/"version"/, qr/"code"/]



=== without a secret there are no codes
--- room_each
demo
--- more_headers
Content-Type: application/json
--- request eval
qq(POST /api/rooms/demo/codes
{"until": $ENV{TEST_NGINX_UNTIL}})
--- error_code: 409
--- response_body_like: "reason":"secret_missing"
