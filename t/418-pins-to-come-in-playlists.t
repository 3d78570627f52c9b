# A pin to come is in no playlist before its time, nor is it the end of another
# there, so that it can be taken back or get others before it.  What stands in
# a playlist stays.

use lib 't/lib';
use Commerce::Test;

our $playlist = <<'END';
#EXTM3U
#EXT-X-TARGETDURATION:6
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
#EXTINF:6.000,
a.ts
#EXTINF:6.000,
b.ts
END

# a range's attributes from its start on

sub cue {
    my ($product, $start) = @_;

    return qr/START-DATE="2025-11-22T$start.000Z",PLANNED-DURATION=86400,/ .
           qr/[^\n]*PRODUCT="$product"/;
}

run_tests();

__DATA__

=== it is not there before its time
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room  $room;
        commerce_hls   on;
    }
--- room
demo
--- redis
XADD commerce:{demo}:cues 1763841601000-0 at 1763841601000 product p1
XADD commerce:{demo}:cues 1763841602000-0 at 1763849999000 product p2
--- user_files eval
">>> live/demo/index.m3u8\n$::playlist"
--- request
GET /live/demo/index.m3u8
--- response_body_like eval
qr/^#EXTM3U\n(?:(?!#EXT-X-DATERANGE).*\n)*#EXT-X-DATERANGE:[^\n]*@{[main::cue('p1', '20:00:01')]}\n(?:(?!#EXT-X-DATERANGE).*\n)*$/



=== what is pinned meanwhile is
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room  $room;
        commerce_hls   on;
    }
--- room
demo
--- redis
XADD commerce:{demo}:cues 1763841601000-0 at 1763841601000 product p1
XADD commerce:{demo}:cues 1763841602000-0 at 1763849999000 product p2
XADD commerce:{demo}:cues 1763841603000-0 at 1763841603000 product p3
--- user_files eval
">>> live/demo/index.m3u8\n$::playlist"
--- request
GET /live/demo/index.m3u8
--- response_body_like eval
qr/@{[main::cue('p1', '20:00:01')]}\n#EXT-X-DATERANGE:[^\n]*@{[main::cue('p3', '20:00:03')]}\n(?:(?!#EXT-X-DATERANGE).*\n)*$/



=== when it has come, nothing gets before it any more
--- config
    location ~ ^/live/(?<room>[a-z0-9-]+)/ {
        commerce_room  $room;
        commerce_hls   on;
    }
--- room
demo
--- redis
XADD commerce:{demo}:cues 1763841590000-0 at 1763841591000 product p1
XADD commerce:{demo}:cues 1763841590001-0 at 1763841602000 product p2
XADD commerce:{demo}:cues 1763841603000-0 at 1763841601000 product p3
XADD commerce:{demo}:cues 1763841603001-0 at 1763841604000 product p4
--- user_files eval
">>> live/demo/index.m3u8\n$::playlist"
--- request
GET /live/demo/index.m3u8
--- response_body_like eval
qr/@{[main::cue('p1', '19:59:51')]}\n#EXT-X-DATERANGE:[^\n]*@{[main::cue('p2', '20:00:02')]}\n#EXT-X-DATERANGE:[^\n]*START-DATE="2025-11-22T20:00:02.001Z",[^\n]*"p3"\n/
