# A POST counts a product that is approved and on the shelf of a known room;
# everything else is refused and says why.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== a click is counted and reaches Redis
--- config
    location ~ ^/cart/(?<room>[^/]+)/(?<product>.+)$ {
        commerce_room $room;
        commerce_count click $product;
    }
--- room
r1 show 3
    p1 title One
    p2 -
--- request
POST /cart/r1/p1
--- error_code: 204
--- response_headers
Cache-Control: no-store
! Content-Length
--- response_body
--- redis_after
HGET commerce:{r1}:3:counts c:click:p1 => $n
HLEN commerce:{r1}:3:counts => 2
PTTL commerce:{r1}:3:counts =~ ^777[0-9]{7}$



=== before the first show counts belong to show 0
--- config
    location ~ ^/cart/(?<room>[^/]+)/(?<product>.+)$ {
        commerce_room $room;
        commerce_count add_to_cart $product;
    }
--- room
r1
    p1 title One
--- request
POST /cart/r1/p1
a body that nobody reads
--- error_code: 204
--- redis_after
HGET commerce:{r1}:0:counts c:add_to_cart:p1 => $n



=== other methods count nothing
--- config
    location ~ ^/cart/(?<room>[^/]+)/(?<product>.+)$ {
        commerce_room $room;
        commerce_count click $product;
    }
--- room
r1
    p1 title One
--- request eval
["GET /cart/r1/p1", "PUT /cart/r1/p1\nbody", "DELETE /cart/r1/p1"]
--- error_code eval
[405, 405, 405]
--- response_headers eval
["Allow: POST\nContent-Type: application/problem+json\nCache-Control: no-store",
"Allow: POST", "Allow: POST"]
--- response_body_like eval
[qr/"reason":\s*"method_not_allowed"/, qr/POST/, qr/POST/]
--- redis_after
EXISTS commerce:{r1}:0:counts => 0



=== what is not for sale here is refused with a reason
--- config
    location ~ ^/cart/(?<room>[^/]+)/(?<product>[\s\S]*)$ {
        commerce_room $room;
        commerce_count click $product;
    }
    location = /nothing { commerce_room r1; commerce_count click $arg_product; }
    location = /noroom { commerce_room $arg_room; commerce_count click p1; }
    location = /status { commerce_status; }
--- room
r1
    p1 title One
    applied state applied title A
    down state down title D
    gone -
--- redis
HSET commerce:product:{p2} state approved title Two version 1
--- request eval
["POST /cart/unknown/p1", "POST /cart/r1/p2", "POST /cart/r1/applied",
"POST /cart/r1/down", "POST /cart/r1/gone", "POST /cart/r1/",
"POST /cart/R!1/p1", "POST /cart/r1/a/b", "POST /cart/r1/" . "x" x 1024,
"POST /nothing", "POST /noroom", "POST /cart/r1/p%22%0a1"]
--- error_code eval
[404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404]
--- response_headers eval
["Content-Type: application/problem+json\nCache-Control: no-store",
 ("Cache-Control: no-store") x 11]
--- response_body_like eval
[qr/"reason":\s*"room_unknown"/, qr/"reason":\s*"product_not_on_shelf"/,
qr/"reason":\s*"product_not_approved"/, qr/"reason":\s*"product_not_approved"/,
qr/"reason":\s*"product_unknown"/, (qr/"reason":\s*"bad_name"/) x 7]
--- redis_after
EXISTS commerce:{r1}:0:counts => 0
--- error_log
commerce refused a request: room_unknown



=== a wrong kind is an error at start
--- config
    location / { commerce_room r; commerce_count Click-1 $uri; }
--- must_die
--- error_log
invalid kind "Click-1" in "commerce_count" directive



=== two in one location are an error at start
--- config
    location / { commerce_room r; commerce_count a $uri; commerce_count b $uri; }
--- must_die
--- error_log
"commerce_count" directive is duplicate



=== flush 0 is an error at start
--- commerce
flush 0;
--- config
    location / { commerce_room r; commerce_count a $uri; }
--- must_die
--- error_log
"flush" must not be zero



=== flush takes a time
--- commerce
flush 1x;
--- config
    location / { commerce_room r; commerce_count a $uri; }
--- must_die
--- error_log
"flush" directive invalid value
