# Clicks of those who watch a show again are a group of their own: they go to
# that show, and never into what it sold while it was live.

use lib 't/lib';
use Commerce::Test;

our $config = <<'CONF';
    location ~ ^/cart/(?<room>[^/]+)/(?<product>.+)$ {
        commerce_room $room;
        commerce_count click $product replay=$arg_replay;
    }
CONF

run_tests();

__DATA__

=== live, and of shows before
--- config eval: $::config
--- room
r1 show 3
    p1 title One
    p2 title Two
--- request eval
['POST /cart/r1/p1', 'POST /cart/r1/p2?replay=', 'POST /cart/r1/p1?replay=2',
'POST /cart/r1/p1?replay=3']
--- error_code eval
[(204) x 4]
--- redis_after
HGET commerce:{r1}:3:counts c:click:p1 => $n
HGET commerce:{r1}:3:counts c:click:p2 => $n
HGET commerce:{r1}:3:counts c:click_replay:p1 => $n
HGET commerce:{r1}:2:counts c:click_replay:p1 => $n
HEXISTS commerce:{r1}:2:counts c:click:p1 => 0



=== the API has them side by side
--- config eval: $::config
--- room
r1 show 3 host anna
    p1 title One
--- redis
HSET commerce:{r1}:2:counts c:click:p1 7 c:click_replay:p1 2
--- request
GET /api/rooms/r1
--- response_body_like: "show":2,[^{]*"counts":\{("click":\{"p1":7\}|,|"click_replay":\{"p1":2\}){3}\}



=== shows that were not
--- config eval: $::config
--- room
r1 show 3
    p1 title One
--- request eval
[map { "POST /cart/r1/p1?replay=$_" } '0', '4', '-1', 'x', '1x', '99999999999999999999']
--- error_code eval
[(404) x 6]
--- response_body_like eval
[(qr/show_unknown/) x 6]
--- redis_after
EXISTS commerce:{r1}:3:counts => 0



=== a product that is not for sale is not counted from a replay, either
--- config eval: $::config
--- room
r1 show 3
    p1 title One
--- request
POST /cart/r1/p2?replay=1
--- error_code: 404
--- response_body_like: product_not_on_shelf



=== another parameter
--- config
    location / { commerce_room r; commerce_count click $uri again=1; }
--- must_die
--- error_log
invalid parameter "again=1" in "commerce_count" directive



=== a kind that leaves no room
--- config
    location / { commerce_room r; commerce_count abcdefghijklmnopqrstuvwxyz $uri replay=1; }
--- must_die
--- error_log
kind "abcdefghijklmnopqrstuvwxyz" in "commerce_count" directive is too long for "replay"
