# commerce_hls_clock rtmp and file: what the segments' files tell.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(utime);

my $folder = dir('root') . '/live/demo';

# A segment: a packet of sound, and one of a picture at an RTMP time (ms); its
# file was written last when it arrived.

sub ts {
    my ($stream, $ms) = @_;
    my $pts = ($ms * 90 + 63000) % 2**33;
    my $packet = pack 'C*', 0x47, 0x41, 0, 0x10, 0, 0, 1, $stream, 0, 0, 0x80,
        0x80, 5, 0x21 | $pts >> 29 & 0x0e, $pts >> 22 & 0xff,
        1 | $pts >> 14 & 0xff, $pts >> 7 & 0xff, 1 | $pts << 1 & 0xff;

    return $packet . "\xff" x (188 - length $packet);
}

sub segment {
    my ($name, $rtmp, $ends) = @_;

    write_file("$folder/$name", ts(0xc0, $rtmp - 20) . ts(0xe0, $rtmp));
    written($name, $ends);
}

# a bit later, so that no fraction is lost

sub written {
    my ($name, $ms) = @_;
    my $time = ($ms + 0.4) / 1000;

    utime $time, $time, "$folder/$name" or die "$folder/$name: $!\n";
}

sub list_of {
    my ($file, @names) = @_;

    write_file("$folder/$file.m3u8",
               "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" .
               join '', map { "#EXTINF:4.000,\n$_\n" } @names);
}

# RTMP times far on, as of encoders that count since their start: 33 bits of
# 90 kHz are full several times

my $rtmp = 3 * 95443718 + 12345;

segment('0.ts', $rtmp, BASE + 4000 + 70);
segment('1.ts', $rtmp + 4000, BASE + 8000 + 900);
segment('sub/2.ts', $rtmp + 8000, BASE + 12000 + 30);
write_file("$folder/3.ts", 'encrypted');
written('3.ts', BASE + 16040);
write_file(dir('root') . '/live/out.ts', ts(0xe0, $rtmp));
symlink "$folder/0.ts", "$folder/link.ts" or die $!;

list_of(index => qw(0.ts 1.ts sub/2.ts 3.ts 4.ts));
list_of(cdn => 'http://cdn.example.com/x/0.ts?a', '/live/demo/1.ts');
list_of(outside => '../out.ts', 'sub/../0.ts', '%30.ts', './0.ts', '/');
list_of(link => qw(link.ts));

redis();
room('demo');
pin('demo', 5000, 'p-1');

my $conf = <<'CONF';
    server {
        listen         %%HTTP%%;
        root           %%DIR%%/root;
        commerce_room  $room;
        commerce_hls   on;

        location /live/  { commerce_hls_clock rtmp; }
        location /file/  { alias %%DIR%%/root/live/; commerce_hls_clock file; }
        location /plain/ { alias %%DIR%%/root/live/; disable_symlinks on;
                           commerce_hls_clock file; }
        location /away/  { proxy_pass http://127.0.0.1:%%HTTP%%/raw/;
                           commerce_hls_clock file; }
        location /raw/   { alias %%DIR%%/root/live/; commerce_hls off; }
    }
CONF

hls($conf, workers => 1);

# Dates, ms after BASE; undef: there are none.

sub dates {
    my $list = get(shift)->{content};

    return [map { my ($s, $ms) = /:(\d\d)\.(\d{3})Z/;
                  my ($m) = /T\d\d:(\d\d):/;
                  my ($h) = /T(\d\d):/;
                  (($h - 20) * 3600 + $m * 60 + $s) * 1000 + $ms }
            $list =~ /^#EXT-X-PROGRAM-DATE-TIME:(.*)/mg];
}

ok(cued('/file/demo/index.m3u8', 'p-1'), 'by files: a cue');
is_deeply(dates('/file/demo/index.m3u8'), [70, 4030, 8030, 12040, 16030],
          '... a segment began its duration before its file was written')
    or diag(explain(dates('/file/demo/index.m3u8')));
is_deeply(dates('/live/demo/index.m3u8'), dates('/file/demo/index.m3u8'),
          'by RTMP, without a period: as by files');

is_deeply(dates('/file/demo/cdn.m3u8'), [70, 4070],
          'URIs of another host: the files are here');
is_deeply(dates('/file/demo/outside.m3u8'), [], 'what leads elsewhere is none');
is_deeply(dates('/file/demo/link.m3u8'), [70], 'a symbolic link');
is_deeply(dates('/plain/demo/link.m3u8'), [], '... is none if nginx says so');
is_deeply(dates('/away/demo/index.m3u8'), [], "an origin's files are not here");

# A period, whose epoch is exact.

my $epoch = BASE + 10 - $rtmp;

redis()->call('ZADD', 'commerce:{demo}:periods', BASE - 5000,
              join ' ', 0, BASE - 5000, BASE - 5060, $epoch, 0, 33);
room('demo');

ok(wait_for(5, sub { dates('/live/demo/index.m3u8')->[0] == 10 }),
   'by RTMP: the epoch and the time in the file')
    or diag(explain(dates('/live/demo/index.m3u8')));
is_deeply(dates('/live/demo/index.m3u8'), [10, 4010, 8010, 12010, 16010],
          '... whenever it arrived; others go on from it');
is_deeply(dates('/live/demo/index.m3u8'), [10, 4010, 8010, 12010, 16010],
          '... again');

# The same names, other files: dates are the new ones'.

segment('0.ts', $rtmp + 100, BASE + 4000 + 170);
segment('1.ts', $rtmp + 4100, BASE + 8000 + 1000);
list_of(index => qw(0.ts 1.ts));

is_deeply(dates('/live/demo/index.m3u8'), [110, 4110],
          'names that come again with other files');

finish();
