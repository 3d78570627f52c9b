package Commerce::Players;

# Real players on a stream whose frames carry the wall clock of their making,
# on top of Commerce::Scenario: on which frame does a pin's cue appear?
#
#   players_nginx(length => '20s', clock => 'name')
#                  an nginx with nginx-rtmp, and the page of
#                  t/browser/players.js; the options are how long its playlists
#                  are, and commerce_hls_clock
#   open_room(name)
#                  a room with PRODUCTS on its shelf
#   live(room)     ffmpeg publishes into it; returns the process
#   live(room, file, format, option...)
#                  the same pictures into a file
#   listed(room, n)
#                  waits until its playlist has n segments
#   my $gap = gap(room, process, 'TERM' or 'KILL', seconds)
#                  ends a publish by that signal and begins another one after
#                  so many seconds; returns once its first segment is listed: a
#                  hash with return, ms; ffmpeg, the new process; and pin, one
#                  of half-way
#   my $watched = watched(name => 'hls,/live/demo/index.m3u8', ...)
#                  players of t/browser/players.js, a name each; returns once
#                  all of them play
#   pin(room, product)
#                  pins it, '' for nothing: what the API answers, id and at,
#                  and room and product
#   pins(room, product...)
#                  some in turn, not in step with segments and frames
#   $watched->found
#                  waits until all players have come to what is live now, and
#                  ends them; by name, what players.js says
#   resumed(gap, found, player...)
#                  by player, frame and seen of the first frame that it had of
#                  what came after the gap; undef: none.  The gap's pin has the
#                  frame of the earliest from now on
#   seen(found, 'raw', 'rule' or 'helper', pins)
#                  of each of the pins, a hash: pin; frame, ms from its own
#                  frame to the one from which on it is in force, undef if it
#                  never is; times, how often it came to be; next, whether what
#                  came after it is the next pin, or nothing after the last.  A
#                  pin's own frame is that of its at, or its frame if it has one
#   wrong(found, limits, pins)
#                  what is wrong with them in the players of a hash: pins that
#                  are not seen once, until the next one; frames that are half a
#                  second off; and the median of a player's.  The limits of
#                  that, in ms, are by player those of raw, and of the others as
#                  rule
#   errors(found, how, pins)
#                  their frames as text, as "-12 +21 none"

use strict;
use warnings;

use Commerce::Env qw(build root);
use Commerce::Records qw(shelve);
use Commerce::Scenario;
use Exporter qw(import);
use JSON::PP qw(decode_json encode_json);
use Time::HiRes qw(sleep time);

our @EXPORT = qw(players_nginx open_room live listed gap watched pin pins
                 resumed seen wrong errors PRODUCTS);

use constant { KEY => 'the-key-of-the-host', STALL => 500 };     # ms
use constant PRODUCTS => qw(tea lamp scarf);

# 20 bits of milliseconds, 16 pixels each, below a picture

my $clock = 'format=gray,' .
    "setpts='RTCTIME/(TB*1000000)'," .
    "geq=lum='16+219*mod(floor(mod(floor(T*1000),1048576)/" .
    "pow(2,floor(X/16))),2)',setpts=N/(30*TB),format=yuv420p";

sub players_nginx {
    my %options = (length => '20s', clock => 'name', @_);
    my $hls = dir('live');
    my $modules = build() . '/node_modules';
    my $pages = root() . '/t/browser';
    my $www = root() . '/conf.example/www';

    host('h1');
    product($_, link => "https://shop.example.com/$_") for PRODUCTS;

    return nginx(<<"CONF", workers => 1, log => 'warn');
user root;

events { }

commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
}

rtmp {
    server {
        listen 127.0.0.1:%%RTMP%%;

        application live {
            live                 on;
            commerce_publish     key;
            hls                  on;
            hls_path             $hls;
            hls_nested           on;
            hls_fragment         2s;
            hls_playlist_length  $options{length};
            hls_fragment_naming  system;
        }
    }
}

http {
    include     /etc/nginx/mime.types;
    access_log  off;

    server {
        listen 127.0.0.1:%%HTTP%%;

        location ~ "^/live/(?<room>[a-z0-9]+)/[^/]+\$" {
            root                %%DIR%%;
            commerce_room       \$room;
            commerce_hls        on;
            commerce_hls_clock  $options{clock};
            add_header          Cache-Control no-cache;
        }

        location /api/ { commerce_api; }
        location /modules/ { alias $modules/; }
        location /players/ { alias $pages/; }
        location /www/ { alias $www/; }
    }
}
CONF
}

sub open_room {
    my $room = shift;

    room($room, title => 'Barcodes', key => sha(KEY));
    shelve(redis(), $room, PRODUCTS);
}

sub live {
    my ($room, $file, $format, @options) = @_;

    return publish(
        url => $file // rtmp_url('live', "$room?key=" . KEY),
        format => $format,
        input => ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30',
                  '-re', '-f', 'lavfi', '-i', 'color=s=320x16:r=30'],
        output => ['-filter_complex', "[1:v]${clock}[c];" .
                                      '[0:v]format=yuv420p[p];[p][c]vstack',
                   '-c:v', 'libx264', '-preset', 'ultrafast',
                   '-tune', 'zerolatency', '-g', '60', '-b:v', '500k',
                   @options]);
}

