# What is in a playlist of the past is what was in the spotlight then, also when
# that was pinned in an hour or a show before, or between two shows.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;

use constant MINUTE => 60000;

my $redis = redis();
my $conf = <<'CONF';
    server {
        listen             %%HTTP%%;
        root               %%DIR%%/root;
        commerce_room      $room;
        commerce_hls       on;
        commerce_hls_clock name;
    }
CONF

# minutes after BASE, which is the beginning of an hour

sub at { BASE + $_[0] * MINUTE }

sub kept {
    my ($show, $at, $product, $added) = @_;
    my $cue = sprintf '{"id":"%d-0","at":%d,"show":%d%s}', $added // $at, $at, $show,
                      $product ? qq(,"product":"$product") : '';

    $redis->call('ZADD', "commerce:{demo}:$show:cues", $at, $cue);
}

my @shows = ([-50, -20], [10, 50], [100, 110], [190, 200], [600]);

room('demo', show => scalar @shows);

for my $n (1 .. @shows) {
    my ($started, $ended) = @{$shows[$n - 1]};

    $redis->call('HSET', 'commerce:{demo}:shows', "$n:started", at($started),
                 defined $ended ? ("$n:ended", at($ended)) : ());
}

kept(1, at(-30), 'a');
kept(2, at(10));                          # the next show clears what was there
kept(2, at(20), 'b');
kept(2, at(150), 'never', at(21));        # was to come when its show ended
kept(3, at(90), 'c');                     # between two shows
kept(3, at(105), 'd');
kept(4, at(190));
kept(4, at(240) - 1, 'e');                # the last instant of an hour
kept(4, at(300), 'f');                    # the first one

# two hundred cues since, so that the room has none of those

$redis->call('XADD', 'commerce:{demo}:cues', at(600) + $_ * 1000 . '-0',
             at => at(600) + $_ * 1000, show => 5, product => "n$_") for 1 .. 200;
$redis->call('SET', 'commerce:{demo}:live', 'x');

hls($conf);

my @then = (
    [-40   => '', 'before the first cue'],
    [-25   => 'a', 'in its show'],
    [0     => 'a', 'an hour begins after the show has ended'],
    [5     => 'a', 'until the next show begins'],
    [9.9   => 'a -', 'which clears it'],
    [15    => '-', 'then there is nothing'],
    [25    => 'b', 'the next one'],
    [60    => 'b', 'over the hour, and after its show'],
    [95    => 'c', 'what was pinned between two shows'],
    [104.9 => 'c d', 'and what follows it'],
    [120   => 'd', 'an hour without any of its own'],
    [151   => 'd', 'what ended with its show never began'],
    [180   => 'd', 'the next hour'],
    [195   => '-', 'cleared again'],
    [239   => '-', 'to the last minute'],
    [240   => 'e', 'what was pinned at the last instant'],
    [299.9 => 'e f', 'and at the first'],
);

for my $then (@then) {
    my ($minute, $cues, $name) = @$then;
    my $path = "live/demo/at$minute.m3u8";

    write_file(dir('root') . "/$path",
               "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" .
               join '', map { sprintf "#EXTINF:4.000,\n%d.ts\n", at($minute) + 4000 * $_ }
                        0 .. 2);

    my $text = get("/$path")->{content};

    is(cues($text), $cues, "$minute: $name") or diag($text);
}

# all of it, in one playlist

write_file(dir('root') . '/live/demo/all.m3u8',
           "#EXTM3U\n#EXT-X-TARGETDURATION:600\n" .
           join('', map { sprintf "#EXTINF:600.000,\n%d.ts\n", at(-60 + 10 * $_) } 0 .. 40) .
           "#EXT-X-ENDLIST\n");
is(cues(get('/live/demo/all.m3u8')->{content}), 'a - b c d - e f', 'all of them');


finish();
