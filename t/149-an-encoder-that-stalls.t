# An encoder stalls, and then sends its buffer at once: segments that come late
# are dated by the stream's own clock, and cues stay on their frames.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(sleep);
use Time::Local qw(timegm);

use constant {
    STALL  => 5000,     # ms
    BEFORE => 4000,
    UNTIL  => 10000,
};

redis();
host('h1');
room('demo', key => sha('k'));

my $hls = dir('hls');

live(workers => 1, server => <<"SERVER");
        location ~ "^/cues/(?<room>[a-z]+)/index.m3u8\$" {
            alias               $hls/\$room/index.m3u8;
            commerce_room       \$room;
            commerce_hls        on;
            commerce_hls_clock  name;
        }

        location = /status { commerce_status; }
SERVER

my $file = flv(UNTIL / 1000 + 1);
my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

$rtmp->publish('demo?key=k');
like(said($rtmp->status(8)), qr/^Start/, 'it is live');

$rtmp->send_live($file, BEFORE);
sleep STALL / 1000;
$rtmp->send_flv($file, UNTIL, from => BEFORE);
$rtmp->leave;

# name, date and duration of each segment, ms

sub segments_of {
    my ($text) = @_;
    my (@segments, $date, $lasts);

    for (split /\n/, $text) {

        if (/^#EXT-X-PROGRAM-DATE-TIME:(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d+)Z/) {
            $date = 1000 * timegm($6, $5, $4, $3, $2 - 1, $1) + $7;

        } elsif (/^#EXTINF:([\d.]+)/) {
            $lasts = 1000 * $1;

        } elsif (/^(\d+)\.ts/) {
            push @segments, { name => $1, date => $date, lasts => $lasts };
        }
    }

    return @segments;
}

my (@segments, $text);

ok(wait_for(10, sub {
    $text = http('GET', '/cues/demo/index.m3u8')->{content};
    @segments = segments_of($text);
    @segments >= UNTIL / 1000 - 2;
}), 'all that was sent is listed') or diag($text);

my (@late, @holes);

for my $i (1 .. $#segments) {
    my $before = $segments[$i - 1];
    my $hole = $segments[$i]{date} - $before->{date} - $before->{lasts};

    push @late, $segments[$i]{name} - $segments[$i]{date};
    push @holes, $hole if abs($hole) > 110;
}

ok((grep { $_ > STALL / 2 } @late) >= 2, 'segments came late, by their names')
    or diag("@late");
is("@holes", '', 'and are dated one after the other') or diag($text);
cmp_ok(abs($segments[0]{name} - $segments[0]{date}), '<=', 300,
       'from the first one on, which came in time');
cmp_ok(decode_json(http('GET', '/status')->{content})->{playlists}{repaired},
       '>', 0, 'the status says so');

finish();
