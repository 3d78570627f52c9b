# On which frames players show cues.  Frames carry the wall clock of their
# making; t/browser/players-page.js reads it off the first frame on which a cue
# is in force, by the player's own mapping of dates (raw), by comparing the cue's
# time with the date that is played (rule), and by commerce-cues.js (helper).
#
#   steady           nginx-rtmp, nothing happens
#   term-6, kill-6   the encoder ends, or dies, and comes back after 6 s; one
#                    pin is made while it is away, and has to be on the first
#                    frame after it
#   term-20, kill-20 the same for 20 s
#   thrice           dies for 6 s, three times
#   ffmpeg-ts, ffmpeg-fmp4
#                    playlists of ffmpeg, with dates of its own
#   long             five minutes of steady
#
# A row for each player, of those that were there and those that join 8 s after
# the return.  shaka-open is Shaka with manifest.availabilityWindowOverride.
# Of each of the three it has, in ms from the pin's frame: the median, the one
# that is farthest off; and of how many pins how many were seen once, until the
# next one.  again: s from the host's return, the last one, until it plays what
# came after it.  errors: events of the player, the fatal ones after a slash.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Players;
use Commerce::Scenario;
use Getopt::Long;
use JSON::PP;
use Time::HiRes qw(sleep);

use constant PLAYERS => qw(hls videojs shaka shaka-open);

my ($clock, $length, $quick, $json) = ('name', 20);

my %streams = (
    'steady' => sub { steady(\&live, shift, 8) },
    'term-6' => sub { gaps(shift, 'TERM', 6) },
    'kill-6' => sub { gaps(shift, 'KILL', 6) },
    'term-20' => sub { gaps(shift, 'TERM', 20) },
    'kill-20' => sub { gaps(shift, 'KILL', 20) },
    'thrice' => sub { gaps(shift, 'KILL', 6, 6, 6) },
    'ffmpeg-ts' => sub { steady(\&hls_ts, shift, 8) },
    'ffmpeg-fmp4' => sub { steady(\&hls_fmp4, shift, 8) },
    'long' => sub { steady(\&live, shift, 150) },
);

my @usual = qw(steady term-6 kill-6 term-20 kill-20 thrice ffmpeg-ts
               ffmpeg-fmp4);

GetOptions('clock=s' => \$clock, 'length=i' => \$length, 'quick' => \$quick,
           'json' => \$json)
    && !grep { !$streams{$_} } @ARGV
    or die "usage: t/bench/players [--no-install] [--no-build] [--json] "
           . "[--quick] [--clock CLOCK] [--length SECONDS] [STREAM...]\n";

my @streams = @ARGV ? @ARGV : $quick ? qw(steady kill-6) : @usual;

players_nginx(length => "${length}s", clock => $clock);
$| = 1;

if (!$json) {
    print "clock $clock, playlists of $length s\n\n";
    printf "%-12s %-7s %-11s %-8s %17s  %17s  %17s  %5s %7s\n",
           qw(stream who player version raw rule helper again errors);
}

for my $stream (@streams) {
    my $room = $stream =~ s/-//r;

    open_room($room);
    eval { $streams{$stream}->($room); 1 } or warn "$stream: $@";
}


sub products {
    my $n = shift;

    return map { ('tea', 'lamp', '', 'scarf')[$_ % 4] } 0 .. $n - 1;
}

sub watch {
    my $room = shift;

    return watched(map { $_ => "$_,/live/$room/index.m3u8" } PLAYERS);
}

sub steady {
    my ($encoder, $room, $pins) = @_;
    my $ffmpeg = $encoder->($room);

    listed($room, 4) or die "the show is not on\n";

    my $watched = watch($room);
    my @pins = pins($room, products($pins));
    my $found = $watched->found;

    $ffmpeg->stop;
    rows($room, 'there', $found, {}, undef, @pins);
}

sub gaps {
    my ($room, $signal, @gaps) = @_;
    my $ffmpeg = live($room);

    listed($room, $length / 2) or die "the show is not on\n";

    my $watched = watch($room);
    my @pins = pins($room, products(4));
    my (@gone, $gap);

    for my $seconds (@gaps) {
        $gap = gap($room, $ffmpeg, $signal, $seconds);
        $ffmpeg = $gap->{ffmpeg};
        push @gone, $gap;
        push @pins, $gap->{pin}, pins($room, products(4));
    }

    my $later = watch($room);
    my @more = pins($room, products(4));
    my ($found, $joined) = ($watched->found, $later->found);
    my $again;

    $again = resumed($_, $found, PLAYERS) for @gone;
    $ffmpeg->stop;
    rows($room, 'there', $found, $again, $gap->{return}, @pins, @more);
    rows($room, 'joined', $joined, {}, undef, @more);
}

# The same pictures, in playlists of ffmpeg's.

sub hls_ts { hls(shift, 'mpegts') }
sub hls_fmp4 { hls(shift, 'fmp4') }

sub hls {
    my ($room, $type) = @_;
    my $folder = dir('live') . "/$room";

    mkdir $folder;

    return live($room, "$folder/index.m3u8", 'hls', '-hls_time', 2,
                '-hls_list_size', $length / 2, '-hls_segment_type', $type,
                '-hls_flags', 'program_date_time+delete_segments+temp_file');
}


sub rows {
    my ($room, $who, $found, $again, $return, @pins) = @_;

    for my $player (PLAYERS) {
        my $one = $found->{$player};
        my $first = $again->{$player};
        my %row = (stream => $room, who => $who, player => $player,
                   version => $one->{version} =~ s/^v//r);

        $row{$_} = summary(seen($one, $_, @pins)) for qw(raw rule helper);
        $row{again} = ($first->{seen} - $return) / 1000 if $first;
        $row{errors} = errors_of(0, $one);
        $row{fatal} = errors_of(1, $one);
        show(\%row);
    }
}

sub summary {
    my @seen = @_;
    my @frames = sort { $a <=> $b } grep { defined } map { $_->{frame} } @seen;
    my ($worst) = sort { abs($b) <=> abs($a) } @frames;

    return { median => $frames[$#frames / 2], worst => $worst,
             pins => scalar @seen,
             once => scalar grep { $_->{times} == 1 && $_->{next} } @seen };
}

sub errors_of {
    my ($fatal, $found) = @_;
    my $sum = 0;

    $sum += $_->{times}
        for grep { !!$_->{fatal} == !!$fatal } @{$found->{troubles}};

    return $sum;
}

sub show {
    my $row = shift;

    if ($json) {
        print JSON::PP->new->canonical->encode($row), "\n";
        return;
    }

    printf "%-12s %-7s %-11s %-8s %s  %s  %s  %5s %7s\n",
           @$row{qw(stream who player version)},
           map({ text($row->{$_}) } qw(raw rule helper)),
           defined $row->{again} ? sprintf '%.1f', $row->{again} : '',
           "$row->{errors}/$row->{fatal}";
}

sub text {
    my $one = shift;

    return sprintf '%17s', "none   0/$one->{pins}" if !defined $one->{worst};
    return sprintf '%+5d %+5d %6s', $one->{median}, $one->{worst},
                   "$one->{once}/$one->{pins}";
}
