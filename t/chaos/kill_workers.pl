# A worker is killed every 200 ms under clicks.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Scenario;
use Test::More;

redis();

my $nginx = clicking();
my $crowd = crowd(3, map { ("/cart/r1/p$_", "/cart/r2/p$_") } 1 .. 200);
my $killed = 0;

every(0.2, seconds(4, 40), sub {
    my @workers = $nginx->workers;

    $killed += kill_worker($nginx, $workers[$killed % @workers]) if @workers;
});

cmp_ok($killed, '>=', 1, "workers killed: $killed");

$crowd->compare;
conclude();
