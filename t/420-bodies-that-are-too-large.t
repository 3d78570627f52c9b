# A body that nginx itself refuses, by client_max_body_size and before it asks
# anybody, is answered as one that the API refuses.

use lib 't/lib';
use Commerce::Test;

sub body {
    my $body = '"state": "approved"}';

    return '{' . ' ' x (shift() - 1 - length $body) . $body;
}

run_tests();

__DATA__

=== a body that is too large for nginx
--- config
    error_page 404 502 /other.html;
    location /api/ { client_max_body_size 1k; commerce_api; }
    location /limited/ {
        client_max_body_size 1k;
        limit_except GET { deny all; }
        commerce_api;
    }
--- redis_each
HSET commerce:host:{anna} state approved
--- user_files
>>> other.html
another page
--- more_headers
Content-Type: application/json
--- request eval
["PUT /api/hosts/anna\n" . main::body(1025), "PUT /api/hosts/anna\n" . main::body(1024),
"PUT /limited/hosts/anna\n" . main::body(1025), 'GET /api/hosts/none', 'GET /nothing']
--- error_code eval
[413, 200, 413, 404, 404]
--- response_headers eval
['Content-Type: application/problem+json', 'Content-Type: application/json',
'Content-Type: application/problem+json', 'Content-Type: application/problem+json',
'Content-Type: text/html']
--- response_body_like eval
[qr/^\{"type":"about:blank","title":"Content Too Large","status":413,"reason":"body_too_large","detail":"a body has at most 1024 bytes"\}$/,
qr/"version"/, qr/body_too_large/, qr/host_unknown/, qr/another page/]
--- redis_after
DEL commerce:host:{anna} => 1



=== the same in pieces
--- config
    location /api/ { client_max_body_size 1k; commerce_api; }
--- redis_each
FLUSHALL
--- raw_request eval
"PUT /api/hosts/anna HTTP/1.1\r
Host: localhost\r
Connection: close\r
Content-Type: application/json\r
Transfer-Encoding: chunked\r
\r
800\r
" . main::body(2048) . "\r
0\r
\r
"
--- error_code: 413
--- response_body_like: "reason":"body_too_large","detail":"a body has at most 1024 bytes"



=== a page of one's own for it
--- config
    error_page 413 /large.html;
    location /api/ { client_max_body_size 1k; commerce_api; }
--- user_files
>>> large.html
too large
--- more_headers
Content-Type: application/json
--- request eval
"PUT /api/hosts/anna\n" . main::body(1025)
--- error_code: 413
--- response_body
too large
