# Redis is killed under clicks and starts with nothing: what the ledgers hold
# is restored, to the last click.  The backend writes its rooms again.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep);

my $redis = redis();
my ($nginx, $proxy) = outage();
my $film = on_air('film');
my $crowd = crowd(2, '/cart/r1/p1', '/cart/r1/p2', '/cart/r2/p1');
my $killed = 0;

every(0.5, seconds(4, 40), sub {
    $redis->kill;
    sleep rand 0.5;
    $redis->run;
    $killed++;

    sleep rand 1;
    $crowd->stock;
});

cmp_ok($killed, '>=', 2, "Redis was killed: $killed");

undisturbed($film, 'with Redis empty');
$crowd->compare(exact => 1);
conclude();
