# Whoever posts to commerce_enter gets a session: as JSON, and as a cookie that
# opens the room.  What may be posted.

use lib 't/lib';
use Commerce::Env qw(write_file);
use Commerce::Test;
use Commerce::Viewers qw(SECRET);

$ENV{TEST_NGINX_SECRET} = "$ENV{TEST_NGINX_DIR}/secret";
write_file($ENV{TEST_NGINX_SECRET}, SECRET . "\n");

run_tests();

__DATA__

=== somebody who is not known
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location /enter/demo { commerce_room demo; commerce_enter; }
--- room
demo
--- request
POST /enter/demo
--- response_headers
Cache-Control: no-store
Content-Type: application/json
--- response_headers_like
Set-Cookie: commerce-demo=s\.\d{10}\.\d{13}\.~[\w-]{22}\.[\w-]{22}; Max-Age=4(?:3200|3199); Path=/; HttpOnly; SameSite=lax$
--- response_body_like
^\{"room":"demo","viewer":"~[\w-]{22}","token":"s\.\d{10}\.\d{13}\.~[\w-]{22}\.[\w-]{22}","issued":\d{13},"expires":\d{10}000,"state":"open"\}$



=== where the cookie goes
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location /a/ { commerce_room demo; commerce_enter domain=.shop.example path=/live samesite=strict; }
location /b/ { commerce_room demo; commerce_enter samesite=none partitioned secure=on; }
location /c/ { commerce_room demo; commerce_enter secure=auto samesite=lax; }
--- room
demo
--- request eval
['POST /a/', 'POST /b/', 'POST /c/']
--- response_headers_like eval
['Set-Cookie: .*; Max-Age=\d+; Path=/live; HttpOnly; SameSite=strict; Domain=\.shop\.example$',
'Set-Cookie: .*; Path=/; HttpOnly; SameSite=none; Partitioned; Secure$',
'Set-Cookie: .*; Path=/; HttpOnly; SameSite=lax$']



=== other methods
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location /enter/demo { commerce_room demo; commerce_enter; }
--- room
demo
--- request eval
['GET /enter/demo', 'PUT /enter/demo']
--- error_code eval
[405, 405]
--- response_headers eval
['Allow: POST', 'Allow: POST']
--- response_body_like eval
[(qr/"reason":"method_not_allowed"/) x 2]



