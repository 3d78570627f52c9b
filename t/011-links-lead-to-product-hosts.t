# A link that leads elsewhere is not shown.

use lib 't/lib';
use Commerce::Test;

no_long_string();
run_tests();

__DATA__

=== a name, and nothing like it
--- commerce
product_hosts shop.example.com;
--- redis
HSET commerce:{r} host anna state open
ZADD commerce:{r}:shelf 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i 10 j
HSET commerce:product:{a} state approved link https://shop.example.com/a
HSET commerce:product:{b} state approved link https://SHOP.Example.com:8443?b
HSET commerce:product:{c} state approved link https://evil.example.com/c
HSET commerce:product:{d} state approved link https://shop.example.com.evil.example/d
HSET commerce:product:{e} state approved link https://shop.example.com@evil.example/e
HSET commerce:product:{f} state approved link "https://evil.example\\\\.shop.example.com/f"
HSET commerce:product:{g} state approved link javascript:alert(1)//shop.example.com
HSET commerce:product:{h} state approved link "https://shop.example.com/\nh"
HSET commerce:product:{i} state approved link //shop.example.com/i
HSET commerce:product:{j} state approved link "https://shop.example.com/h{$j}"
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- response_body_like: ^(?=.*https://shop\.example\.com/a)(?=.*https://SHOP\.Example\.com:8443\?b)(?!.*evil)(?!.*javascript)(?!.*/h)(?!.*/i).*$



=== wildcards and a regex
--- commerce
product_hosts *.mall.example .m.example www.* ~^s\d+\.shop$;
--- redis
HSET commerce:{r} host anna state open
ZADD commerce:{r}:shelf 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h
HSET commerce:product:{a} state approved link https://x.mall.example/a
HSET commerce:product:{b} state approved link https://mall.example/not-b
HSET commerce:product:{c} state approved link https://m.example/c
HSET commerce:product:{d} state approved link https://x.y.m.example./d
HSET commerce:product:{e} state approved link https://www.any.example/e
HSET commerce:product:{f} state approved link https://wwwx.any.example/not-f
HSET commerce:product:{g} state approved link https://s12.shop/g
HSET commerce:product:{h} state approved link https://s12.shop.evil/not-h
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- response_body_like: ^(?=.*/a")(?=.*/c")(?=.*/d")(?=.*/e")(?=.*/g")(?!.*not-).*$



=== without product_hosts any http or https link
--- redis
HSET commerce:{r} host anna state open
ZADD commerce:{r}:shelf 1 a 2 b
HSET commerce:product:{a} state approved link http://any.example
HSET commerce:product:{b} state approved link ftp://any.example/not-b
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- response_body_like: ^(?=.*http://any.example")(?!.*not-).*$
