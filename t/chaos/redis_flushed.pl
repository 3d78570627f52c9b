# FLUSHALL under clicks: no connection is lost, and what the ledgers hold is
# restored all the same, also of products that nobody clicks on any more.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks qw(counted);
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my ($nginx, $proxy) = outage();
my $film = on_air('film');
my @quiet = map { "/cart/r3/p$_" } 1 .. 3;
my $before = crowd(1, @quiet);

wait_for(10, sub { accepted() > 200 });
$before->stop;

my $crowd = crowd(2, '/cart/r1/p1', '/cart/r2/p1');
my $flushed = 0;

every(1, seconds(4, 40), sub {
    $redis->call('FLUSHALL');
    $flushed++;
});

cmp_ok($flushed, '>=', 3, "flushed: $flushed");

undisturbed($film, 'with Redis flushed');

sub quiet { counted('r3', 'p1') + counted('r3', 'p2') + counted('r3', 'p3') }

ok(wait_for(20, sub { quiet() == $before->sums->{accepted} }),
   'what nobody clicks on any more is restored by clicks on something else');

$_->stock for $crowd, $before;
tell('(still clicked on)');
$crowd->compare(exact => 1);
tell('(not any more)');
$before->compare(exact => 1);
conclude();
