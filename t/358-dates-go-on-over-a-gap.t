# A host comes back after a gap: in the playlist dates go on, from the first
# segment on, and a cue that his encoder sends is at its frame.  Also where the
# node's clock is not that of Redis.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clock;
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Commerce::Records qw(shelve);
use Test::More;
use Time::HiRes qw(sleep);
use Time::Local qw(timegm);

my $redis = redis();

host('h1');
room('demo', key => sha('k'));
product('tea');
shelve($redis, 'demo', 'tea');

my $hls = dir('hls');
my $nginx = with_clock('node', sub {
    live(workers => 1, application => 'commerce_cue_point onPin;',
         server => <<"SERVER");
        location ~ "^/cues/(?<room>[a-z]+)/index.m3u8\$" {
            alias               $hls/\$room/index.m3u8;
            commerce_room       \$room;
            commerce_hls        on;
            commerce_hls_clock  name;
        }
SERVER
});
my $file = flv(4);

sub ms {
    my ($date) = @_;
    my ($y, $m, $d, $H, $M, $S, $ms) = $date =~
        /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z$/ or return 0;

    return 1000 * timegm($S, $M, $H, $d, $m - 1, $y) + $ms;
}

# dates of segments, their durations, and where the cues are

sub playlist_of {
    my ($text) = @_;
    my (@segments, %cues, $discontinuity, $date);

    for (split /\n/, $text) {
        $discontinuity = 1 if $_ eq '#EXT-X-DISCONTINUITY';
        $date = ms($1) if /^#EXT-X-PROGRAM-DATE-TIME:(\S+)/;
        push @segments, { lasts => 1000 * $1, date => $date,
                          first => $discontinuity } if /^#EXTINF:([\d.]+)/;
        ($discontinuity, $date) = () if /^[^#]/;
        $cues{$2 // ''} = ms($1)
            if /^#EXT-X-DATERANGE:.*START-DATE="([^"]+)"(?:.*PRODUCT="(\w+)")?/;
    }

    return (\%cues, @segments);
}

sub go_live {
    my ($at) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->publish('demo?key=k');
    like(said($rtmp->status(8)), qr/^Start/, 'it is live');
    $rtmp->send_live($file, 3900, at => $at->($rtmp));
    $rtmp->leave;
    ok(wait_for(5, sub {
        $redis->call('HGET', 'commerce:{demo}', 'period_ended')
    }), 'and ends');
}

# seconds that the node's clock is ahead

for my $ahead (0, -0.3, 0.3) {
    $nginx->term if $nginx->pid;
    ok(wait_for(5, sub { !$nginx->pid }), 'it is off');
    unlink glob "$hls/demo/*";
    $redis->call('DEL', map { "commerce:{demo}:$_" } qw(periods cues));
    $redis->call('HDEL', 'commerce:{demo}', qw(period_ended period_claim));
    set_clock('node', $ahead);
    with_clock('node', sub { set_clock('node', $ahead); $nginx->start });

    go_live(sub { {} });
    sleep 3;
    go_live(sub {
        my $rtmp = shift;
        return { 1000 => sub { $rtmp->script(1000, 'onPin', 'tea') } };
    });

    my ($cues, @segments, $text);

    ok(wait_for(10, sub {
        $text = http('GET', '/cues/demo/index.m3u8')->{content};
        ($cues, @segments) = playlist_of($text);
        exists $cues->{tea};
    }), "$ahead s ahead: the playlist has the cue") or diag($text);

    my @wrong;

    for my $i (1 .. $#segments) {
        my $was = $segments[$i - 1];
        my $hole = $segments[$i]{date} - $was->{date} - $was->{lasts};

        push @wrong, "segment $i begins $hole ms late"
            if abs($hole) > patience(150);
    }

    cmp_ok(scalar @segments, '>=', 6, 'there are segments');
    is(scalar(grep { $_->{first} } @segments), 2, 'of two publishes');
    is("@wrong", '', 'dates go on');
    diag($text) if @wrong;

    # the cue in relation to the first segment of the second publish

    my ($back) = grep { $segments[$_]{first} } 1 .. $#segments;
    my $place = $cues->{tea} - $segments[$back]{date};

    cmp_ok(abs($place - 1000 + 23), '<=', patience(abs(1000 * $ahead) + 60),
           "the cue is at its frame, $place ms after the host is back");
}

finish();
