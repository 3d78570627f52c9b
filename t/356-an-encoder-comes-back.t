# Periods of a real encoder: each of its frames carries the wall clock of its
# making as a barcode.  A period begins with its first frame, by that clock; when
# the encoder is ended or killed, and comes back, its dates go on where they
# ended.  There is no audio: ffmpeg would have each frame wait for it, for some
# 40 ms.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

my $redis = redis();

host('h1');
room('demo', key => sha('k'));
live(workers => 1);

# 20 bits of milliseconds, 20 pixels each

my $clock = 'format=gray,'
    . "setpts='RTCTIME/(TB*1000000)',"
    . "geq=lum='16+219*mod(floor(mod(floor(T*1000),1048576)/"
    . "pow(2,floor(X/20))),2)',setpts=N/(30*TB),format=yuv420p";

sub encode {
    return publish(
        url => rtmp_url('live', 'demo?key=k'),
        input => ['-re', '-f', 'lavfi', '-i', 'color=s=640x32:r=30'],
        output => ['-vf', $clock, '-c:v', 'libx264', '-preset', 'ultrafast',
                   '-tune', 'zerolatency', '-g', '30', '-b:v', '800k']);
}

sub periods {
    return map { [split] }
           @{$redis->call('ZRANGE', 'commerce:{demo}:periods', 0, -1)};
}

# the wall clocks of the frames of segments, ms, near a time

sub clocks {
    my ($near, @segments) = @_;
    my $raw = dir() . '/frames';
    my @clocks;

    for my $segment (@segments) {
        system('ffmpeg', '-hide_banner', '-nostdin', '-loglevel', 'error', '-y',
               '-i', dir('hls') . "/demo/$segment", '-map', '0:v',
               '-vsync', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray',
               $raw) == 0
            or die "$segment can't be decoded\n";

        my $frames = read_file($raw);

        for my $i (0 .. length($frames) / (640 * 32) - 1) {
            my $row = substr $frames, $i * 640 * 32 + 16 * 640, 640;
            my $bits = 0;

            $bits |= (ord(substr $row, 20 * $_ + 10, 1) > 125) << $_
                for 0 .. 19;

            my $off = ($bits - $near) % 2 ** 20;

            $off -= 2 ** 20 if $off >= 2 ** 19;
            push @clocks, $near + $off;
        }
    }

    return @clocks;
}

# when the first frame was due by each one's clock, the earliest first; a frame
# that was damaged when the encoder ended has a clock that is far off

sub dues {
    my @dues = sort { $a <=> $b } map { $_[$_] - $_ * 1000 / 30 } 0 .. $#_;
    my $middle = $dues[@dues / 2];

    return grep { abs($_ - $middle) < 10_000 } @dues;
}

sub signed { sprintf '%+.0f ms', $_[0] }

# On a loaded machine frames are made late, never early: the least says when the
# first one was due.

my (%known, @errors, $former);

for my $signal ('TERM', 'KILL', 'TERM') {
    my $n = $former ? $former->{number} + 1 : 0;
    my $encoder = encode();

    ok(wait_for(20, sub { (periods())[$n] }), 'there is a period') or last;
    ok(segments_after('demo', 3), 'and segments of it');

    my ($number, $at, $began, $epoch, $shift, $frame) = @{(periods())[$n]};

    is($number, $n, 'its number');
    like($frame, qr/^3[34]$/, 'how long a frame lasts');
    cmp_ok($at, '>=', $began, 'what arrives is not early');

    $signal eq 'TERM' ? $encoder->stop : $encoder->kill;
    ok(wait_for(5, sub {
        $redis->call('HGET', 'commerce:{demo}', 'period_ended')
    }), "it ends by $signal");

    my $ended = $redis->call('HGET', 'commerce:{demo}', 'period_ended');
    my @segments = grep { !$known{$_}++ } sort +segments('demo');
    my @clocks = clocks($at, @segments);
    my ($first) = dues(@clocks);
    my $last = $first + @clocks * 1000 / 30;

    diag(@clocks . ' frames: it begins ', signed($began - $first), ' and ends ',
         signed($ended - $last), ' from their own clock; the first one came ',
         signed($at - $began));
    cmp_ok(abs($began - $first), '<=', patience(150), 'with its first frame');
    cmp_ok(abs($ended - $last), '<=', patience(150), 'with its last frame');
    push @errors, abs($began - $first);

    if ($former) {
        my $gap = $first - $former->{last};
        my $closed = $shift - $former->{shift};

        diag("a gap of ", signed($gap), ' is closed by ', signed($closed));
        cmp_ok(abs($closed - $gap), '<=', patience(100), 'the gap is closed');
    }

    $former = { number => $number, last => $last, shift => $shift };
    sleep 2;
}

my ($best) = sort { $a <=> $b } @errors;

cmp_ok($best, '<=', patience(50), 'the best within 50 ms');

finish();