=== what may not be posted as JSON
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location /enter/demo { commerce_room demo; commerce_enter; }
--- room
demo
--- more_headers
Content-Type: application/json; charset=utf-8
--- request eval
[map { "POST /enter/demo\n$_" } '{', '[]', '"code"', '{"code": "A-SECRET", "code": "B-SECRET"}',
'{"code": 7}', '{"code": null}', '{"code": ["A-SECRET"]}', '{"kode": "A-SECRET"}',
'{"id": "short-SECRET"}', '{"id": "not-a-name: SECRET"}', '{"id": ""}',
'{"code": "' . 'SECRET' x 11 . '"}', '{"code": "A-SECRET' . ' ' x 4096 . '"}']
--- error_code eval
[(400) x 12, 413]
--- response_body_like eval
[(qr/"reason":"json_invalid"/) x 4, (qr/"reason":"field_wrong"/) x 3, qr/"reason":"field_unknown"/,
(qr/"reason":"field_wrong","detail":"an id has/) x 3, qr/"field_wrong","detail":"a code has/,
qr/"reason":"body_too_large"/]
--- response_body_unlike eval
[(qr/SECRET/) x 13]
--- no_error_log
SECRET



=== what may not be posted as a form
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location /enter/demo { commerce_room demo; commerce_enter; }
--- room
demo
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
[map { "POST /enter/demo\n$_" } 'code=A-SECRET&code=B', 'code=A%2-SECRET', 'code=SECRET%', 'kode=A-SECRET',
'A-SECRET', 'id=short', 'code=' . 'SECRET' x 11, 'code=A' . '%41' x 1400]
--- error_code eval
[(400) x 7, 413]
--- response_body_like eval
[qr/"field_wrong"/, (qr/"form_invalid"/) x 2, (qr/"field_unknown"/) x 2, (qr/"field_wrong"/) x 2,
qr/"body_too_large"/]
--- no_error_log
SECRET



=== what may be posted: nothing of it matters where anybody may enter
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location /enter/demo { commerce_room demo; commerce_enter; }
--- room
demo
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
[map { "POST /enter/demo\n$_" } 'code=', 'code', 'code=%00%ff', '&', 'id=0123456789abcdef&code=a+b',
'code=A-SECRET']
--- error_code eval
[(200) x 6]
--- no_error_log
SECRET



=== a body in pieces that is too large
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location /enter/demo { commerce_room demo; commerce_enter; }
--- room
demo
--- raw_request eval
"POST /enter/demo HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/json\r
Transfer-Encoding: chunked\r
\r
1001\r
" . ' ' x 4097 . "\r
0\r
\r
"
--- error_code: 413
--- response_body_like: "reason":"body_too_large"



=== rooms that are none
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location ~ ^/enter/(?<room>.*)$ { commerce_room $room; commerce_enter; }
--- room
gone state banned
replay state closed
--- request eval
['POST /enter/Demo', 'POST /enter/', 'POST /enter/none', 'POST /enter/gone', 'POST /enter/replay']
--- error_code eval
[404, 404, 401, 403, 200]
--- response_body_like eval
[qr/bad_name/, qr/bad_name/, qr/proof_missing/, qr/room_banned/, qr/"state":"closed"/]



=== one may come before the show
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location ~ ^/enter/(?<room>.*)$ { commerce_room $room; commerce_enter; }
--- room
early state scheduled starts 1900000000000
someday state scheduled
--- request eval
['POST /enter/early', 'POST /enter/someday']
--- response_body_like eval
[qr/"token":"s\..*"state":"scheduled","starts":1900000000000\}/, qr/"state":"scheduled"\}/]



=== entries are counted
--- commerce
secret $TEST_NGINX_SECRET;
--- config
location ~ ^/enter/(?<room>.*)$ { commerce_room $room; commerce_enter; }
location /status { commerce_status; }
--- room
demo
shut visibility unlisted
--- request eval
['POST /enter/demo', 'POST /enter/shut', 'GET /status']
--- error_code eval
[200, 401, 200]
--- response_body_like eval
[qr/"token"/, qr/"proof_missing"/, qr/"entries":\{"accepted":(\d+),"refused":\{"proof_missing":\1\}\}/]



=== sessions need a secret
--- config
location /enter/demo { commerce_room demo; commerce_enter; }
--- must_die
--- error_log eval
qr/\[emerg\].*tokens are taken, but commerce "default" has no "secret" in .*nginx\.conf:\d+/



=== a room is needed
--- config
location /enter/demo { commerce_enter; }
--- must_die
--- error_log eval
qr/"commerce_enter" directive needs "commerce_room" in/



=== twice
--- config
location /enter/demo { commerce_room demo; commerce_enter; commerce_enter; }
--- must_die
--- error_log
"commerce_enter" directive is duplicate



=== not with another handler
--- config
location /enter/demo { commerce_room demo; commerce_enter; commerce_shelf; }
--- must_die
--- error_log eval
qr/"commerce_shelf" directive conflicts with another content handler/



=== a parameter that is none
--- config
location /enter/demo { commerce_room demo; commerce_enter samesite=no; }
--- must_die
--- error_log
invalid parameter "samesite=no"



=== a domain that ends the attribute
--- config
location /enter/demo { commerce_room demo; commerce_enter "domain=a; HttpOnly=no"; }
--- must_die
--- error_log
invalid parameter "domain=a; HttpOnly=no"



=== a parameter twice
--- config
location /enter/demo { commerce_room demo; commerce_enter path=/a path=/b; }
--- must_die
--- error_log
duplicate parameter "path=/b"



=== what browsers would drop
--- config
location /enter/demo { commerce_room demo; commerce_enter samesite=none; }
--- must_die
--- error_log
"commerce_enter" directive needs "secure=on" with "samesite=none" or "partitioned"
