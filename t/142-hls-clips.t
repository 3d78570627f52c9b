# commerce_hls_clip: one product's moment out of a recording.

use lib 't/lib';
use Commerce::Test;

our $vod = "#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
#EXTINF:4.000,
a.ts
#EXTINF:4.000,
b.ts
#EXTINF:4.000,
c.ts
#EXTINF:4.000,
d.ts
#EXT-X-ENDLIST
";

our $event = $vod =~ s/VOD/EVENT/r =~ s/#EXT-X-ENDLIST\n//r;
our $live = $event =~ s/#EXT-X-PLAYLIST-TYPE:EVENT\n//r;

sub range {
    my ($n, $start, $end, $at, $product) = @_;

    return "#EXT-X-DATERANGE:ID=\"demo-$n-1\",CLASS=\"nginx-commerce.product\","
           . "START-DATE=\"2025-11-22T20:00:${start}Z\","
           . "END-DATE=\"2025-11-22T20:00:${end}Z\","
           . "X-NGINX-COMMERCE-AT=\"17638416$at\","
           . "X-NGINX-COMMERCE-PRODUCT=\"$product\"\n";
}

our $clip = "#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:04.000Z
" . range(1, '02.000', '05.000', '02000', 'p-1')
  . range(2, '05.000', '11.000', '05000', 'p-2') . "#EXTINF:4.000,
b.ts
" . range(3, '11.000', '12.000', '11000', '') . "#EXTINF:4.000,
c.ts
#EXT-X-ENDLIST
";

our $conf = <<'CONF';
    commerce_room  demo;
    commerce_hls   on;

    location /on/ {
        commerce_hls_clip  on;
        add_header         X-Args $commerce_args;
        add_header         X-Reason $commerce_reason always;
    }

    location /off/ {
        add_header         X-Args $commerce_args;
    }

    location /nobody/ {
        commerce_room      nobody;
        commerce_hls_clip  on;
    }

    location /page/ {
        commerce_hls_clip  on;
        error_page         404 = @why;
    }

    location @why {
        return 404 "no clip: $commerce_reason";
    }

    location /small/ {
        commerce_hls_clip      on;
        commerce_hls_max_size  100;
        add_header             X-Reason $commerce_reason always;
    }
CONF

our $redis = <<'REDIS';
HSET commerce:{demo} host h1 state open version 1
XADD commerce:{demo}:cues 1-1 at 1763841602000 show 1 product p-1 version 1
XADD commerce:{demo}:cues 2-1 at 1763841605000 show 1 product p-2 version 1
XADD commerce:{demo}:cues 3-1 at 1763841611000 show 1 product "" version 1
XADD commerce:{demo}:cues 4-1 at 1763841613000 show 1 product p-4 version 1
REDIS

no_long_string();
run_tests();

__DATA__

=== the segments that show it, as a playlist that has ended
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/vod.m3u8\n$::vod>>> on/event.m3u8\n$::event>>> on/live.m3u8\n$::live"
--- request eval
["GET /on/vod.m3u8?clip=2-1&a=b", "GET /on/event.m3u8?clip=2-1&a=b",
 "GET /on/live.m3u8?clip=2-1&a=b", "GET /on/vod.m3u8?clip=2-1&a=b"]
--- response_body eval
[$::clip, $::clip, $::clip, $::clip]
--- response_headers eval
[("X-Args: a=b") x 4]
--- no_error_log
[warn]



=== it has an ETag of its own, no ranges, and its length
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/vod.m3u8\n$::vod"
--- request
HEAD /on/vod.m3u8?clip=2-1
--- response_headers eval
"Content-Length: " . length($::clip) . "
! Last-Modified
! Accept-Ranges"



=== if it has not changed, it isn't sent
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/vod.m3u8\n$::vod"
--- request
GET /on/vod.m3u8?clip=2-1
--- more_headers
If-None-Match: *
--- error_code: 304



=== what is no cue of the playlist is not found
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/vod.m3u8\n$::vod"
--- request eval
["GET /on/vod.m3u8?clip=9-1", "GET /on/vod.m3u8?clip=3-1",
 "HEAD /on/vod.m3u8?clip=9-1"]
--- error_code eval
[404, 404, 404]
--- response_headers eval
[("X-Reason: clip_unknown") x 3]
--- no_error_log
[warn]



=== nor is one that goes on, or whose begin is not listed
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/event.m3u8\n$::event>>> on/live.m3u8\n"
. $::live =~ s/20:00:00/20:00:03/r
--- request eval
["GET /on/event.m3u8?clip=4-1", "GET /on/live.m3u8?clip=1-1"]
--- error_code eval
[404, 404]
--- response_headers eval
[("X-Reason: clip_incomplete") x 2]



=== whoever asks for a part never gets all
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/html.m3u8\n<html>\n>>> small/vod.m3u8\n$::vod"
--- request eval
["GET /on/html.m3u8?clip=2-1", "GET /small/vod.m3u8?clip=2-1"]
--- error_code eval
[404, 404]
--- response_headers eval
[("X-Reason: clip_unknown") x 2]



=== a room that is not known
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> nobody/vod.m3u8\n$::vod"
--- request
GET /nobody/vod.m3u8?clip=2-1
--- error_code: 404
--- response_body_like: "reason":"room_unknown"



=== a page of one's own
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> page/vod.m3u8\n$::vod"
--- request
GET /page/vod.m3u8?clip=7-1
--- error_code: 404
--- response_body: no clip: clip_unknown



=== off, the default: the argument is not ours
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> off/a.m3u8\n<html>\n"
--- request
GET /off/a.m3u8?clip=9-1
--- response_body
<html>
--- response_headers
X-Args: clip=9-1
