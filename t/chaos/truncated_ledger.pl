# The ledger's file is cut short while it is in use: no worker crashes, what
# was sent before and what is counted after is counted once; what had not been
# sent may be lost with the file.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

redis();

my $nginx = origin(ledger => '%%LEDGER%% 1m');
my $film = on_air('film');
my $turn = 0;

# nothing, the header alone, half a cell, some pages

sub cut_short {
    my $size = (0, 4096, 4096 + 640, 65536)[$turn++ % 4];

    truncate ledger_file(), $size or die "truncate: $!\n";
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

# at any moment: what Redis has once stays there, and more comes each time

$crowd = crowd(3, paths('r2'));

my $counted = 0;

every(0.3, seconds(3, 30), sub {
    my $before = $counted;

    ok(wait_for(20, sub { ($counted = $crowd->counted) > $before }),
       "counts arrive: more than $before")
        or diag("there are $counted");
    cut_short();
});

undisturbed($film, 'the ledger cut short');
tell('under clicks');
$crowd->compare(lossy => 1);

# and nothing of it is lost from then on

$crowd->begin_anew(3);
let_click(seconds(1, 5));
tell('after that');
$crowd->compare(exact => 1);

conclude();
