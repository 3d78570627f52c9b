# hls.js in a real browser plays a room that needs a proof: encrypted, in two
# variants, by the address alone.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Env qw(build);
use Commerce::HLS;
use Commerce::Scenario;
use Commerce::Viewers;
use File::Copy qw(copy);
use Test::More;

my $root = dir('root');
my $live = "$root/live/demo";

# variants of twelve seconds; ffmpeg takes "key.bin" as it will be asked for

write_file("$live/key.bin", '0123456789abcdef');
write_file(dir() . '/key', "key.bin\n$live/key.bin\n");

for my $height (90, 180) {
    is(system('ffmpeg', '-loglevel', 'error', '-y', '-f', 'lavfi',
              '-i', "testsrc2=size=@{[2 * $height]}x$height:rate=15",
              '-t', 12, '-c:v', 'libx264', '-preset', 'ultrafast',
              '-pix_fmt', 'yuv420p', '-g', 30, '-f', 'hls', '-hls_time', 2,
              '-hls_playlist_type', 'vod', '-hls_key_info_file',
              dir() . '/key', '-hls_segment_filename', "$live/$height-%d.ts",
              "$live/$height.m3u8"), 0, "a variant of $height lines");
}

write_file("$live/index.m3u8", <<'M3U8');
#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION=180x90
90.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=360x180
180.m3u8
M3U8

write_file("$root/index.html", <<'HTML');
<!doctype html>
<link rel="icon" href="data:,">
<video muted width="360"></video>
<script src="/hls.min.js"></script>
<script>
    function begin() {
        const video = document.querySelector("video");
        const hls = new Hls();
        hls.loadSource("/live/demo/index.m3u8" + location.search);
        hls.attachMedia(video);
        hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
        window.hls = hls;
    }
</script>
HTML
copy(build() . '/node_modules/hls.js/dist/hls.min.js', "$root/hls.min.js");

redis();
host('h1');
room('demo', host => 'h1', visibility => 'unlisted');

viewers(<<'CONF');
    include /etc/nginx/mime.types;

    server {
        listen %%HTTP%%;
        root   %%DIR%%/root;

        location = /index.html { }
        location = /hls.min.js { }

        location / {
            commerce_room       demo;
            commerce_access     on;
            commerce_hls        on;
            commerce_hls_token  on;
        }
    }
CONF

my $token = viewer_token('demo', 'u42');
my $session = session_of('demo', $token, 12 * 3600);
my $page = 'http://localhost:' . port('HTTP') . '/';

my $found = browse('play.js', "${page}index.html?viewer=$token", 7);
my @answers = map { [$_->[0] =~ s{^\Q$page\Elive/demo/}{}r, $_->[1]] }
              grep { $_->[0] =~ /^http/ } @{$found->{answers}};
my @own = grep { $_->[0] =~ /\?viewer=\Q$session\E$/ } @answers;

cmp_ok($found->{played}, '>=', 7, 'it plays');
is($found->{cookies}, 0, 'without a cookie');
is_deeply([grep { $_->[1] != 200 } @answers], [], 'all is there');
is_deeply([map { $_->[0] } grep { $_->[0] !~ /\Q$session\E/ } @answers],
          ["index.m3u8?viewer=$token"],
          'the first playlist is asked for by the proof alone');

for my $what (qr/^\d+\.m3u8/, qr/^\d+-\d\.ts/, qr/^key\.bin/) {
    ok(scalar(grep { $_->[0] =~ $what } @own), "by the session: $what");
}

is(get("/live/demo/$_")->{status}, 401, "$_: not without a proof")
    for qw(index.m3u8 90.m3u8 90-0.ts key.bin);

finish(qr/\Q$token\E|\Q$session\E/);
