# The ledger's file is cut short while it is in use: no worker crashes, what
# was sent before and what is counted after is counted once; what had not been
# sent may be lost with the file.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Scenario;
use Test::More;

redis();

my $nginx = clicking();
my $turn = 0;

# nothing, the header alone, half a cell, some pages

sub cut_short {
    my $size = (0, 4096, 4096 + 640, 65536)[$turn++ % 4];

    truncate dir() . '/ledger', $size or die "truncate: $!\n";
}

sub paths { my $room = shift; map { "/cart/$room/$_" } qw(p1 p2 p3) }

allow_fault(qr/\[crit\].* was cut short while in use/);

# all has been sent

my $crowd = crowd(3, paths('r1'));

for (1 .. seconds(4, 40)) {
    let_click(0.3);
    $crowd->stop;
    ok($crowd->settle, 'all is sent');
    cut_short();
    $crowd->more(3);
}

tell('at rest');
$crowd->compare(exact => 1);

# at any moment

$crowd = crowd(3, paths('r2'));

every(0.3, seconds(3, 30), \&cut_short);

tell('under clicks');
$crowd->compare(lossy => 1);

conclude();
