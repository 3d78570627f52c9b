# commerce_hls_clock: where a playlist without dates takes its time from.

use lib 't/lib';
use Commerce::Test;

sub listing {
    return "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" .
           join '', map { "#EXTINF:4.000,\n$_\n" } @_;
}

our $names = listing('cam-1763841600000.ts?t=9', 'cam-1763841604000.ts');
our $plain = listing('seg17.ts', 'seg18.ts');
our $back = listing('1763841600000.ts', '1763841599000.ts',
                    '1763841608000.ts');

our $conf = <<'CONF';
    commerce_room  demo;
    commerce_hls   on;
    location /off/     { commerce_hls_clock off; }
    location /name/    { commerce_hls_clock name; }
    location /default/ { }
CONF

our $redis = <<'REDIS';
HSET commerce:{demo} host h1 state open version 1
XADD commerce:{demo}:cues 1-1 at 1763841602000 show 1 product p-1 version 1
REDIS

no_long_string();
run_tests();

__DATA__

=== name: segments have their names' time
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> name/a.m3u8\n$::names"
--- request
GET /name/a.m3u8
--- response_body
#EXTM3U
#NGINX-COMMERCE-DATES
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
#EXT-X-DATERANGE:ID="demo-1-1",CLASS="nginx-commerce.product",START-DATE="2025-11-22T20:00:02.000Z",PLANNED-DURATION=86400,X-NGINX-COMMERCE-AT="1763841602000",X-NGINX-COMMERCE-PRODUCT="p-1"
#EXTINF:4.000,
cam-1763841600000.ts?t=9
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:04.000Z
#EXTINF:4.000,
cam-1763841604000.ts
--- no_error_log
[warn]



=== off, the default: there is no time, so there are no cues
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> off/a.m3u8\n$::names>>> default/a.m3u8\n$::names"
--- request eval
["GET /off/a.m3u8", "GET /default/a.m3u8"]
--- response_body eval
[$::names, $::names]



=== names that are no time
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> name/a.m3u8\n$::plain"
--- request
GET /name/a.m3u8
--- response_body eval
$::plain



=== a name that steps back spoils nothing
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> name/a.m3u8\n$::back"
--- request
GET /name/a.m3u8
--- response_body
#EXTM3U
#NGINX-COMMERCE-DATES
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
#EXT-X-DATERANGE:ID="demo-1-1",CLASS="nginx-commerce.product",START-DATE="2025-11-22T20:00:02.000Z",PLANNED-DURATION=86400,X-NGINX-COMMERCE-AT="1763841602000",X-NGINX-COMMERCE-PRODUCT="p-1"
#EXTINF:4.000,
1763841600000.ts
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:04.000Z
#EXTINF:4.000,
1763841599000.ts
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:08.000Z
#EXTINF:4.000,
1763841608000.ts
--- grep_error_log eval
qr/has dates by EXTINF/
--- grep_error_log_out eval
qr/\A(?:has dates by EXTINF\n)?\z/



=== that is warned of
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> name/a.m3u8\n$::plain"
--- request
GET /name/a.m3u8
--- response_body eval
$::plain
--- grep_error_log eval
qr/without cues: .* segments have no time/
--- grep_error_log_out eval
qr/\A(?:without cues: its segments have no time\n)?\z/



=== dates of the playlist's own go before its names
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> name/a.m3u8\n" . $::names =~ s/^(?=#EXTINF)/#EXT-X-PROGRAM-DATE-TIME:2025-11-22T19:00:00Z\n/mr
--- request
GET /name/a.m3u8
--- response_body
#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T19:00:00Z
#EXTINF:4.000,
cam-1763841600000.ts?t=9
#EXTINF:4.000,
cam-1763841604000.ts