sub listed {
    my ($room, $n) = @_;

    return wait_for(40, sub {
        my $list = http('GET', "/live/$room/index.m3u8")->{content};

        $n <= (() = $list =~ /^#EXTINF:/mg)
    });
}

sub gap {
    my ($room, $ffmpeg, $signal, $seconds) = @_;
    my $gone = time;

    $ffmpeg->end($signal);
    sleep $seconds / 2;

    my $self = { pin => pin($room, 'scarf') };

    sleep 0.05 while time < $gone + $seconds;
    $self->{return} = int(1000 * time);
    $self->{ffmpeg} = live($room);
    back($room, $self->{return}) or die "the show does not go on\n";

    return $self;
}

sub back {
    my ($room, $time) = @_;

    return wait_for(40, sub {
        my $list = http('GET', "/live/$room/index.m3u8")->{content};
        my ($last) = $list =~ /^(\d+)\.ts\n\z/m;

        $last && $last >= $time
    });
}

sub pin {
    my ($room, $product) = @_;
    my $answer = http($product ? 'PUT' : 'DELETE', "/api/rooms/$room/pin",
        headers => { 'Content-Type' => 'application/json' },
        $product ? (body => encode_json({ product => $product })) : ());

    die "pin $product: $answer->{status} $answer->{content}\n"
        if $answer->{status} != 200;

    my $pin = decode_json($answer->{content});

    return { %$pin, product => $product, room => $room };
}

sub pins {
    my ($room, @products) = @_;

    return map {
        my $pin = pin($room, $_);

        sleep 1.5 + rand;
        $pin
    } @products;
}

sub watched {
    my %streams = @_;
    my $origin = 'http://localhost:' . port('HTTP');

    $ENV{NODE_PATH} ||= build() . '/node_modules';

    my $process = run('players', 'node', root() . '/t/browser/players.js',
                      "$origin/players/players.html",
                      map { "$_=$streams{$_}" } sort keys %streams);
    my $self = bless { process => $process }, __PACKAGE__;

    wait_for(90, sub { $process->log =~ /^playing$/m || !$process->running });

    die "players do not play:\n", $process->log
        if $process->log !~ /^playing$/m;

    return $self;
}

sub found {
    my $self = shift;
    my $process = $self->{process};

    kill 'USR1', $process->pid if $process->running;
    wait_for(60, sub { !$process->running });

    my ($json) = $process->log =~ /^(\{.*\})$/m;

    die "players found nothing:\n", $process->log if !defined $json;

    return decode_json($json);
}

sub resumed {
    my ($gap, $found, @players) = @_;
    my %first;

    for my $player (@players) {
        my ($hold) = grep { $_->{to}{frame} >= $gap->{return} }
                     @{$found->{$player}{holds}};

        $first{$player} = $hold && $hold->{to};
    }

    ($gap->{pin}{frame}) = sort { $a <=> $b } map { $_->{frame} }
                           grep { $_ } values %first;

    return \%first;
}

sub seen {
    my ($found, $how, @pins) = @_;
    my @turns = grep { defined $_->{id} } @{$found->{$how}};
    my @seen;

    for my $i (0 .. $#pins) {
        my $pin = $pins[$i];
        my @mine = grep { is_of($turns[$_]{id}, $pin) } 0 .. $#turns;
        my $next = @mine ? $turns[$mine[-1] + 1] : undef;

        push @seen, {
            pin => $pin,
            times => scalar @mine,
            frame => @mine ? $turns[$mine[0]]{frame}
                             - ($pin->{frame} // $pin->{at}) : undef,
            next => $i == $#pins ? !$next
                                 : $next && is_of($next->{id}, $pins[$i + 1]),
        };
    }

    return @seen;
}

sub is_of {
    my ($id, $pin) = @_;

    return $id eq "$pin->{room}-$pin->{id}";
}

sub wrong {
    my ($found, $limits, @pins) = @_;
    my @wrong;

    for my $name (grep { $_ ne 'page' } sort keys %$found) {
        my $one = $found->{$name};

        for my $how (ways($one)) {
            my @seen = seen($one, $how, @pins);

            push @wrong, map { "$name, $how: $_" }
                (map { wrong_pin($_) } @seen),
                wrong_median($limits->{$how eq 'raw' ? $name : 'rule'}, @seen);
        }

        push @wrong, map { "$name: there is $_ several times" }
                     sort keys %{$one->{twice}};
        push @wrong, map { "$name: $_->{what}" }
                     grep { $_->{fatal} } @{$one->{troubles}};
    }

    return @wrong;
}

# the helper is not in all of them

sub ways {
    my $found = shift;

    return (qw(raw rule), @{$found->{helper}} ? 'helper' : ());
}

sub wrong_pin {
    my $seen = shift;
    my $what = $seen->{pin}{product} || 'nothing';

    return "$what is not seen" if !$seen->{times};
    return "$what is seen $seen->{times} times" if $seen->{times} > 1;
    return sprintf '%s is %+d ms from its frame', $what, $seen->{frame}
        if abs($seen->{frame}) > STALL;
    return "$what does not go when the next one comes" if !$seen->{next};
    return;
}

# One frame that a loaded machine left out moves a pin, but not the median.

sub wrong_median {
    my ($limit, @seen) = @_;
    my @frames = sort { $a <=> $b } grep { defined } map { $_->{frame} } @seen;

    return !@frames || abs($frames[$#frames / 2]) <= $limit ? ()
           : sprintf 'the median is %+d ms', $frames[$#frames / 2];
}

sub errors {
    my ($found, $how, @pins) = @_;

    return join ' ', map { defined $_->{frame} ? sprintf '%+d', $_->{frame}
                                               : 'none' }
                     seen($found, $how, @pins);
}

1;
