# commerce_hls_clock by names of other kinds, commerce_hls_offset, and dates
# without cues.

use lib 't/lib';
use Commerce::Test;

sub listing {
    return "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" .
           join '', map { "#EXTINF:4.000,\n$_\n" } @_;
}

sub dated {
    return listing(@_) =~ s/^(?=#EXTINF)/#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00Z\n/mr;
}

our $conf = <<'CONF';
    commerce_room  demo;
    commerce_hls   on;
    location /s/      { commerce_hls_clock name s; }
    location /us/     { commerce_hls_clock name us; }
    location /ms/     { commerce_hls_clock name ms; }
    location /folder/ { commerce_hls_clock "~^(?<time>\d{10})/" s; }
    location /group/  { commerce_hls_clock ~(x|t=(?<time>[0-9]+)); }
    location /late/   { commerce_hls_clock name; commerce_hls_offset 1500ms; }
    location /early/  { commerce_hls_clock name; commerce_hls_offset -500ms; }
    location /dates/  { commerce_hls_clock name; commerce_hls dates; }
    location /without/ { commerce_hls off; commerce_hls_clock name; }
CONF

our $redis = <<'REDIS';
HSET commerce:{demo} host h1 state open version 1
XADD commerce:{demo}:cues 1-1 at 1763841602000 show 1 product p-1 version 1
REDIS

our $first = qr/^#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00\.000Z\n#EXT-X-DATERANGE/m;

our $shifted = <<'REDIS';
HSET commerce:{demo} host h1 state open version 1
XADD commerce:{demo}:cues 1-1 at 1763841602000 show 1 product p-1 version 1
ZADD commerce:{demo}:periods 1763841500000 "0 1763841500000 1763841500000 1763841500000 1000 33"
REDIS

no_long_string();
run_tests();

__DATA__

=== seconds, microseconds, milliseconds
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> s/a.m3u8\n" . main::listing('a-1763841600.ts', 'a-1763841604.ts') .
">>> us/a.m3u8\n" . main::listing('1763841600000000.ts', '1763841604000000.ts') .
">>> ms/a.m3u8\n" . main::listing('1763841600000.ts', '1763841604000.ts')
--- request eval
["GET /s/a.m3u8", "GET /us/a.m3u8", "GET /ms/a.m3u8"]
--- response_body_like eval
[$::first, $::first, $::first]



=== digits of another unit are no time
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> us/a.m3u8\n" . main::listing('1763841600000.ts', '1763841604000.ts')
--- request
GET /us/a.m3u8
--- response_body eval
main::listing('1763841600000.ts', '1763841604000.ts')



=== a folder's name
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> folder/a.m3u8\n" . main::listing('1763841600/17.ts', '1763841604/18.ts')
--- request
GET /folder/a.m3u8
--- response_body_like eval
$::first



=== a group that takes no part, and one that is no time
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> group/a.m3u8\n" . main::listing('x.ts', 'y.ts?t=1763841604000') .
">>> group/b.m3u8\n" . main::listing('x.ts', 'y.ts?t=17')
--- request eval
["GET /group/a.m3u8", "GET /group/b.m3u8"]
--- response_body_like eval
[$::first, qr/\A#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.000,\nx.ts\n/]



=== an offset is taken from the dates of names
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> late/a.m3u8\n" . main::listing('1763841601500.ts', '1763841605500.ts') .
">>> early/a.m3u8\n" . main::listing('1763841599500.ts', '1763841603500.ts')
--- request eval
["GET /late/a.m3u8", "GET /early/a.m3u8"]
--- response_body_like eval
[$::first, $::first]



=== others' dates stay, cues go with them
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> late/a.m3u8\n" . main::dated('a.ts', 'b.ts')
--- request
GET /late/a.m3u8
--- response_body_like eval
qr/TIME:2025-11-22T20:00:00Z\n#EXT-X-DATERANGE:.*START-DATE="2025-11-22T20:00:03\.500Z".*-AT="1763841603500"/



=== dates of ours need no offset, but what the gaps have taken
--- config eval: $::conf
--- redis eval: $::shifted
--- user_files eval
">>> late/a.m3u8\n" . main::dated('a.ts', 'b.ts') =~ s/\n/\n#NGINX-COMMERCE-DATES\n/r
--- request
GET /late/a.m3u8
--- response_body_like eval
qr/TIME:2025-11-22T20:00:00Z\n#EXT-X-DATERANGE:.*START-DATE="2025-11-22T20:00:01\.000Z".*-AT="1763841601000"/



=== dates alone
--- config eval: $::conf
--- redis eval: $::shifted
--- user_files eval
">>> dates/a.m3u8\n" . main::listing('1763841600000.ts', '1763841604000.ts')
--- request
GET /dates/a.m3u8
--- response_body
#EXTM3U
#NGINX-COMMERCE-DATES
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T19:59:59.000Z
#EXTINF:4.000,
1763841600000.ts
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:03.000Z
#EXTINF:4.000,
1763841604000.ts



=== off is off
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> without/a.m3u8\n" . main::listing('1763841600000.ts', '1763841604000.ts')
--- request
GET /without/a.m3u8
--- response_body eval
main::listing('1763841600000.ts', '1763841604000.ts')
