# commerce_hls_delta: whether players are offered delta updates, and what is in
# them.

use lib 't/lib';
use Commerce::Test;

our $head = "#EXTM3U\n#EXT-X-VERSION:10\n#EXT-X-TARGETDURATION:4\n";
our $offer = "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.0,"
             . "CAN-SKIP-DATERANGES=YES\n";
our $date = "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:04.000Z\n";
our $segment = "#EXTINF:4.000,\nb.ts\n";

our $cue = "#EXT-X-DATERANGE:ID=\"demo-3-1\",CLASS=\"nginx-commerce.product\","
           . "START-DATE=\"2025-11-22T20:00:01.000Z\",PLANNED-DURATION=86400,"
           . "X-NGINX-COMMERCE-AT=\"1763841601000\","
           . "X-NGINX-COMMERCE-PRODUCT=\"p-3\"\n";

our $before = $cue =~ s/-3-1/-2-1/r =~ s/p-3/p-2/r
                   =~ s/20:00:01/19:59:50/r =~ s/601000/590000/r;

our $whole = "$head$offer$date$segment";
our $delta = "$head$offer#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n$date$segment";

our $conf = <<'CONF';
    commerce_room  demo;

    location /off/ {
        commerce_hls  on;
        add_header    X-Args $commerce_args;
    }

    location /on/ {
        commerce_hls        on;
        commerce_hls_delta  on;
        add_header          X-Args $commerce_args;
    }

    location /none/ {
        add_header    X-Args $commerce_args;
    }
CONF

our $redis = <<'REDIS';
HSET commerce:{demo} host h1 state open version 1
XADD commerce:{demo}:cues 1-1 at 1763841585000 show 1 product p-1 version 1
XADD commerce:{demo}:cues 2-1 at 1763841590000 show 1 product p-2 version 1
XADD commerce:{demo}:cues 3-1 at 1763841601000 show 1 product p-3 version 1
REDIS

no_long_string();
run_tests();

__DATA__

=== off, the default: they are not offered, and the origin isn't asked for them
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> off/a.m3u8\n$::whole"
--- request
GET /off/a.m3u8?_HLS_skip=v2&_HLS_msn=7
--- response_body eval
"$::head#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n$::date$::cue$::segment"
--- response_headers
X-Args: _HLS_msn=7



=== on: they are
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/a.m3u8\n$::whole"
--- request
GET /on/a.m3u8?_HLS_skip=v2&_HLS_msn=7
--- response_body eval
"$::head$::offer$::date$::cue$::segment"
--- response_headers
X-Args: _HLS_skip=v2&_HLS_msn=7



=== on: one has all cues of its time, and names those that left
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/a.m3u8\n$::delta"
--- request
GET /on/a.m3u8
--- response_body eval
"$::head$::offer#EXT-X-SKIP:SKIPPED-SEGMENTS=1,"
. "RECENTLY-REMOVED-DATERANGES=\"demo-1-1\"\n$::date$::before$::cue$::segment"



=== off: one that comes all the same has all cues
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> off/a.m3u8\n$::delta"
--- request
GET /off/a.m3u8
--- response_body eval
"$::head#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n"
. "#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n$::date$::before$::cue$::segment"



=== where there are no cues, nothing of that
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> none/a.m3u8\n$::whole"
--- request
GET /none/a.m3u8?_HLS_skip=v2
--- response_body eval
$::whole
--- response_headers
X-Args: _HLS_skip=v2
