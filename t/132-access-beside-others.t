# commerce_access is one of nginx's access checks, whatever a location serves.

use lib 't/lib';
use Commerce::Env qw(write_file);
use Commerce::Test;
use Commerce::Token;

my $dir = $ENV{TEST_NGINX_DIR};

write_secret("$dir/secret");
write_file("$dir/in", "in\n");
write_file("$dir/users", "anna:{PLAIN}pass\n");
write_file("$dir/www/index.html", "index\n");
write_file("$dir/www/a.html", "a\n");

our $r = viewer_token('demo', 'u42');

$ENV{TEST_NGINX_SECRET} = "secret $dir/secret;";
$ENV{TEST_NGINX_UPSTREAM} = "http://127.0.0.1:$ENV{TEST_NGINX_PORT}";

run_tests();

__DATA__

=== satisfy any: our check or another
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/deny/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on; satisfy any; deny all;
    }
    location ~ ^/allow/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on; satisfy any; allow all;
    }
--- room
demo visibility unlisted
--- request eval
["GET /deny/x", "GET /deny/x?viewer=$::r", "GET /allow/x"]
--- error_code eval
[401, 200, 200]
--- response_headers eval
["WWW-Authenticate: Bearer realm=\"demo\"\nCache-Control: no-store",
 "WWW-Authenticate:\nCache-Control:", "WWW-Authenticate:\nCache-Control:"]
--- no_error_log
[alert]



=== satisfy any: a password
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/demo/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on; satisfy any;
        auth_basic x; auth_basic_user_file $TEST_NGINX_DIR/users;
    }
--- room
demo visibility unlisted
--- more_headers
Authorization: Basic YW5uYTpwYXNz
--- request
GET /demo/x
--- response_headers
WWW-Authenticate:
Cache-Control:
--- response_body
in



=== ... or a token
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/demo/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on; satisfy any;
        auth_basic x; auth_basic_user_file $TEST_NGINX_DIR/users;
    }
--- room
demo visibility unlisted
--- request eval
["GET /demo/x", "GET /demo/x?viewer=$::r"]
--- error_code eval
[401, 200]
--- response_headers eval
["WWW-Authenticate: Bearer realm=\"demo\", Basic realm=\"x\"\nCache-Control: no-store",
 "WWW-Authenticate:\nCache-Control:"]



=== satisfy any: what is none of 401 and 403
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/only/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room $arg_room; commerce_access on; satisfy any;
    }
    location ~ ^/allow/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room $arg_room; commerce_access on; satisfy any; allow all;
    }
--- request eval
['GET /only/x', 'GET /allow/x', "GET /only/x?room=demo&viewer=$::r"]
--- error_code eval
[404, 200, 404]



=== satisfy all: both
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/deny/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on; deny all;
    }
--- room
demo
--- request
GET /deny/x
--- error_code: 403
--- error_log
access forbidden by rule



=== error_page
--- commerce: $TEST_NGINX_SECRET
--- config
    error_page 401 /door.html;
    error_page 403 404 = @closed;

    location ~ ^/demo/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on;
    }
    location = /door.html { return 200 "a door\n"; }
    location @closed { return 410 "$commerce_reason\n"; }
--- room
demo visibility unlisted
--- request eval
['GET /demo/x', 'GET /demo/x?viewer=x', "GET /demo/x?viewer=$::r"]
--- error_code eval
[401, 410, 200]
--- response_headers eval
["WWW-Authenticate: Bearer realm=\"demo\"\nCache-Control: no-store",
 'Cache-Control: no-store', 'Cache-Control:']
--- response_body eval
["a door\n", "proof_wrong\n", "in\n"]



=== an error page where the check is on is refused, too
--- commerce: $TEST_NGINX_SECRET
--- config
    commerce_room    demo;
    commerce_access  on;
    error_page       401 403 /in;
--- room
demo visibility unlisted
--- request
GET /other
--- error_code: 401
--- response_body_like: "reason":"proof_missing"
--- grep_error_log eval
qr/commerce refused a request: \w+/
--- grep_error_log_out eval
qr/^(commerce refused a request: proof_missing\n)+$/



=== what is passed to another
--- commerce: $TEST_NGINX_SECRET
--- config
    location /demo/ {
        proxy_pass $TEST_NGINX_UPSTREAM/origin/;
        commerce_room demo; commerce_access on;
    }
    location /origin/ { alias $TEST_NGINX_DIR/www/; }
--- room
demo visibility unlisted
--- request eval
['GET /demo/a.html', "GET /demo/a.html?viewer=$::r", "POST /demo/a.html"]
--- error_code eval
[401, 200, 401]



=== redirected within nginx, who is let in is counted once
--- commerce: $TEST_NGINX_SECRET
--- config
    location /demo/ {
        alias $TEST_NGINX_DIR/www/;
        commerce_room demo; commerce_access on;
    }
    location /try/ {
        alias $TEST_NGINX_DIR/none/;
        try_files $uri /demo/a.html;
        commerce_room demo; commerce_access on;
    }
    location = /status { commerce_status; }
