# commerce_hls_attributes: which fields of the card a cue has.

use lib 't/lib';
use Commerce::Test;

our $dated = <<'M3U8';
#EXTM3U
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00Z
#EXTINF:4.000,
a.ts
M3U8

no_long_string();
run_tests();

__DATA__

=== the default, a few, all of them
--- config
    commerce_room  demo;
    commerce_hls   on;
    location /default/ { }
    location /few/ { commerce_hls_attributes title price; }
    location /all/ {
        commerce_hls_attributes stock image currency price title link product;
    }
--- room
demo
--- redis
XADD commerce:{demo}:cues 1-1 at 1763841600000 show 1 product p-1 version 4 title "Kettle, 2 l" price 4990 currency EUR link https://shop.example.com/p-1?a=1,2 image https://img.example.com/1.jpg stock 0
--- user_files eval
">>> default/a.m3u8\n$::dated>>> few/a.m3u8\n$::dated>>> all/a.m3u8\n$::dated"
--- request eval
["GET /default/a.m3u8", "GET /few/a.m3u8", "GET /all/a.m3u8"]
--- response_body_like eval
['AT="1763841600000",X-NGINX-COMMERCE-PRODUCT="p-1",X-NGINX-COMMERCE-LINK="https://shop\.example\.com/p-1\?a=1,2"\n#EXTINF',
 'AT="1763841600000",X-NGINX-COMMERCE-PRODUCT="p-1",X-NGINX-COMMERCE-TITLE="Kettle, 2 l",X-NGINX-COMMERCE-PRICE="4990"\n#EXTINF',
 'AT="1763841600000",X-NGINX-COMMERCE-PRODUCT="p-1",X-NGINX-COMMERCE-LINK="https://shop\.example\.com/p-1\?a=1,2",X-NGINX-COMMERCE-TITLE="Kettle, 2 l",X-NGINX-COMMERCE-PRICE="4990",X-NGINX-COMMERCE-CURRENCY="EUR",X-NGINX-COMMERCE-IMAGE="https://img\.example\.com/1\.jpg",X-NGINX-COMMERCE-STOCK="0"\n#EXTINF']



=== what an attribute must not hold
--- config
    location /live/ {
        commerce_room            demo;
        commerce_hls             on;
        commerce_hls_attributes  title;
    }
--- room
demo
--- redis
XADD commerce:{demo}:cues 1-1 at 1763841600000 show 1 product p-1 version 1 title "a \"quoted\"\n#EXTINF:9,\r\nb.ts\x00 \xf0\x9f\x8e\x81\xff"
--- user_files eval
">>> live/a.m3u8\n$::dated"
--- request
GET /live/a.m3u8
--- response_body_like eval
qr/\A(?:#[^\n"]+\n){2}#EXT-X-DATERANGE:(?:[A-Z-]+=(?:"[^"\x00-\x1f]*"|\d+),?)+\n#EXTINF:4.000,\na.ts\n\z/



=== all of a long title fits
--- config
    location /live/ {
        commerce_room            demo;
        commerce_hls             on;
        commerce_hls_attributes  title;
    }
--- redis eval
"HSET commerce:{demo} host h1 state open version 1\n" .
"XADD commerce:{demo}:cues 1-1 at 1763841600000 show 1 product p-1 title " . "T" x 65536
--- user_files eval
">>> live/a.m3u8\n$::dated"
--- request
GET /live/a.m3u8
--- response_body_like
X-NGINX-COMMERCE-TITLE="T{100,512}"



=== the fields are inherited
--- config
    commerce_hls_attributes title;
    location /live/ {
        commerce_room  demo;
        commerce_hls   on;
    }
--- room
demo
--- redis
XADD commerce:{demo}:cues 1-1 at 1763841600000 show 1 product p-1 title Kettle
--- user_files eval
">>> live/a.m3u8\n$::dated"
--- request
GET /live/a.m3u8
--- response_body_like
AT="1763841600000",X-NGINX-COMMERCE-PRODUCT="p-1",X-NGINX-COMMERCE-TITLE="Kettle"
