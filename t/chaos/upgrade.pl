# A binary upgrade under clicks: the workers of both masters count to one
# ledger.  A publisher stays with an old worker until he comes again, to a new
# one.  The old master quits at once, or every other time when its workers
# have been told to.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage qw(origin on_air undisturbed);
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep);

redis();

my $nginx = origin();
my $crowd = crowd(3, map { ("/cart/r1/$_", "/cart/r2/$_") } qw(p1 p2 p3));

for my $turn (1 .. seconds(2, 8)) {
    my $film = on_air("film$turn");
    my $old = $nginx->upgrade or die "there is no new master\n";

    sleep 0.5;

    if ($turn % 2 == 0) {
        kill 'WINCH', $old;
        sleep 0.5;
    }

    kill 'QUIT', $old;

    undisturbed($film, "upgrade $turn");
    ok(alive($old), 'the old master waits for its publisher');

    my $again = publish(url => rtmp_url('live', "film$turn?key=key-of-film"
                                                . $turn));

    ok(wait_for(15, sub { !$film->{ffmpeg}->running }),
       'whom a new session of the same host replaces');
    ok(wait_for(15, sub { !alive($old) }), 'then it ends');
    ok($again->running, 'and the new session goes on');
    $again->stop;
}

$crowd->compare(exact => 1);
is($crowd->sums->{refused}, 0, 'no click was refused');

conclude();
