package Commerce::Outage;

# A node that something fails around, with viewers who click and publishers
# who are to notice nothing of it.  With Commerce::Scenario and Commerce::Chaos:
#
#   my $nginx = origin();
#                     nginx with RTMP, HLS and /cart/ROOM/PRODUCT, two
#                     workers, flush 100ms; the options of live() of
#                     Commerce::Live.  origin_conf(...): its text
#   my ($nginx, $proxy) = outage();
#                     the same with a Commerce::Proxy between it and redis();
#                     outage(timeout => '300ms') for the rest of the `redis`
#                     directive's parameters
#   my $film = on_air('film');
#                     a room that is published: ffmpeg, in real time
#   undisturbed($film, 'what');
#                     its segments go on, in the session that it began with
#   worker_of($film)  the pid of the worker that has it
#   off_air($film)    its publisher leaves
#   accepted()        clicks that the node has accepted, as its status says
#   due()             ms: the oldest count that Redis may not have

use strict;
use warnings;

use Commerce::Clicks qw(click_locations);
use Commerce::Edge qw(state log_count);
use Commerce::Live qw(live live_conf flv playlist);
use Commerce::Proxy;
use Commerce::Scenario;
use Exporter qw(import);
use Test::More ();

our @EXPORT = qw(origin origin_conf outage on_air off_air worker_of
                 undisturbed accepted due);

sub with_clicks {
    return (commerce => 'flush 100ms;',
            server => 'keepalive_requests 1000000;' . click_locations(), @_);
}

sub origin_conf { live_conf(with_clicks(@_)) }

sub origin { live(with_clicks(log => 'info', @_)) }

sub outage {
    my %parameters = @_;
    my $proxy = Commerce::Proxy->start(redis()->port);
    my $redis = join ' ', '127.0.0.1:' . $proxy->port,
                map { "$_=$parameters{$_}" } sort keys %parameters;

    return (origin(redis => $redis), $proxy);
}

sub on_air {
    my $room = shift;

    host("host-$room");
    room($room, host => "host-$room", key => sha("key-of-$room"));

    my $ffmpeg = publish(url => rtmp_url('live', "$room?key=key-of-$room"),
                         input => ['-re', '-stream_loop', '-1',
                                   '-i', flv(10)],
                         output => ['-c', 'copy']);

    my $self = { room => $room, ffmpeg => $ffmpeg };

    wait_for(20, sub { newest($self) }) or die "$room is not on air\n";

    return $self;
}

sub off_air { $_[0]{ffmpeg}->stop }

sub worker_of {
    my $room = $_[0]{room};
    my ($pid) = Commerce::Scenario::log_text()
                =~ / (\d+)#\d+: [^\n]*room "$room" is published by/;

    return $pid;
}

# Segments are named by the time when they began, ms.

sub newest {
    my $list = playlist($_[0]{room}) or return 0;

    return ($list->{segments}[-1] || 0) =~ s/\.ts$//r;
}

sub undisturbed {
    my ($self, $what) = @_;
    my $room = $self->{room};
    my $before = newest($self);

    Test::More::ok(wait_for(15, sub { newest($self) >= $before + 900 }),
                   "$what: a publisher's segments go on");
    Test::More::ok($self->{ffmpeg}->running, "$what: he is connected");
    Test::More::is(log_count(qr/room "$room" is published by/), 1,
                   "$what: in one session");

    my $text = (playlist($room) || {})->{text} || '';

    Test::More::unlike($text, qr/EXTINF.*DISCONTINUITY/s,
                       "$what: without a gap");
}

sub accepted { state()->{counts}{accepted} }

sub due { state()->{flush}{lag_ms} }

1;
