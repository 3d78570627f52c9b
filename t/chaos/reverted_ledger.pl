# An older copy is written over a ledger in use, at rest and under clicks: what
# had not been sent may be lost with the file, what is counted after that not.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Edge qw(log_count);
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

redis();

my $nginx = origin(ledger => '%%LEDGER%% 1m');
my $film = on_air('film');

my $older;

sub copy { $older = read_file(ledger_file()) }

sub paths { my $room = shift; map { "/cart/$room/$_" } qw(p1 p2 p3) }

allow_fault(qr/\[crit\].* was written over while in use/);

sub revert {
    my $n = log_count(qr/was written over while in use/);

    # in its place: nothing is cut off

    open my $out, '+<', ledger_file() or die "open: $!\n";
    syswrite($out, $older) == length $older or die "write: $!\n";

    ok(wait_for(10, sub { log_count(qr/was written over while in use/) > $n }),
       'it is noticed');
}

# all has been sent

my $crowd = crowd(3, paths('r1'));

for (1 .. seconds(3, 30)) {
    copy();
    let_click(0.5);
    $crowd->stop;
    ok($crowd->settle, 'all is sent');
    revert();
    $crowd->more(3);
}

tell('at rest');
$crowd->compare(exact => 1);

# at any moment

$crowd = crowd(3, paths('r2'));

every(0.3, seconds(2, 30), sub {
    copy();
    let_click(0.5);
    revert();
});

undisturbed($film, 'the ledger reverted');
tell('under clicks');
$crowd->compare(lossy => 1);

# and nothing of it is lost from then on

$crowd->begin_anew(3);
let_click(seconds(1, 5));
tell('after that');
$crowd->compare(exact => 1);

conclude();
