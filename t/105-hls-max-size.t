# commerce_hls_max_size: how large a playlist may be.

use lib 't/lib';
use Commerce::Test;

our $dated = <<'M3U8';
#EXTM3U
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00Z
#EXTINF:4.000,
a.ts
M3U8

our $large = $dated . "#EXTINF:4.000,\nb.ts\n" x 60000;

our $redis = <<'REDIS';
HSET commerce:{demo} host h1 state open version 1
XADD commerce:{demo}:cues 1-1 at 1763841600000 show 1 product p-1
REDIS

no_long_string();
run_tests();

__DATA__

=== a playlist of just that size, and one of a byte more
--- config
    commerce_room  demo;
    commerce_hls   on;
    location /just/ { commerce_hls_max_size 74; }
    location /less/ { commerce_hls_max_size 73; }
--- redis eval: $::redis
--- user_files eval
">>> just/a.m3u8\n$::dated>>> less/a.m3u8\n$::dated"
--- request eval
["GET /just/a.m3u8", "GET /less/a.m3u8"]
--- response_body_like eval
['-PRODUCT="p-1"', "\\A\Q$::dated\E\\z"]



=== the default is a megabyte
--- config
    commerce_room  demo;
    commerce_hls   on;
    location /less/ { }
    location /more/ { }
--- redis eval: $::redis
--- user_files eval
">>> less/a.m3u8\n$::dated" . "#EXTINF:4.000,\nb.ts\n" x 50000 .
">>> more/a.m3u8\n$::large"
--- request eval
["GET /less/a.m3u8", "GET /more/a.m3u8"]
--- response_body_like eval
['-PRODUCT="p-1"', '\A(?!.*-PRODUCT)']



=== a larger one keeps its validators and ranges
--- config
    location /live/ {
        commerce_room          demo;
        commerce_hls           on;
        commerce_hls_max_size  20;
    }
--- redis eval: $::redis
--- user_files eval
">>> live/a.m3u8\n$::dated"
--- more_headers
Range: bytes=0-6
--- request
GET /live/a.m3u8
--- error_code: 206
--- response_headers
Content-Range: bytes 0-6/74
--- response_body chomp
#EXTM3U
