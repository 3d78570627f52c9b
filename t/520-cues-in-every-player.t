# The page's helper tells each cue once, on its frame, in hls.js, Shaka, video.js
# and a browser that plays HLS itself: live and replayed, after gaps, to those
# who come late, and after a seek into the past.
#
# The streams are made of segments that were encoded once, each frame with its
# number as a barcode.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Env qw(build dir root);
use JSON::PP qw(encode_json);
use Test::More;

my $early = -60;                        # ms, from the frame of the cue
my $late = 160;

sub encode {
    my ($pool, $offset) = @_;
    my $clock = 'format=gray,geq=lum=' .
        "'16+219*mod(floor((N+$offset)/pow(2,floor(X/20))),2)',format=yuv420p";

    my $status = system('ffmpeg', '-hide_banner', '-nostdin', '-loglevel',
        'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25',
        '-f', 'lavfi', '-i', 'color=s=320x16:r=25', '-f', 'lavfi',
        '-i', 'sine=frequency=440:sample_rate=44100', '-t', 60,
        '-filter_complex', "[1:v]${clock}[c];[0:v]format=yuv420p[p];" .
                           '[p][c]vstack',
        '-map', '2:a', '-c:v', 'libx264', '-preset', 'ultrafast',
        '-tune', 'zerolatency', '-g', 50, '-keyint_min', 50,
        '-sc_threshold', 0, '-b:v', '400k', '-c:a', 'aac', '-b:a', '32k',
        '-f', 'hls', '-hls_time', 2, '-hls_list_size', 0,
        '-hls_segment_filename', dir() . "/$pool-%d.ts", dir() . "/$pool.m3u8");

    return $status == 0;
}

ok(encode('a', 0) && encode('b', 16384), 'segments') or BAIL_OUT('no video');

sub play {
    my $form = shift;
    my $found;

    # players work in real time: on a loaded machine they may stall
    for (1 .. 2) {
        $found = eval {
            browse('helper.js', dir(), root() . '/conf.example/www',
                   build() . '/node_modules', $form)
        };
        last if $found && !grep { defined } map { wrong($form, $_, $found) }
                                                sort keys %{$found->{$form}{told}};
    }

    ok($found, "$form: it plays") or diag($@);

    return $found ? $found->{$form} : { told => {}, troubles => [] };
}

my %turns = (
    vod    => [qw(tea lamp - scarf lamp -)],
    steady => [qw(knife tea lamp - lamp -)],
    gap    => [qw(knife tea lamp scarf -)],
    jump   => [qw(knife tea lamp scarf -)],
);

# What is not as it should be, or undef.  Whoever comes later begins with what is
# in force then; what was pinned in a gap begins with the next frame after it, and
# what a seek leads into, some time ago.

sub wrong {
    my ($form, $player, $found) = @_;
    my @told = @{$found->{$form}{told}{$player}};
    my @turns = @{$turns{$form}};
    my $joined = $player =~ /after/;

    @turns = @turns[@turns - @told .. $#turns] if $joined && @told <= @turns;
    @turns = @turns[0 .. 3] if $player eq 'native' && $form eq 'steady';

    return encode_json(\@told) if "@turns" ne join ' ', map { $_->[0] } @told;

    for my $i (0 .. $#told) {
        my ($product, $frame) = @{$told[$i]};

        next if !defined $frame || ($i == 0 && $form ne 'vod') || $i == 4
                || ($product eq 'lamp' && $form eq 'jump');

        return encode_json(\@told) if $frame < $early || $frame > $late;
    }

    return undef;
}

for my $form (qw(vod steady gap jump)) {
    my $found = play($form);

    for my $player (sort keys %{$found->{told}}) {
        my $wrong = wrong($form, $player, { $form => $found });

        is($wrong, undef, "$form: $player");
        note("$form: $player: ", join ' ', map {
            $_->[0] . (defined $_->[1] ? sprintf '%+d', $_->[1] : '')
        } @{$found->{told}{$player}});
    }

    is(scalar(keys %{$found->{told}}), $form eq 'vod' ? 7
                                       : $form eq 'steady' ? 4 : 6,
       "$form: all players");
    is("@{$found->{troubles}}", '', "$form: without an error");
}

done_testing();
