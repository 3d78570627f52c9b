# Hosts and products are put, changed and read.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== a host is put, and its state is told to the auditor
--- redis_each
FLUSHALL
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/hosts/anna
{"state": "suspended", "until": 4102444800000, "reason": "late \"again\" 迟到"}',
'GET /api/hosts/anna']
--- error_code eval
[201, 200]
--- response_body eval
["{\"version\":1}\n",
"{\"host\":\"anna\",\"state\":\"suspended\",\"until\":4102444800000,\"reason\":\"late \\\"again\\\" \xe8\xbf\x9f\xe5\x88\xb0\",\"version\":1,\"in_force\":\"suspended\"}\n"]
--- response_headers eval
["Cache-Control: no-store\nContent-Type: application/json",
"Cache-Control: no-store"]
--- redis_after
HGET commerce:host:{anna} state => suspended
HGET commerce:host:{anna} version => 1
XRANGE commerce:events - + =~ type state host anna state suspended until 4102444800000 reason \S.* client 127.0.0.1 node \S+ at \d{13}



=== what a put lacks is removed, what a patch lacks stays, null removes
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state banned reason spam until 4102444800000 version 7
--- more_headers
Content-Type: application/json
--- request eval
['PATCH /api/hosts/anna
{"reason": "fakes"}',
'GET /api/hosts/anna',
'PATCH /api/hosts/anna
{"reason": null}',
'GET /api/hosts/anna',
'PUT /api/hosts/anna
{"state": "applied"}',
'GET /api/hosts/anna']
--- response_body eval
["{\"version\":8}\n",
"{\"host\":\"anna\",\"state\":\"banned\",\"until\":4102444800000,\"reason\":\"fakes\",\"version\":8,\"in_force\":\"banned\"}\n",
"{\"version\":9}\n",
"{\"host\":\"anna\",\"state\":\"banned\",\"until\":4102444800000,\"version\":9,\"in_force\":\"banned\"}\n",
"{\"version\":10}\n",
"{\"host\":\"anna\",\"state\":\"applied\",\"version\":10,\"in_force\":\"applied\"}\n"]
--- redis_after
XLEN commerce:events => 1



=== a merge patch may say what it is
--- redis_each
FLUSHALL
HSET commerce:host:{anna} state banned version 7
--- more_headers
Content-Type: application/merge-patch+json; charset=utf-8
--- request
PATCH /api/hosts/anna
{}
--- response_body
{"version":8}



=== a product is put, changed and read
--- commerce
    product_hosts shop.example.com *.mall.example;
--- redis_each
FLUSHALL
--- more_headers
Content-Type: application/json
--- request eval
['PUT /api/products/Tea_1
{"state": "approved", "title": "Tea \"fine\"", "price": 29900,
 "currency": "CNY", "stock": 0, "image": "/img/tea.svg",
 "link": "https://shop.example.com/tea?a=b&c=d"}',
'GET /api/products/Tea_1',
'PATCH /api/products/Tea_1
{"price": 19900, "link": "https://a.b.mall.example/", "stock": null}',
'GET /api/products/Tea_1']
--- error_code eval
[201, 200, 200, 200]
--- response_body eval
["{\"version\":1}\n",
'{"product":"Tea_1","state":"approved","title":"Tea \"fine\"","price":29900,"currency":"CNY","link":"https://shop.example.com/tea?a=b&c=d","image":"/img/tea.svg","stock":0,"version":1}
',
"{\"version\":2}\n",
'{"product":"Tea_1","state":"approved","title":"Tea \"fine\"","price":19900,"currency":"CNY","link":"https://a.b.mall.example/","image":"/img/tea.svg","version":2}
']
--- redis_after
HGET commerce:product:{Tea_1} price => 19900
XRANGE commerce:events - + =~ ^\S+ type state product Tea_1 state approved client \S+ node \S+ at \d+$



=== unknown ones can't be read or changed
--- more_headers
Content-Type: application/json
--- request eval
['GET /api/hosts/x', 'PATCH /api/hosts/x
{"reason": "r"}',
'GET /api/products/x', 'PATCH /api/products/x
{"stock": 1}']
--- error_code eval
[404, 404, 404, 404]
--- response_headers eval
[("Content-Type: application/problem+json\nCache-Control: no-store") x 4]
--- response_body_like eval
[qr/"reason":"host_unknown"/, qr/"reason":"host_unknown"/,
qr/"reason":"product_unknown"/, qr/"reason":"product_unknown"/]
--- redis_after
KEYS commerce:[^s]* =>



=== another prefix, namespace and tenant
--- config
    commerce_tenant two;
    location /v1/shop { commerce_api; }
--- main_config
    commerce { redis unix:$TEST_NGINX_REDIS_SOCK; ledger $TEST_NGINX_LEDGER 1m; }
    commerce two {
        redis unix:$TEST_NGINX_REDIS_SOCK db=3;
        namespace edge;
        ledger $TEST_NGINX_LEDGER-two 1m;
    }
--- redis_each
FLUSHALL
--- more_headers
Content-Type: application/json
--- request
PUT /v1/shop/hosts/anna
{"state": "approved"}
--- error_code: 201
--- redis_after
SELECT 3 => OK
HGET edge:host:{anna} state => approved
SELECT 0 => OK
