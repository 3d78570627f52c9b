# Dates against frames: each frame carries the wall clock of its making as a
# barcode, and the first one of a segment is compared with the segment's date, by
# each clock, for segments of any names, and behind a transcoder.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(patience);
use Commerce::Scenario;
use Test::More;
use Time::Local qw(timegm);

# what is measured: folder of segments, location, and the worst error in ms

my @clocks = (
    ['name', 'live', 'name', 50],
    ['rtmp', 'live', 'rtmp', 50],
    ['rtmp, names are RTMP times', 'timed', 'rtmp', 50],
    ['rtmp, names are numbers', 'numbered', 'rtmp', 50],
    ['rtmp, behind a transcoder', 'ladder', 'rtmp', 100],
    ['file', 'live', 'file', 300],
);

my %naming = (live => 'system', timed => 'timestamp', numbered => 'sequential',
              ladder => 'system');

my $root = dir('hls');
my $conf = join "\n", map {
    my $first = $_ eq 'live'
        ? 'commerce_publish key; ' .
          join ' ', map { "push rtmp://127.0.0.1:%%RTMP%%/$_;" }
                    qw(timed numbered)
        : '';

    "application $_ { live on; hls on; hls_path $root/$_; hls_nested on;
         hls_fragment 2s; hls_playlist_length 30s;
         hls_fragment_naming $naming{$_}; $first }"
} sort keys %naming;

dir("hls/$_") for keys %naming;

host('h1');
room('demo', key => sha('k'));

my $locations = join "\n", map { <<"LOCATION" } qw(name rtmp file);
        location ~ "^/$_/(?<path>[a-z]+/(?<room>demo)/.*)" {
            alias               $root/\$path;
            commerce_room       \$room;
            commerce_hls        dates;
            commerce_hls_clock  $_;
        }
LOCATION

nginx(<<"CONF", workers => 1);
events { }
commerce { redis unix:%%REDIS%%; ledger %%LEDGER%% 1m; zone 4m; }
rtmp { server { listen 127.0.0.1:%%RTMP%%; $conf } }
http { server { listen 127.0.0.1:%%HTTP%%; $locations } }
CONF

# 20 bits of milliseconds, 20 pixels each, below a picture

my $clock = 'format=gray,' .
    "setpts='RTCTIME/(TB*1000000)'," .
    "geq=lum='16+219*mod(floor(mod(floor(T*1000),1048576)/" .
    "pow(2,floor(X/20))),2)',setpts=N/(30*TB),format=yuv420p";

my @encoder = ('-c:v', 'libx264', '-preset', 'ultrafast', '-tune',
               'zerolatency', '-g', '60', '-b:v', '1500k');

my $ffmpeg = publish(
    url => rtmp_url('live', 'demo?key=k'),
    input => ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x64:rate=30',
              '-re', '-f', 'lavfi', '-i', 'color=s=640x16:r=30'],
    output => ['-filter_complex', "[1:v]${clock}[c];[0:v]format=yuv420p[p];" .
                                  '[p][c]vstack', @encoder]);

ok(wait_for(30, sub { -s "$root/live/demo/index.m3u8" }), 'the show is on')
    or BAIL_OUT($ffmpeg->log);

# Decoded and made anew, with the time stamps that came.

my $transcoder = run('transcoder', 'ffmpeg', '-hide_banner', '-nostdin',
    '-loglevel', 'verbose', '-copyts', '-i', rtmp_url('live', 'demo'),
    @encoder, '-f', 'flv', rtmp_url('ladder', 'demo'));

# date (ms) and name of each segment

sub pairs {
    my ($text) = @_;
    my (@pairs, $date);

    for (split /\n/, $text) {

        if (/^#EXT-X-PROGRAM-DATE-TIME:(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d+)Z/) {
            $date = 1000 * timegm($6, $5, $4, $3, $2 - 1, $1) + $7;

        } elsif (/^\d+\.ts/) {
            push @pairs, [$date, $_];
        }
    }

    return @pairs;
}

# The time in a segment's first frame.

sub frame {
    my ($file) = @_;
    my $row = `ffmpeg -nostdin -v error -i $file -frames:v 1 -vf crop=640:2:0:70 -f rawvideo -pix_fmt gray -`;

    return undef if length $row < 640;

    my $ms = 0;

    $ms += 2 ** $_ * (ord(substr $row, 20 * $_ + 10, 1) > 128) for 0 .. 19;

    return $ms;
}

sub errors {
    my ($folder, $clock) = @_;
    my $text = http('GET', "/$clock/$folder/demo/index.m3u8")->{content};
    my @errors;

    for my $segment (pairs($text)) {
        my ($date, $name) = @$segment;
        my $frame = frame("$root/$folder/demo/$name") // next;

        push @errors, ($date - $frame + 2 ** 19) % 2 ** 20 - 2 ** 19;
    }

    return @errors;
}

ok(wait_for(60, sub {
    6 <= pairs(http('GET', '/name/ladder/demo/index.m3u8')->{content})
}), 'all of them have segments') or diag($transcoder->log);

# Encoders work in real time: on a loaded machine they make single frames late,
# which no date can know.  So what counts is the middle one.

for my $row (@clocks) {
    my ($what, $folder, $clock, $limit) = @$row;
    my @errors = errors($folder, $clock);
    my @sorted = sort { $a <=> $b } map { abs } @errors;
    my $median = $sorted[$#sorted / 2];

    ok(@errors >= 4 && $median <= patience($limit),
       "$what: within $limit ms of the frame");
    diag(sprintf '%-28s %s ms', $what, join ' ', map { sprintf '%+d', $_ }
                                                 @errors);
}

finish();
