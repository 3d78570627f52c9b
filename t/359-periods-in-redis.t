# The scripts that write periods, whatever the order in which they come: an
# answer that was lost, a node that is late, a publisher who died.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Env qw(root);
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my ($begin, $end) = map { read_file(root() . "/src/redis/scripts/$_.lua") }
                    qw(period_begin period_end);
my ($room, $periods, $channel) = ('commerce:{demo}', 'commerce:{demo}:periods',
                                  'commerce:changed:{demo}');
my $day = 1_795_000_000_000;

# times are ms of that day

sub begins {
    my ($claim, $at, %more) = @_;
    my $late = $more{late} // 10;

    return $redis->call('EVAL', $begin, 2, $room, $periods, $claim, $day + $at,
                        $day + $at - $late, $day + $at - $late - 5000, 33,
                        defined $more{former} ? $day + $more{former} : '',
                        $channel);
}

sub ends {
    my ($claim, $at) = @_;

    return $redis->call('EVAL', $end, 1, $room, $claim, $day + $at, $channel);
}

sub field { $redis->call('HGET', $room, $_[0]) }

# the last one: its number and its shift

sub last_one {
    my $text = $redis->call('ZREVRANGE', $periods, 0, 0)->[0];

    return join ' ', (split ' ', $text)[0, 4];
}

sub count { $redis->call('ZCARD', $periods) }

is(begins('a/1', 0), 0, 'a room that does not exist has no periods');
is(count(), 0, 'so it has none');

$redis->call('HSET', $room, 'host', 'h1', 'version', 7, 'seen', $day + 9000);

is(begins('a/1', 0), 1, 'the first one');
is($redis->call('ZRANGE', $periods, 0, -1)->[0],
   join(' ', 0, $day, $day - 10, $day - 5010, 0, 33), 'is as it was said');
is(field('version'), 8, 'the room has another version');
is(begins('a/1', 0), 1, 'told once more');
is(count() . ' ' . field('version'), '1 8', 'it is still one');

is(ends('a/1', 10_000), 1, 'it ends');
is(ends('a/1', 10_000), 1, 'told once more');
is(field('version'), 9, 'it has ended once');

is(begins('b/1', 13_010), 1, 'another one begins');
is(last_one(), '1 3000', 'three seconds later');
is(field('period_ended'), undef, 'and goes on');

is(ends('a/1', 12_000), 0, 'what the former one says is too late');
is(field('period_ended'), undef, 'so it is');

is(begins('a/2', 12_500), 0, 'a late one that began earlier is left out');
is(count(), 2, 'so it is');

# one publish has several

is(begins('b/1', 20_010, former => 19_900), 1, 'his timestamps jump');
is(last_one(), '2 3100', 'by the end that he knows');
is(ends('b/1', 30_000), 1, 'he ends');

# a gap, or an overlap

for my $case (['599999', 1], ['600000', 1], ['600001', 0], ['-60000', 1],
              ['-60001', 0])
{
    my ($gap, $closed) = @$case;

    $redis->call('DEL', $periods);
    begins('c/1', -300_000);
    ends('c/1', 0);
    begins('c/2', $gap, late => 0);
    is(last_one(), '1 ' . ($closed ? $gap : 0), "a gap of $gap ms");
}

# one whose end nobody has told

$redis->call('DEL', $periods);
$redis->call('HDEL', $room, 'period_ended');
begins('d/1', 0);
$redis->call('HSET', $room, 'seen', $day + 4000);
begins('d/2', 10_010);
is(last_one(), '1 6000', 'he was last seen then');

begins('d/3', 20_010);
is(last_one(), '2 16000', 'but not before he began');

# what was written by hand

$redis->call('DEL', $periods);
$redis->call('ZADD', $periods, 5, 'nonsense');
is(begins('e/1', 0), 1, 'what is none is no obstacle');
is(last_one(), '1 0', 'and is counted');

$redis->call('SET', $periods, 'nonsense');

my $version = field('version');

begins('e/1', 0);
is(field('version'), $version, 'a key of another type leaves the room alone');

finish();
