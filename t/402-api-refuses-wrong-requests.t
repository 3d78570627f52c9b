# What is wrong with a request is answered with the status that fits and a
# reason, and changes nothing.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== paths that lead nowhere
--- request eval
['GET /api/', 'GET /api/hosts', 'GET /api/hosts/', 'GET /api/shops/x',
'GET /api/rooms/demo/shelf', 'GET /api/rooms/demo/pin/tea',
'PUT /api/rooms/demo/shelf/tea/x', 'GET /api/hosts/x/pin']
--- error_code eval
[(404) x 8]
--- response_body_like eval
[(qr/^\{"type":"about:blank","title":"Not Found","status":404,"reason":"route_unknown","detail":"[^"]+"\}\n$/) x 8]



=== methods that are not for this place
--- request eval
['POST /api/hosts/x', 'DELETE /api/rooms/demo', 'GET /api/rooms/demo/shelf/tea',
'PATCH /api/rooms/demo/pin']
--- error_code eval
[(405) x 4]
--- response_headers eval
['Allow: GET, HEAD, PUT, PATCH', 'Allow: GET, HEAD, PUT, PATCH',
'Allow: PUT, DELETE', 'Allow: PUT, DELETE']
--- response_body_like eval
[(qr/"reason":"method_not_allowed"/) x 4]



=== names that break the rules
--- request eval
['GET /api/rooms/Demo', 'GET /api/rooms/a.b', 'GET /api/rooms/a%0Ab',
'GET /api/hosts/a%20b', 'GET /api/products/a%7Bb', 'GET /api/rooms/_x',
'DELETE /api/rooms/x/shelf/a%3Ab', 'GET /api/hosts/' . 'x' x 65,
'GET /api/rooms/' . 'x' x 1024, 'GET /api/hosts/%E4%BD%A0']
--- error_code eval
[(400) x 10]
--- response_body_like eval
[(qr/"status":400,"reason":"bad_name"/) x 10]
--- error_log
commerce_api refused a request: bad_name



=== a name with NUL is no request for nginx
--- request
GET /api/rooms/a%00b
--- error_code: 400



=== names are those after decoding
--- request eval
['GET /api/hosts/%61nna', 'GET /api/rooms/x/../%61nna', 'GET /api//hosts/anna']
--- error_code eval
[404, 404, 404]
--- response_body_like eval
[qr/host_unknown/, qr/room_unknown/, qr/host_unknown/]



=== a place has one path
--- http_config
    merge_slashes off;
--- config
    location /api { commerce_api; }
    location /v1/ { commerce_api; }
--- request eval
['GET /api/hosts/anna', 'GET /apihosts/anna', 'GET /api//hosts/anna',
'GET /v1/hosts/anna', 'GET /v1//hosts/anna']
--- error_code eval
[(404) x 5]
--- response_body_like eval
[qr/host_unknown/, qr/route_unknown/, qr/route_unknown/,
qr/host_unknown/, qr/route_unknown/]



=== a body that is not said to be JSON
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- request eval
['PUT /api/hosts/x
{"state": "approved"}',
'PUT /api/hosts/x',
'PUT /api/rooms/x/shelf/y
{"position": 1}']
--- error_code eval
[415, 415, 415]
--- response_body_like eval
[(qr/"reason":"not_json"/) x 3]



=== a merge patch is not for put
--- more_headers
Content-Type: application/merge-patch+json
--- request
PUT /api/hosts/x
{"state": "approved"}
--- error_code: 415



=== a body that is no JSON, or no object
--- more_headers
Content-Type: application/json
--- request eval
["PUT /api/hosts/x\n{\"state\": \"approved\",\n \"reason\" \"r\"}",
"PUT /api/hosts/x\n{\"state\": \"approved\", \"state\": \"banned\"}",
"PUT /api/hosts/x\n[]", "PUT /api/hosts/x\nnull", "PUT /api/hosts/x\n\"x\"",
"PUT /api/hosts/x", "PUT /api/hosts/x\n{\"reason\": \"\\u0000\"}",
"PUT /api/hosts/x\n{\"reason\": \"\xff\xfe\"}",
"PUT /api/hosts/x\n{\"until\": 123456789012345678901234567890}",
"PUT /api/hosts/x\n{\"reason\": \"\\ud800\"}",
"PUT /api/hosts/x\n" . '[' x 30000,
"PUT /api/hosts/x\n{} {}"]
--- error_code eval
[(400) x 12]
--- response_body_like eval
[qr/"reason":"json_invalid","detail":"line 2, column 13: /,
qr/"detail":"line 1, column \d+: duplicate/,
(qr/"detail":"an object is expected"/) x 3,
(qr/"reason":"json_invalid","detail":"line 1, column /) x 7]
--- redis_after
KEYS commerce:[^s]* =>



=== fields that are unknown, missing or wrong are named
--- commerce
    product_hosts shop.example.com;
--- more_headers
Content-Type: application/json
--- request eval
my @bodies = (
    ['hosts/x', '{"state": "approved", "status": 1}'],
    ['hosts/x', '{}'],
    ['hosts/x', '{"state": null}'],
    ['hosts/x', '{"state": "Approved"}'],
    ['hosts/x', '{"state": true}'],
    ['hosts/x', '{"state": "banned", "until": -1}'],
    ['hosts/x', '{"state": "banned", "until": "1795000000000"}'],
    ['hosts/x', '{"state": "banned", "until": 1e3}'],
    ['hosts/x', '{"state": "banned", "until": 1000000000000000}'],
    ['hosts/x', '{"state": "banned", "reason": "a\tb\n"}' =~ s/\t/\\t/r =~ s/\n/\\n/r],
    ['hosts/x', '{"state": "banned", "reason": "\u0085"}'],
    ['hosts/x', '{"state": "banned", "reason": "' . 'x' x 513 . '"}'],
    ['hosts/x', '{"state": "banned", "reason": {"a": 1}}'],
    ['rooms/x', '{"host": "a b", "state": "open"}'],
    ['rooms/x', '{"host": "anna", "state": "open", "visibility": "x"}'],
    ['rooms/x', '{"host": "anna", "state": "open", "show": 7}'],
    ['rooms/x', '{"host": "anna", "state": "open", "key": "too-short"}'],
    ['rooms/x', '{"host": "anna", "state": "open", "key": "0123456789 abcdef"}'],
    ['rooms/x', '{"host": "anna", "state": "open", "key": "' . 'k' x 129 . '"}'],
    ['rooms/room-named-as-key', '{"host": "anna", "state": "open", "key": "room-named-as-key"}'],
    ['products/x', '{"state": "approved", "title": "", "link": "http://shop.example.com/"}'],
    ['products/x', '{"state": "approved", "title": "x"}'],
    ['products/x', '{"state": "approved", "title": "x", "link": "http://shop.example.com/", "currency": "yen"}'],
    ['products/x', '{"state": "approved", "title": "x", "link": "http://shop.example.com/", "price": 1.5}'],
    ['products/x', '{"state": "approved", "title": "x", "link": "http://shop.example.com/", "image": "javascript:x"}'],
    ['products/x', '{"state": "approved", "title": "x", "link": "http://shop.example.com/", "image": "//evil.example/x"}'],
    ['products/x', '{"state": "approved", "title": "x", "link": "http://shop.example.com/", "image": "http://a b/<x>"}'],
);
[map { "PUT /api/$_->[0]\n$_->[1]" } @bodies]
--- error_code eval
[(400) x 27]
--- response_body_like eval
[qr{"reason":"field_unknown","detail":"/status },
qr{"reason":"field_missing","detail":"/state },
qr{"reason":"field_missing","detail":"/state },
qr{"reason":"field_wrong","detail":"/state has to be one of these words: applied, approved, suspended, banned"},
qr{"detail":"/state },
(qr{"reason":"field_wrong","detail":"/until }) x 4,
(qr{"reason":"field_wrong","detail":"/reason }) x 4,
qr{"detail":"/host }, qr{"detail":"/visibility }, qr{field_unknown.*/show },
(qr{"reason":"field_wrong","detail":"/key }) x 4,
qr{"detail":"/title may not be empty"}, qr{field_missing.*/link },
qr{"detail":"/currency }, qr{"detail":"/price },
(qr{"detail":"/image }) x 3]
--- redis_after
KEYS commerce:[^s]* =>



=== a line of the log stays one line
--- more_headers
Content-Type: application/json
--- request
PUT /api/hosts/x
{"a\u001b[31m\n[alert] b": 1}
--- error_code: 400
--- response_body_like: "field_unknown","detail":"/a\\u001B\[31m\\n\[alert\] b is no field here"
--- error_log
commerce_api refused a request: field_unknown: /a?[31m?[alert] b is no field here
--- allow_fault
field_unknown



=== links lead to product_hosts
--- commerce
    product_hosts shop.example.com *.mall.example;
--- more_headers
Content-Type: application/json
--- request eval
[map { "PUT /api/products/x\n{\"state\": \"approved\", \"title\": \"x\", \"link\": \"$_\"}" }
'https://evil.example/', 'https://mall.example/', 'javascript:alert(1)',
'//shop.example.com/', 'https://shop.example.com@evil.example/',
'https://shop.example.com.evil.example/', 'ftp://shop.example.com/', '/tea',
'https://evil.example\\\\@shop.example.com/']
--- error_code eval
[(422) x 9]
--- response_body_like eval
[(qr/"title":"Unprocessable Content","status":422,"reason":"link_not_allowed"/) x 9]
--- redis_after
KEYS commerce:[^s]* =>



=== a body that is too large
--- more_headers
Content-Type: application/json
--- request eval
["PUT /api/hosts/x\n" . '{"reason": "' . 'x' x 65536 . '"}',
"PUT /api/hosts/x\n" . '{"state": "banned", "reason": "' . 'x' x 65000 . '"}']
--- error_code eval
[413, 400]
--- response_body_like eval
[qr/"reason":"body_too_large"/, qr{"detail":"/reason }]



=== a chunked body that is too large
--- more_headers
Content-Type: application/json
Transfer-Encoding: chunked
--- request eval
["PUT /api/hosts/x\n" . "11000\r\n" . 'x' x 0x11000 . "\r\n0\r\n\r\n"]
--- error_code eval
[413]



=== a chunked body in pieces
--- redis_each
FLUSHALL
--- more_headers
Content-Type: application/json
Transfer-Encoding: chunked
--- request eval
["PUT /api/hosts/x\n" . "9\r\n{\"state\":\r\n" . "5\r\n\"bann\r\n" . "4\r\ned\" \r\n1\r\n}\r\n0\r\n\r\n"]
--- error_code eval
[201]



=== a body that nginx put into a file
--- config
    location /api/ { client_body_in_file_only on; commerce_api; }
--- redis_each
FLUSHALL
--- more_headers
Content-Type: application/json
--- request
PUT /api/hosts/x
{"state": "approved"}
--- error_code: 201



=== the reason is a variable
--- config
    location /api/ {
        commerce_api;
        add_header X-Reason $commerce_reason always;
    }
--- request
GET /api/hosts/anna
--- error_code: 404
--- response_headers
X-Reason: host_unknown



=== a link's character that may not be in it is named
--- more_headers
Content-Type: application/json
--- request eval
[map { "PUT /api/products/x\n{\"state\": \"approved\", \"title\": \"x\", \"link\": \"http://s.example/$_\"}" }
'a b', '{a}', '<', '\\\\', '\\"']
--- error_code eval
[(422) x 5]
--- response_body_like eval
[qr/"link_not_allowed","detail":"\/link has a character, its byte 19, that has to be written as %20"/,
qr/byte 18, that has to be written as %7B"/, qr/byte 18, .* %3C"/, qr/ %5C"/, qr/ %22"/]
--- redis_after
KEYS commerce:[^s]* =>
