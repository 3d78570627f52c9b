# A recording's products are chapters in Shaka, and its clips are played to
# their end.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Env qw(build read_file root);
use Commerce::Scenario;
use Test::More;

my $folder = dir('live') . '/demo';
my $modules = build() . '/node_modules';
my $pages = root() . '/t/browser';

mkdir $folder or die "$folder: $!\n";

# four segments of two seconds, from a date on that is known

my $ffmpeg = publish(
    url => "$folder/low.m3u8", format => 'hls',
    input => ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30'],
    output => ['-t', 8, '-c:v', 'libx264', '-preset', 'ultrafast',
               '-pix_fmt', 'yuv420p', '-profile:v', 'baseline', '-g', 30,
               '-hls_time', 2, '-hls_playlist_type', 'vod']);

ok(wait_for(60, sub { !$ffmpeg->running }), 'a recording')
    or BAIL_OUT($ffmpeg->log);

my $list = read_file("$folder/low.m3u8");
my $date = '#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z';

is(scalar(() = $list =~ /^#EXTINF/mg), 4, 'of four segments');

write_file("$folder/low.m3u8", $list =~ s/^(?=#EXTINF)/$date\n/mr);
write_file("$folder/index.m3u8",
           "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000,"
           . "CODECS=\"avc1.42c01f\",RESOLUTION=320x180\nlow.m3u8\n");

redis();
room('demo');

my @cues = (['1-1', 1000, 'tea', 'Green tea'], ['2-1', 3000, 'lamp', 'Lamp'],
            ['3-1', 5000, '', ''], ['4-1', 7000, 'scarf', 'Scarf']);

for (@cues) {
    my ($id, $at, $product, $title) = @$_;

    redis()->call('XADD', 'commerce:{demo}:cues', $id, at => 1763841600000 + $at,
                  show => 1, product => $product, version => 1,
                  title => $title);
}

redis()->call('HINCRBY', 'commerce:{demo}', 'version', 1);

nginx(<<"CONF", workers => 1, log => 'warn');
user root;

events { }

commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
}

http {
    include     /etc/nginx/mime.types;
    access_log  off;

    server {
        listen 127.0.0.1:%%HTTP%%;

        location ~ "^/live/(?<room>[a-z0-9]+)/[^/]+\$" {
            root                       %%DIR%%;
            commerce_room              \$room;
            commerce_hls               on;
            commerce_hls_clip          on;
            commerce_hls_chapters      on;
            commerce_hls_session_data  chapters=low.m3u8?chapters=1;
        }

        location = /favicon.ico { return 204; }
        location /modules/ { alias $modules/; }
        location /pages/ { alias $pages/; }
    }
}
CONF

my $origin = 'http://127.0.0.1:' . port('HTTP');
my $clip = "$origin/live/demo/low.m3u8?clip=2-1";

ok(wait_for(20, sub { http('GET', '/live/demo/low.m3u8')->{content} =~ /4-1/ }),
   'a room with cues');

my $found = browse('chapters.js', "$origin/pages/chapters.html",
                   "$origin/live/demo/index.m3u8", $clip);

is_deeply($found->{chapters},
          [{ title => 'Green tea', startTime => 1, endTime => 3 },
           { title => 'Lamp', startTime => 3, endTime => 5 },
           { title => 'Scarf', startTime => 7, endTime => 8 }],
          'chapters in Shaka');

for my $player (qw(hls shaka)) {
    my $played = $found->{$player};

    cmp_ok(abs($played->{duration} - 4), '<', 0.2,
           "$player: a clip is as long as its two segments");
    ok($played->{ended}, '... and is played to its end');
    is_deeply([sort @{$played->{ranges}}], [qw(demo-1-1 demo-2-1 demo-3-1)],
              '... with the cues of its time');
}

is_deeply($found->{troubles}, [], 'and nobody complains');

finish();
