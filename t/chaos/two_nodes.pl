# Two nodes with ledgers of their own count for the same products: the sums in
# Redis are of both, also while one of them is reloaded or killed.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Scenario;
use Test::More;

redis();

my %node = map {
    $_ => clicking(name => $_, port => $_, ledger => "%%DIR%%/$_.ledger 1m")
} qw(one two);

my @paths = map { ("/cart/r1/$_", "/cart/r2/$_") } qw(p1 p2 p3);
my @both = (@paths, { ports => ['one', 'two'] });

my $crowd = crowd(4, @both);

every(0.5, seconds(2, 20), sub { kill 'HUP', $node{one}->pid });

tell('reloaded');
$crowd->compare(exact => 1);

$crowd = crowd(4, map({ s/r(?=\d)/s/r } @paths), $both[-1]);

every(0.5, seconds(2, 20), sub {
    $node{two}->kill;
    $node{two}->start;
});

tell('killed');
$crowd->compare;

conclude();
