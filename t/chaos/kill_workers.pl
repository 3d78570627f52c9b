# A worker is killed every 200 ms under clicks: any of them, then those that
# have no publisher, who notices nothing.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

redis();

my $nginx = origin(workers => 3);
my @paths = map { ("/cart/r1/p$_", "/cart/r2/p$_") } 1 .. 200;

sub kill_one_of {
    my @workers = @_ or return 0;

    return kill_worker($nginx, $workers[rand @workers]);
}

my $crowd = crowd(3, @paths);
my $killed = 0;

every(0.2, seconds(3, 40), sub { $killed += kill_one_of($nginx->workers) });

cmp_ok($killed, '>=', 3, "workers killed: $killed");
tell('any');
$crowd->compare;

my $film = on_air('film');
my $his = worker_of($film);

$crowd = crowd(3, map { s/r(?=\d)/s/r } @paths);
$killed = 0;

every(0.2, seconds(3, 40), sub {
    $killed += kill_one_of(grep { $_ != $his } $nginx->workers);
});

cmp_ok($killed, '>=', 3, "workers killed: $killed");
undisturbed($film, 'with other workers killed');
tell('but one');
$crowd->compare;

conclude();
