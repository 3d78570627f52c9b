# nginx is told to reload every 100 ms under clicks: no click is refused, each
# that was accepted is counted once, and a publisher stays in his old worker.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Edge qw(log_count);
use Commerce::Outage qw(origin on_air undisturbed);
use Commerce::Scenario;
use Test::More;

redis();

my $nginx = origin();
my $film = on_air('film');
my $crowd = crowd(3, map { ("/cart/r1/$_", "/cart/r2/$_") } qw(p1 p2 p3));

every(0.1, seconds(4, 40), sub { kill 'HUP', $nginx->pid });

# what it is told while it is at it is one more reload

my $reloads = log_count(qr/: reconfiguring$/);

cmp_ok($reloads, '>=', 3, "reloads: $reloads");
undisturbed($film, 'after that');

$crowd->compare(exact => 1);
is($crowd->sums->{refused}, 0, 'no click was refused');

conclude();
