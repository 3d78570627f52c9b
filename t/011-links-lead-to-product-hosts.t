# A link that leads elsewhere is not shown.

use lib 't/lib';
use Commerce::Test;

no_long_string();
run_tests();

__DATA__

=== a name, and nothing like it
--- commerce
product_hosts shop.example.com;
--- room
r host anna
    a link https://shop.example.com/a
    b link https://SHOP.Example.com:8443?b
    c link https://evil.example.com/c
    d link https://shop.example.com.evil.example/d
    e link https://shop.example.com@evil.example/e
    f link "https://evil.example\\\\.shop.example.com/f"
    g link javascript:alert(1)//shop.example.com
    h link "https://shop.example.com/\nh"
    i link //shop.example.com/i
    j link "https://shop.example.com/h{$j}"
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- response_body_like: ^(?=.*https://shop\.example\.com/a)(?=.*https://SHOP\.Example\.com:8443\?b)(?!.*evil)(?!.*javascript)(?!.*/h)(?!.*/i).*$



=== wildcards and a regex
--- commerce
product_hosts *.mall.example .m.example www.* ~^s\d+\.shop$;
--- room
r host anna
    a link https://x.mall.example/a
    b link https://mall.example/not-b
    c link https://m.example/c
    d link https://x.y.m.example./d
    e link https://www.any.example/e
    f link https://wwwx.any.example/not-f
    g link https://s12.shop/g
    h link https://s12.shop.evil/not-h
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- response_body_like: ^(?=.*/a")(?=.*/c")(?=.*/d")(?=.*/e")(?=.*/g")(?!.*not-).*$



=== without product_hosts any http or https link
--- room
r host anna
    a link http://any.example
    b link ftp://any.example/not-b
--- config
location = /r { commerce_room r; commerce_shelf; }
--- request
GET /r
--- response_body_like: ^(?=.*http://any.example")(?!.*not-).*$
