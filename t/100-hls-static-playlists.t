# Cues in playlists that are files.

use lib 't/lib';
use Commerce::Test;

# 2025-11-22T20:00:00Z, as nginx-rtmp names segments by the clock

our $playlist = <<'M3U8';
#EXTM3U
#EXT-X-VERSION:3
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-TARGETDURATION:4
#EXTINF:4.000,
1763841600000.ts
#EXTINF:4.000,
1763841604000.ts
M3U8

our $dated = <<'M3U8';
#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T21:00:00.000+0100
#EXTINF:6.000,
a.ts
#EXTINF:6.000,
b.ts
M3U8

our $master = <<'M3U8';
#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=640000
demo/index.m3u8
M3U8

no_long_string();
run_tests();

__DATA__

=== a cue stands before the segment it falls on
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room       $room;
        commerce_hls        on;
        commerce_hls_clock  name;
    }
--- room
demo title Demo
--- redis
XADD commerce:{demo}:cues 5-1 at 1763841605250 show 1 product p-1 version 3 title Kettle link https://shop.example.com/p-1
--- user_files eval
">>> live/demo/index.m3u8\n$::playlist"
--- request
GET /live/demo/index.m3u8
--- response_headers
Content-Length: 502
!Last-Modified
!Accept-Ranges
--- raw_response_headers_like chomp
ETag: "[0-9a-f]{32}"
--- response_body
#EXTM3U
#NGINX-COMMERCE-DATES
#EXT-X-VERSION:3
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
#EXTINF:4.000,
1763841600000.ts
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:04.000Z
#EXT-X-DATERANGE:ID="demo-5-1",CLASS="nginx-commerce.product",START-DATE="2025-11-22T20:00:05.250Z",PLANNED-DURATION=86400,X-NGINX-COMMERCE-AT="1763841605250",X-NGINX-COMMERCE-PRODUCT="p-1",X-NGINX-COMMERCE-LINK="https://shop.example.com/p-1"
#EXTINF:4.000,
1763841604000.ts



=== the cue in force when the window begins, its end, and nothing pinned
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room  $room;
        commerce_hls   on;
    }
--- room
demo title Demo
--- redis
XADD commerce:{demo}:cues 1-1 at 1763841590000 show 1 product p-1 version 1 title One
XADD commerce:{demo}:cues 2-1 at 1763841595000 show 1 product p-2 version 1 title Two
XADD commerce:{demo}:cues 3-1 at 1763841606000 show 1
XADD commerce:{demo}:cues 4-1 at 1763849999000 show 1 product p-1 version 1 title One
--- user_files eval
">>> live/demo/index.m3u8\n$::dated"
--- request
GET /live/demo/index.m3u8
--- response_body
#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T21:00:00.000+0100
#EXT-X-DATERANGE:ID="demo-2-1",CLASS="nginx-commerce.product",START-DATE="2025-11-22T19:59:55.000Z",PLANNED-DURATION=86400,X-NGINX-COMMERCE-AT="1763841595000",X-NGINX-COMMERCE-PRODUCT="p-2"
#EXTINF:6.000,
a.ts
#EXT-X-DATERANGE:ID="demo-3-1",CLASS="nginx-commerce.product",START-DATE="2025-11-22T20:00:06.000Z",PLANNED-DURATION=86400,X-NGINX-COMMERCE-AT="1763841606000",X-NGINX-COMMERCE-PRODUCT=""
#EXTINF:6.000,
b.ts



=== a room without cues: the same validators
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room  $room;
        commerce_hls   on;
    }
--- room
demo title Demo
--- user_files eval
">>> live/demo/index.m3u8\n$::dated"
--- request
GET /live/demo/index.m3u8
--- response_headers
!Last-Modified
!Accept-Ranges
--- raw_response_headers_like chomp
ETag: "[0-9a-f]{32}"
--- response_body eval
$::dated



=== a room that nobody knows: the file as it is
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room       $room;
        commerce_hls        on;
        commerce_hls_clock  name;
        add_header          X-Reason $commerce_reason;
    }
--- user_files eval
">>> live/demo/index.m3u8\n$::playlist"
--- request
GET /live/demo/index.m3u8
--- response_headers
Accept-Ranges: bytes
X-Reason: room_unknown
--- raw_response_headers_like chomp
Last-Modified: .+ GMT
--- response_body eval
$::playlist
--- no_error_log
[error]
[warn]



=== an empty commerce_room, and one that is no name: the file as it is
--- config
    location /none/ {
        commerce_room       $arg_room;
        commerce_hls        on;
        commerce_hls_clock  name;
    }
    location /bad/ {
        commerce_room       "..";
        commerce_hls        on;
        commerce_hls_clock  name;
    }
--- user_files eval
">>> none/index.m3u8\n$::playlist>>> bad/index.m3u8\n$::playlist"
--- request eval
["GET /none/index.m3u8", "GET /bad/index.m3u8"]
--- response_body eval
[$::playlist, $::playlist]



=== a multivariant playlist: the file as it is, without ranges
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room       $room;
        commerce_hls        on;
        commerce_hls_clock  name;
    }
--- room
demo title Demo
--- user_files eval
">>> live/demo/master.m3u8\n$::master"
--- request
GET /live/demo/master.m3u8
--- response_headers
!Accept-Ranges
--- raw_response_headers_like chomp
Last-Modified: .+ GMT
--- response_body eval
$::master



=== segments, other methods, and a file that isn't there
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room  $room;
        commerce_hls   on;
    }
--- room
demo title Demo
--- user_files
>>> live/demo/1.ts
#EXTM3U
>>> live/demo/index.m3u8
#EXTM3U
--- request eval
["GET /live/demo/1.ts", "GET /live/demo/2.m3u8", "POST /live/demo/index.m3u8"]
--- error_code eval
[200, 404, 405]
--- response_body_like eval
["^#EXTM3U\n\$", "404 Not Found", "405 Not Allowed"]



=== off is inherited, and switched off again
--- config
    commerce_room  demo;
    commerce_hls   on;
    commerce_hls_clock  name;
    location /on/ { }
    location /off/ { commerce_hls off; }
--- room
demo title Demo
--- user_files eval
">>> on/index.m3u8\n$::playlist>>> off/index.m3u8\n$::playlist"
--- request eval
["GET /on/index.m3u8", "GET /off/index.m3u8"]
--- response_body_like eval
["DATE-TIME:2025-11-22T20:00:04.000Z\n", '\A[^-]+(?:-(?!PROGRAM)[^-]+)*\z']



=== gzip comes after the cues
--- config
    gzip on;
    gzip_min_length 1;
    gzip_types *;
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room  $room;
        commerce_hls   on;
    }
--- room
demo title Demo
--- user_files eval
">>> live/demo/index.m3u8\n$::dated"
--- more_headers
Accept-Encoding: gzip
--- request
GET /live/demo/index.m3u8
--- response_headers
Content-Encoding: gzip
!Content-Length
--- raw_response_headers_like chomp
ETag: W/"[0-9a-f]{32}"
