# Playlists of other kinds than nginx-rtmp's get the cues of their time, and
# keep all else.

use lib 't/lib';
use Commerce::Test;

sub cue {
    my ($n, $time, $at, $more) = @_;

    $more //= 'PLANNED-DURATION=86400';

    return "#EXT-X-DATERANGE:ID=\"demo-$n-1\",CLASS=\"nginx-commerce.product\","
           . "START-DATE=\"2025-11-22T${time}Z\",$more,"
           . "X-NGINX-COMMERCE-AT=\"17638416$at\","
           . "X-NGINX-COMMERCE-PRODUCT=\"p-$n\"\n";
}

our $conf = <<'CONF';
    commerce_room       demo;
    commerce_hls        on;
    commerce_hls_clock  name;
CONF

our $redis = <<'REDIS';
HSET commerce:{demo} host h1 state open version 1
XADD commerce:{demo}:cues 1-1 at 1763841602000 show 1 product p-1 version 1
XADD commerce:{demo}:cues 2-1 at 1763841606000 show 1 product p-2 version 1
XADD commerce:{demo}:cues 3-1 at 1763841606400 show 1 product p-3 version 1
XADD commerce:{demo}:cues 4-1 at 1763841606800 show 1 product p-4 version 1
XADD commerce:{demo}:cues 5-1 at 1763841611500 show 1 product p-5 version 1
REDIS

no_long_string();
run_tests();

__DATA__

=== of pins within a second the first, and the one that lasts
--- config eval: $::conf
--- redis eval: $::redis
--- user_files
>>> a.m3u8
#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
#EXTINF:4.000,
a.ts
#EXTINF:4.000,
b.ts
#EXTINF:4.000,
c.ts
--- request
GET /a.m3u8
--- response_body eval
"#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
" . main::cue(1, '20:00:02.000', '02000') . "#EXTINF:4.000,
a.ts
" . main::cue(2, '20:00:06.000', '06000')
. main::cue(4, '20:00:06.800', '06800') . "#EXTINF:4.000,
b.ts
" . main::cue(5, '20:00:11.500', '11500') . "#EXTINF:4.000,
c.ts
"



=== at low latency a pin is there at once
--- config eval: $::conf
--- redis eval: $::redis
--- user_files
>>> a.m3u8
#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MAP:URI="init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:08.000Z
#EXT-X-PART:DURATION=2.0,URI="2.0.m4s"
#EXT-X-PART:DURATION=2.0,URI="2.1.m4s"
#EXTINF:4.000,
2.m4s
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="3.0.m4s"
#EXT-X-RENDITION-REPORT:URI="../low/a.m3u8",LAST-MSN=2,LAST-PART=1
--- request
GET /a.m3u8
--- response_body eval
"#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:4
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MAP:URI=\"init.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:08.000Z
" . main::cue(4, '20:00:06.800', '06800')
. main::cue(5, '20:00:11.500', '11500')
. "#EXT-X-PART:DURATION=2.0,URI=\"2.0.m4s\"
#EXT-X-PART:DURATION=2.0,URI=\"2.1.m4s\"
#EXTINF:4.000,
2.m4s
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"3.0.m4s\"
#EXT-X-RENDITION-REPORT:URI=\"../low/a.m3u8\",LAST-MSN=2,LAST-PART=1
"



=== renditions whose segments are not cut alike have the same cues
--- config eval: $::conf
--- redis eval: $::redis
--- user_files
>>> audio.m3u8
#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T19:59:58.741Z
#EXTINF:3.989333,
a1.aac
#EXTINF:4.010667,
a2.aac
>>> subtitles.m3u8
#EXTM3U
#EXT-X-TARGETDURATION:30
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T19:59:36.000Z
#EXTINF:30,
s1.vtt
>>> iframes.m3u8
#EXTM3U
#EXT-X-VERSION:4
#EXT-X-TARGETDURATION:3
#EXT-X-I-FRAMES-ONLY
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
#EXTINF:3.000,
#EXT-X-BYTERANGE:9212@376
hall.ts
#EXTINF:2.900,
#EXT-X-BYTERANGE:8460@601788
hall.ts
--- request eval
["GET /audio.m3u8", "GET /subtitles.m3u8", "GET /iframes.m3u8"]
--- response_body_like eval
[(quotemeta main::cue(1, '20:00:02.000', '02000')) x 3]



=== date ranges of others stay, whatever they are
--- config eval: $::conf
--- redis eval: $::redis
--- user_files
>>> a.m3u8
#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-DATERANGE:ID="left",END-DATE="2025-11-22T20:00:03.000Z"
#EXT-X-DATERANGE:ID="ad",CLASS="com.apple.hls.interstitial",START-DATE="2025-11-22T14:00:02-06:00",X-ASSET-URI="https://ads.example.com/a.m3u8"
#EXT-X-DATERANGE:ID="7",START-DATE="2025-11-22T20:00:02Z",SCTE35-OUT=0xFC3025
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T14:00:00-06:00
#EXTINF:4.000,
a.ts
--- request
GET /a.m3u8
--- response_body eval
"#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-DATERANGE:ID=\"left\",END-DATE=\"2025-11-22T20:00:03.000Z\"
#EXT-X-DATERANGE:ID=\"ad\",CLASS=\"com.apple.hls.interstitial\",START-DATE=\"2025-11-22T14:00:02-06:00\",X-ASSET-URI=\"https://ads.example.com/a.m3u8\"
#EXT-X-DATERANGE:ID=\"7\",START-DATE=\"2025-11-22T20:00:02Z\",SCTE35-OUT=0xFC3025
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T14:00:00-06:00
" . main::cue(1, '20:00:02.000', '02000') . "#EXTINF:4.000,
a.ts
"



=== a hole in dates: what was pinned and is over in it is nothing
--- config eval: $::conf
--- redis eval: $::redis
--- user_files
>>> a.m3u8
#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T19:59:56.000Z
#EXTINF:4.000,
a.ts
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:09.000Z
#EXTINF:4.000,
b.ts
#EXT-X-ENDLIST
--- request
GET /a.m3u8
--- response_body eval
"#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T19:59:56.000Z
#EXTINF:4.000,
a.ts
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:09.000Z
" . main::cue(4, '20:00:06.800', '06800', 'END-DATE="2025-11-22T20:00:11.500Z"')
. main::cue(5, '20:00:11.500', '11500', 'END-DATE="2025-11-22T20:00:13.000Z"')
. "#EXTINF:4.000,
b.ts
#EXT-X-ENDLIST
"



=== what players pass over keeps nobody from cues
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> a.m3u8\n\n#EXTM3U x-key=\"y\"
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00Z
#EXTINF:4.000,
#EXTINF:3.000,
a.ts
#EXT-X-PROGRAM-DATE-TIME:later
#EXTINF:4.000,
b.ts
#EXTINF:4.000,
"
--- request
GET /a.m3u8
--- response_body eval
"\n#EXTM3U x-key=\"y\"
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00Z
" . main::cue(1, '20:00:02.000', '02000') . "#EXTINF:4.000,
#EXTINF:3.000,
a.ts
#EXT-X-PROGRAM-DATE-TIME:later
" . main::cue(2, '20:00:06.000', '06000') . "#EXTINF:4.000,
b.ts
#EXTINF:4.000,
"
