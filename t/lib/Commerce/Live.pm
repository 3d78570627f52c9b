package Commerce::Live;

# What tests of publishing share, on top of Commerce::Scenario.
#
#   my $nginx = live();                     # application live, HLS, segments
#                                           # of a second
#   live(proofs => 'token', application => 'more;', commerce => 'more;',
#        server => 'more;', redis => 'ADDRESS', ledger => 'PATH SIZE', ...)
#                     the rest goes to Commerce::Scenario::nginx
#   live_conf(...)    the configuration's text, with the same options
#   playlist(room)    a hash: sequence, segments (names), text; or undef
#   segments(room)    names of the room's segment files
#   segments_after(room, n)
#                     waits until there are n more than now; undef: too late
#   events(type)      of commerce:events, as hashes
#   record_of(room)   the room's hash in Redis
#   attempt(name)     publishes by Commerce::RTMP and goes: "CODE description"
#                     of the status, without NetStream.Publish. or .Play.
#   watch(name, app => ...)
#                     plays by Commerce::RTMP: what attempt() says, and in list
#                     context the connection, which stays
#   said(status)      a status as that text; "Later reason" for the Start that
#                     a refusal which passes by itself begins with
#   flv(seconds)      a file with that much H.264 and AAC, for Commerce::RTMP
#   SECRET            of tokens; token(room, host, seconds from now)
#   viewer(kind, room, subject, seconds => 60, issued => ms)
#                     a viewer's token

use strict;
use warnings;

use Commerce::RTMP;
use Commerce::Scenario;
use Digest::SHA qw(hmac_sha256);
use Exporter qw(import);
use MIME::Base64 qw(encode_base64url);
use Time::HiRes ();

our @EXPORT = qw(live live_conf playlist segments segments_after events
                 record_of attempt watch said flv token viewer SECRET);

use constant SECRET => 'a secret of the tests, long enough for anybody';

sub live_conf {
    my %options = (proofs => 'key token', application => '', commerce => '',
                   server => '', redis => 'unix:%%REDIS%%',
                   ledger => '%%LEDGER%% 2m', @_);

    write_file(dir() . '/secret', SECRET . "\n");
    chmod 0644, dir() . '/secret';

    my $hls = dir('hls');

    return <<"CONF";
events { }

commerce {
    redis  $options{redis};
    ledger $options{ledger};
    zone   4m;
    secret %%DIR%%/secret;
    $options{commerce}
}

rtmp {
    server {
        listen 127.0.0.1:%%RTMP%%;

        application live {
            live on;
            hls on;
            hls_path $hls;
            hls_nested on;
            hls_fragment 1s;
            hls_playlist_length 12s;
            hls_fragment_naming system;
            commerce_publish $options{proofs};
            $options{application}
        }
    }
}

http {
    access_log off;

    server {
        listen 127.0.0.1:%%HTTP%%;

        location /live/ {
            alias $hls/;
        }

        $options{server}
    }
}
CONF
}

sub live {
    my %options = @_;
    my $conf = live_conf(%options);

    delete @options{qw(proofs application commerce server redis ledger)};

    return nginx($conf, log => 'notice', %options);
}

sub playlist {
    my $room = shift;
    my $text = read_file(dir('hls') . "/$room/index.m3u8");

    return undef if $text eq '';

    my ($sequence) = $text =~ /^#EXT-X-MEDIA-SEQUENCE:(\d+)/m;

    return { text => $text, sequence => $sequence,
             segments => [$text =~ /^(\d+\.ts)$/mg] };
}

sub segments {
    my $room = shift;

    return map { m{([^/]+)$} } glob dir('hls') . "/$room/*.ts";
}

sub segments_after {
    my ($room, $n) = @_;
    my $before = segments($room);

    return wait_for(3 * $n + 5, sub { segments($room) >= $before + $n });
}

# Nodes write events without waiting for them: as many as are expected are
# waited for.

sub events {
    my ($type, $expected) = @_;
    my @found;

    wait_for(10, sub {
        my $entries = redis()->call('XRANGE', 'commerce:events', '-', '+');

        @found = grep { $_->{type} eq $type } map { +{ @{$_->[1]} } } @$entries;

        return @found >= ($expected // 0);
    });

    return @found;
}

sub record_of {
    my $room = shift;

    return { @{redis()->call('HGETALL', "commerce:{$room}")} };
}

sub attempt {
    my ($name, $timeout) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->publish($name);

    my $said = said($rtmp->status($timeout || 5));
    $rtmp->leave;

    return $said;
}

sub watch {
    my ($name, %options) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'), %options);

    $rtmp->play($name);

    my $said = said($rtmp->status(5));

    return wantarray ? ($said, $rtmp) : $said;
}

sub said {
    my $status = shift or return 'nothing';

    my $code = $status->{code} =~ s/^NetStream\.(?:Publish|Play)\.//r;

    $code = 'Later' if $code eq 'Start' && $status->{description} !~ / /;

    return "$code $status->{description}";
}

sub flv {
    my $seconds = shift;
    my $file = dir() . "/video$seconds.flv";

    if (!-e $file) {
        system('ffmpeg', '-hide_banner', '-nostdin', '-loglevel', 'error',
               '-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25',
               '-f', 'lavfi', '-i', 'sine=sample_rate=44100',
               '-t', $seconds, '-c:v', 'libx264', '-preset', 'ultrafast',
               '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '25',
               '-c:a', 'aac', '-f', 'flv', $file) == 0
            or die "ffmpeg failed\n";
    }

    return $file;
}

sub token {
    my ($room, $host, $seconds, $secret) = @_;
    my $expiry = time + $seconds;
    my $mac = hmac_sha256("publish\n$room\n$expiry\n$host",
                          $secret || SECRET);

    return "$expiry.$host." . encode_base64url(substr $mac, 0, 16);
}

sub viewer {
    my ($kind, $room, $subject, %options) = @_;
    my $issued = $options{issued} // int 1000 * Time::HiRes::time();
    my $expiry = int($issued / 1000) + ($options{seconds} // 60);
    my $scope = $kind eq 'i' ? '*' : $room;
    my $mac = hmac_sha256(join("\n", 'view', $kind, $scope, $expiry, $issued,
                               $subject), SECRET);

    return "$kind.$expiry.$issued.$subject."
           . encode_base64url(substr $mac, 0, 16);
}

1;
