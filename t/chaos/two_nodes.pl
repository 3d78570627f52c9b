# Two nodes with ledgers of their own count for the same products: the sums in
# Redis are of both, also while one of them is reloaded or killed.  A publisher
# on the other one, or in an old worker of the same, notices nothing.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

redis();

my $one = origin();
my $two = clicking(name => 'two', port => 'two', ledger => '%%DIR%%/two.ledger 1m');
my $film = on_air('film');

my @paths = map { ("/cart/r1/$_", "/cart/r2/$_") } qw(p1 p2 p3);
my @both = (@paths, { ports => ['HTTP', 'two'] });

my $crowd = crowd(4, @both);

every(0.5, seconds(2, 20), sub { kill 'HUP', $one->pid });

undisturbed($film, 'his node reloaded');
tell('reloaded');
$crowd->compare(exact => 1);

$crowd = crowd(4, map({ s/r(?=\d)/s/r } @paths), $both[-1]);

every(0.5, seconds(2, 20), sub {
    $two->kill;
    $two->start;
});

undisturbed($film, 'the other node killed');
tell('killed');
$crowd->compare;

conclude();
