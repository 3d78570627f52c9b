# Whoever was let in gets a playlist whose URIs carry his session, the same as
# long as it lasts; nobody else's playlist changes.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Commerce::Viewers;
use Test::More;

my $root = dir('root');
my $port = port('HTTP');

write_file("$root/live/$_/index.m3u8", dated(3)) for qw(demo open);
write_file("$root/live/demo/plain.m3u8", "#EXTM3U\n#EXTINF:4,\na.ts\n");
write_file("$root/live/demo/page.m3u8", "<html>\n");
write_file("$root/live/demo/master.m3u8", <<"M3U8");
#EXTM3U
#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="skd://key"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="audio.m3u8?lang=zh"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="http://127.0.0.1:$port/i.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="a"
//127.0.0.1:$port/live/demo/index.m3u8?viewer=old#f
#EXT-X-STREAM-INF:BANDWIDTH=3
http://cdn.example.com/live/demo/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=4
http://other.example.net/live/demo/index.m3u8
M3U8

utime 1000000000, 1000000000, glob "$root/live/*/*.m3u8";

redis();
host('h1');
room('demo', host => 'h1', visibility => 'unlisted');
room('open', host => 'h1');
pin('demo', 5000, 'p-1');

viewers(<<'CONF', secrets => [SECRET, 'x' x 32]);
    server {
        listen %%HTTP%%;
        root   %%DIR%%/root;

        commerce_room    $room;
        commerce_access  on;
        commerce_hls     on;

        location /live/ {
            commerce_hls_token        on;
            commerce_hls_token_hosts  *.example.com;
        }

        location /cached/ {
            alias               %%DIR%%/root/live/;
            commerce_hls_token  on;
            expires             1h;
            add_header          Cache-Control  public;
            add_header          X-Other        other;
        }

        location /bare/ {
            alias               %%DIR%%/root/live/;
            commerce_hls        off;
            commerce_hls_token  on;
        }

        location /off/ { alias %%DIR%%/root/live/; }
    }
CONF

my $token = viewer_token('demo', 'u42', issued => time() * 1000 - 5000);
my $session = session_of('demo', $token, 12 * 3600);
my $path = "/live/demo/index.m3u8?viewer=$token";

# What a viewer may get, less what is his.

sub shared {
    my $text = shift;

    $text =~ s/\?viewer=\Q$session\E$//gm;

    return $text;
}


my $answer = get($path);
my $etag = $answer->{headers}{etag};

is($answer->{status}, 200, 'a media playlist');
is(cues($answer->{content}), 'p-1', '... has its cues');
is(() = $answer->{content} =~ /^\d+\.ts\?viewer=\Q$session\E$/mg, 3,
   '... and the session, of the same time of issue, in each segment');
is(plain(shared($answer->{content})), dated(3), '... and is the same else');
is($answer->{headers}{'cache-control'}, 'private, no-store',
   '... for no cache');
is($answer->{headers}{'content-length'}, length $answer->{content},
   '... Content-Length');
ok(!$answer->{headers}{'last-modified'}, '... no Last-Modified');

is(get($path)->{content}, $answer->{content}, 'again: the same');

my $renewed = get("/live/demo/index.m3u8?viewer=$session");

is($renewed->{content}, $answer->{content}, 'by the session: the same');
is($renewed->{headers}{etag}, $etag, '... with its ETag');
is(get('/live/demo/index.m3u8', Authorization => "Bearer $token")->{content},
   $answer->{content}, 'by a header: the same');

# after the secret that signs has changed, what was listed stays

my $older = viewer_token('demo', 'u42', kind => 's', secret => 'x' x 32);

like(get("/live/demo/index.m3u8?viewer=$older")->{content},
     qr/^\d+\.ts\?viewer=\Q$older\E$/m, 'a session that another secret signed');

my ($segment) = $answer->{content} =~ /^(\d+\.ts\?.*)$/m;