--- room_each
demo
--- request eval
["GET /demo/?viewer=$::r", "GET /try/x?viewer=$::r", 'GET /demo/', 'GET /status']
--- response_body_like eval
['index', 'a', 'index', qr/"access":\{"allowed":(?:3|6),"refused":\{\},/]



=== from one room to another he is asked again
--- commerce: $TEST_NGINX_SECRET
--- config
    location /demo/ {
        alias $TEST_NGINX_DIR/none/;
        try_files $uri /other/a.html?$args;
        commerce_room demo; commerce_access on;
    }
    location /other/ {
        alias $TEST_NGINX_DIR/www/;
        commerce_room other; commerce_access on;
    }
    location /from/ {
        alias $TEST_NGINX_DIR/none/;
        try_files $uri /off/a.html;
        commerce_room demo; commerce_access on;
    }
    location /off/ {
        alias $TEST_NGINX_DIR/www/;
        commerce_room other;
        add_header X-Viewer "[$commerce_viewer]";
    }
--- room
demo visibility unlisted
other visibility unlisted
--- request eval
["GET /demo/?viewer=$::r", "GET /from/?viewer=$::r"]
--- error_code eval
[403, 200]
--- response_headers eval
['X-Viewer:', 'X-Viewer: []']



=== subrequests are what their request is
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/demo/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on;
        auth_request /asked;
    }
    location = /asked {
        commerce_room other; commerce_access on;
        proxy_pass $TEST_NGINX_UPSTREAM/origin/a.html;
        proxy_pass_request_body off;
    }
    location /origin/ { alias $TEST_NGINX_DIR/www/; }
--- room
demo visibility unlisted
--- request eval
["GET /demo/x?viewer=$::r", 'GET /demo/x']
--- error_code eval
[200, 401]



=== a location without a room is nobody's
--- commerce: $TEST_NGINX_SECRET
--- config
    commerce_access on;

    location /demo/ { alias $TEST_NGINX_DIR/www/; commerce_room demo; }
    location /none/ { alias $TEST_NGINX_DIR/www/; }
    location /empty/ { alias $TEST_NGINX_DIR/www/; commerce_room $arg_room; }
    location /off/ { alias $TEST_NGINX_DIR/www/; commerce_access off; }
--- room
demo
--- request eval
[map { "GET /$_/a.html" } qw(demo none empty off)]
--- error_code eval
[200, 404, 404, 200]
--- response_body_like eval
['a', (qr/"reason":"bad_name"/) x 2, 'a']



=== a dry run decides, logs and counts
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/demo/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on; commerce_dry_run on;
        add_header X-Reason "[$commerce_reason]";
    }
    location = /status { commerce_status; }
--- room
demo visibility unlisted
--- request eval
['GET /demo/x', 'GET /demo/x?viewer=x', "GET /demo/x?viewer=$::r", 'GET /status']
--- error_code eval
[200, 200, 200, 200]
--- response_headers eval
['X-Reason: [proof_missing]', 'X-Reason: [proof_wrong]', 'X-Reason: []', '']
--- response_body_like eval
[('in') x 3, qr/"access":\{"allowed":(1|2),"refused":\{\},"dry_run":\{"proof_missing":\1,"proof_wrong":\1\}\}/]
--- error_log
commerce: a request would have been refused: proof_missing
--- no_error_log
commerce refused



=== refusals are counted by reason
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/demo/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room demo; commerce_access on;
    }
    location = /status { commerce_status; }
--- room
demo visibility unlisted
--- request eval
['GET /demo/x', 'GET /demo/x?viewer=x', "GET /demo/x?viewer=$::r", 'GET /status']
--- error_code eval
[401, 403, 200, 200]
--- response_body_like eval
[('') x 3, qr/"access":\{"allowed":(1|2),"refused":\{"proof_missing":\1,"proof_wrong":\1\},"dry_run":\{\}\}/]



=== variables
--- commerce: $TEST_NGINX_SECRET
--- config
    location ~ ^/(?<room>[^/]+)/ {
        alias $TEST_NGINX_DIR/in;
        commerce_room $room; commerce_access on;
        add_header X-V "[$commerce_viewer $commerce_room $commerce_room_state $commerce_visibility $commerce_host $commerce_show $commerce_cues $commerce_tenant]" always;
    }
    location = /none {
        add_header X-V "[$commerce_viewer$commerce_room$commerce_room_state$commerce_cues]" always;
        return 204;
    }
--- room
demo host anna show 7 visibility unlisted
open host bert state closed
--- redis
XADD commerce:{demo}:cues 1-0 at 1000 show 7 product tea title Tea
XADD commerce:{demo}:cues 2-0 at 2000 show 7
--- request eval
["GET /demo/x?viewer=$::r", 'GET /open/x', 'GET /unknown/x', 'GET /none']
--- error_code eval
[200, 200, 401, 204]
--- response_headers eval
['X-V: [u42 demo open unlisted anna 7 2 default]',
 'X-V: [ open closed public bert 0 0 default]',
 'X-V: [ unknown      default]', 'X-V: []']
