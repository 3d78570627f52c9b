# The wall clock of the node, then that of Redis, is set back and forth under
# clicks: nothing is lost, nothing counted twice, a publisher stays.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clock;
use Commerce::Edge qw(state);
use Commerce::Outage qw(origin on_air undisturbed);
use Commerce::Scenario;
use Test::More;

sub apart {
    my $seconds = shift;

    return wait_for(30, sub {
        my $offset = state()->{redis}{clock_offset_ms};

        defined $offset && abs($offset - $seconds * 1000) < 500
    });
}

my $redis = with_clock('redis', sub { redis() });
my $nginx = with_clock('node', sub {
    origin()
});

my $film = on_air('film');
my @steps = (-3600, 0, 3600, 0, -86400 * 40, 86400 * 40, 0);

for my $whose (qw(node redis)) {
    my $crowd = crowd(3, map { ("/cart/$whose/$_") } qw(p1 p2 p3));
    my $sign = $whose eq 'redis' ? 1 : -1;
    my $turn = 0;

    set_clock($whose, -3600);
    ok(apart(-3600 * $sign), "the clock of $whose is known to be an hour behind");

    every(0.4, seconds(2, 30), sub { set_clock($whose, $steps[$turn++ % @steps]) });
    set_clock($whose, 0);

    undisturbed($film, "the clock of $whose");
    tell("of $whose");
    $crowd->compare(exact => 1);
}

conclude();
