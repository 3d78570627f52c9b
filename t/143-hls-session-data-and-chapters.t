# commerce_hls_session_data and commerce_hls_chapters: what players of a
# multivariant playlist are told of the shelf, and of a recording's products.

use lib 't/lib';
use Commerce::Test;

our $multivariant = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000\nlow.m3u8\n";

our $vod = "#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z
#EXTINF:4.000,
a.ts
#EXTINF:4.000,
b.ts
#EXTINF:4.500,
c.ts
#EXT-X-ENDLIST
";

our $conf = <<'CONF';
    commerce_room  demo;
    commerce_hls   on;

    location /told/ {
        commerce_hls_session_data  shelf=/shelf/$commerce_args
                                   chapters=low.m3u8?chapters=1;
    }

    location /argument/ {
        commerce_hls_session_data  shelf=$arg_shelf;
        add_header                 X-Reason $commerce_reason always;
    }

    location /on/ {
        commerce_hls_chapters  on;
        add_header             X-Args $commerce_args;
        add_header             X-Reason $commerce_reason always;
    }

    location /clip/ {
        commerce_hls_chapters  on;
        commerce_hls_clip      on;
    }
CONF

our $redis = <<'REDIS';
HSET commerce:{demo} host h1 state open version 1
XADD commerce:{demo}:cues 1-1 at 1763841602000 show 1 product p-1 version 1 title "An \"old\" kettle"
XADD commerce:{demo}:cues 2-1 at 1763841605000 show 1 product "" version 1
XADD commerce:{demo}:cues 3-1 at 1763841609000 show 1 product p-3 version 1
REDIS

our $first = '{"chapter":1,"start-time":2.000,"duration":3.000,'
             . '"titles":[{"language":"und","title":"An ”old” kettle"}],'
             . '"metadata":[{"key":"product","value":"p-1"}]}';

our $second = '{"chapter":2,"start-time":9.000,"duration":3.500,'
              . '"titles":[{"language":"und","title":"p-3"}],'
              . '"metadata":[{"key":"product","value":"p-3"}]}';

no_long_string();
run_tests();

__DATA__

=== a multivariant playlist tells of both
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> told/a.m3u8\n$::multivariant"
--- request eval
["GET /told/a.m3u8?x", "GET /told/a.m3u8?x", "GET /told/a.m3u8?y"]
--- response_body eval
[map { "#EXTM3U
#EXT-X-SESSION-DATA:DATA-ID=\"nginx-commerce.shelf\",URI=\"/shelf/$_\"
#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.chapters\",URI=\"low.m3u8?chapters=1\"
#EXT-X-STREAM-INF:BANDWIDTH=900000
low.m3u8
" } qw(x x y)]
--- no_error_log
[warn]



=== a media playlist doesn't
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> told/low.m3u8\n$::vod"
--- request
GET /told/low.m3u8
--- response_body_unlike
SESSION-DATA



=== nothing is told that could not stand there
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> argument/a.m3u8\n$::multivariant"
--- request eval
["GET /argument/a.m3u8", "GET /argument/a.m3u8?shelf=a\"b"]
--- response_body eval
[$::multivariant, $::multivariant]
--- error_log
commerce_hls_session_data: "a"b" is no URI



=== chapters: a product each
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/low.m3u8\n$::vod"
--- request
GET /on/low.m3u8?chapters=1&a=b
--- response_body eval
"[$::first,$::second]"
--- response_headers
Content-Type: application/json
X-Args: a=b



=== of a clip: its own
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> clip/low.m3u8\n$::vod"
--- request eval
["GET /clip/low.m3u8?chapters=1&clip=3-1", "GET /clip/low.m3u8?chapters=1"]
--- response_body eval
['[' . $::second =~ s/"chapter":2/"chapter":1/r =~ s/9[.]000/1.000/r . ']',
 "[$::first,$::second]"]



=== none before anything was shown
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/low.m3u8\n" . $::vod =~ s/2025/2024/r
--- request
GET /on/low.m3u8?chapters=1
--- response_body chop
[]



=== of what can have none: not found
--- config eval: $::conf
--- redis eval: $::redis
--- user_files eval
">>> on/a.m3u8\n$::multivariant"
--- request
GET /on/a.m3u8?chapters=1
--- error_code: 404
--- response_headers
X-Reason: no_chapters



=== parameters that are none
--- config
    commerce_hls_session_data cart=/cart;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid parameter "cart=\/cart" of "commerce_hls_session_data" directive in .*:\d+/



=== one that is there twice
--- config
    commerce_hls_session_data shelf=/a shelf=/b;
--- must_die
--- error_log eval
qr/\[emerg\] .*duplicate parameter "shelf=\/b" of "commerce_hls_session_data" directive in .*:\d+/



=== one that is empty
--- config
    commerce_hls_session_data shelf=;
--- must_die
--- error_log
invalid parameter "shelf="



=== the directive twice
--- config
    commerce_hls_session_data shelf=/a;
    commerce_hls_session_data chapters=/b;
--- must_die
--- error_log
"commerce_hls_session_data" directive is duplicate



=== commerce_hls_chapters is on or off
--- config
    commerce_hls_chapters 3;
--- must_die
--- error_log
invalid value "3" in "commerce_hls_chapters" directive