write_file("$root/live/demo/" . ($segment =~ s/\?.*//r), 'video');
is(get("/live/demo/$segment")->{content}, 'video', 'a segment of it is had');
is(get('/live/demo/' . ($segment =~ s/\?.*//r))->{status}, 401,
   '... not without');

my $head = head($path);

is($head->{status}, 200, 'HEAD');
is($head->{headers}{'content-length'}, length $answer->{content},
   '... Content-Length');
is($head->{headers}{etag}, $etag, '... ETag');
is($head->{headers}{'cache-control'}, 'private, no-store', '... for no cache');

my $old = get($path, 'If-None-Match' => $etag);

is($old->{status}, 304, 'If-None-Match');
is($old->{headers}{'cache-control'}, 'private, no-store', '... for no cache');
is(get($path, 'If-Match' => '"other"')->{status}, 412, 'If-Match');
is(get($path, Range => 'bytes=0-1')->{content}, $answer->{content},
   'no ranges');

my $other = viewer_token('demo', 'u43');
my $others = get("/live/demo/index.m3u8?viewer=$other");

like($others->{content}, qr/\.u43\./, 'another viewer: his own');
unlike($others->{content}, qr/\.u42\./, '... alone');
isnt($others->{headers}{etag}, $etag, '... with its own ETag');

# an identity opens a public room, too, and its session is of that room

my $identity = viewer_token('open', 'u42', kind => 'i');
my $known = get("/live/open/index.m3u8?viewer=$identity");
my $its = session_of('open', $identity, 12 * 3600);

is(() = $known->{content} =~ /\?viewer=\Q$its\E$/mg, 3,
   'a public room with an identity: its session');

my $anybody = get('/live/open/index.m3u8');

is($anybody->{content}, dated(3), 'a public room without a proof: as it is');
ok(!$anybody->{headers}{'cache-control'}, '... cacheable');
isnt($anybody->{headers}{etag}, $known->{headers}{etag}, '... its own ETag');
is(get('/live/open/index.m3u8')->{content}, dated(3), '... again');
is(get("/live/open/index.m3u8?viewer=$identity")->{content},
   $known->{content}, '... and the one with the identity');


my $master = get("/live/demo/master.m3u8?viewer=$token");
my $arg = "viewer=$session";

is($master->{content}, <<"M3U8", 'a multivariant playlist');
#EXTM3U
#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="skd://key"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="audio.m3u8?lang=zh&$arg"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="http://127.0.0.1:$port/i.m3u8?$arg"
#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="a"
//127.0.0.1:$port/live/demo/index.m3u8?$arg#f
#EXT-X-STREAM-INF:BANDWIDTH=3
http://cdn.example.com/live/demo/index.m3u8?$arg
#EXT-X-STREAM-INF:BANDWIDTH=4
http://other.example.net/live/demo/index.m3u8
M3U8
is($master->{headers}{'cache-control'}, 'private, no-store',
   '... for no cache');
is(get("/live/demo/master.m3u8?viewer=$token",
       'If-None-Match' => $master->{headers}{etag})->{status}, 304,
   '... If-None-Match');
is(get("/live/demo/master.m3u8?viewer=$token")->{content},
   $master->{content}, '... again: the same');

unlike(get("/live/demo/master.m3u8?viewer=$token", Host => 'elsewhere')
           ->{content},
       qr/127\.0\.0\.1:$port\S*\Q$session\E/,
       '... asked for at another host: that one is not its own');

is(get("/live/demo/plain.m3u8?viewer=$token")->{content},
   "#EXTM3U\n#EXTINF:4,\na.ts?$arg\n", 'one without a clock');

my $page = get("/live/demo/page.m3u8?viewer=$token");

is($page->{content}, "<html>\n", 'what is no playlist: as it is');
is(get("/live/demo/page.m3u8?viewer=$token",
       'If-None-Match' => $page->{headers}{etag})->{status}, 304,
   '... If-None-Match');

my $bare = get("/bare/demo/index.m3u8?viewer=$token");

is(shared($bare->{content}), dated(3), 'without commerce_hls: no cues');
is(() = $bare->{content} =~ /\Q$session\E/g, 3, '... but the session');

my $off = get("/off/demo/index.m3u8?viewer=$token");

unlike($off->{content}, qr/viewer=/, 'where it is off: none');
ok(!$off->{headers}{'cache-control'}, '... cacheable');

my $cached = get("/cached/demo/index.m3u8?viewer=$token");

is($cached->{headers}{'cache-control'}, 'private, no-store',
   'it has the last word on caching');
ok(!$cached->{headers}{expires}, '... no Expires');
is($cached->{headers}{'x-other'}, 'other', '... other headers are there');

finish(qr/\Q$token\E|\Q$session\E|\Q$identity\E/);
