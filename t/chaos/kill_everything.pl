# Master and workers are killed under clicks, and nginx is started again: what
# was accepted is in the ledger.  Each start takes cells of its own, and no cell
# is given away for ten minutes, so that this is a ledger of the usual size.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Scenario;
use Test::More;

redis();

my $nginx = clicking(ledger => '%%LEDGER%% 16m');
my $crowd = crowd(3, map { ("/cart/r1/p$_", "/cart/r2/p$_") } 1 .. 200);
my $killed = 0;

every(0.7, seconds(4, 40), sub {
    $nginx->kill;
    $nginx->start;
    $killed++;
});

cmp_ok($killed, '>=', 3, "nginx killed and started: $killed");

$crowd->compare;
conclude();
