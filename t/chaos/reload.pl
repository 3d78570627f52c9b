# nginx is told to reload every 100 ms under clicks: no click is refused, each
# that was accepted is counted once, and a publisher stays in his old worker.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Live qw(live);
use Commerce::Outage qw(on_air undisturbed);
use Commerce::Scenario;
use Test::More;

redis();

my $nginx = live(commerce => 'flush 100ms;', server => click_locations(),
                 log => 'info');
my $film = on_air('film');
my $crowd = crowd(3, map { ("/cart/r1/$_", "/cart/r2/$_") } qw(p1 p2 p3));
my $reloads = 0;

every(0.1, seconds(4, 40), sub { $reloads += kill 'HUP', $nginx->pid });

cmp_ok($reloads, '>=', 3, "told to reload: $reloads times");
undisturbed($film, 'after that');

$crowd->compare(exact => 1);
is($crowd->sums->{refused}, 0, 'no click was refused');

conclude();
