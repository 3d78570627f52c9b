# Redis is stopped for some seconds and goes on: clicks are accepted at the
# pace they were, and none is lost or doubled.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep time);

my $redis = redis();
my ($nginx, $proxy) = outage();
my $film = on_air('film');
my $crowd = crowd(2, '/cart/r1/p1', '/cart/r2/p1');

# clicks a second over so many seconds

sub pace {
    my $seconds = shift;
    my ($begin, $n) = (time, accepted());

    sleep $seconds;

    return (accepted() - $n) / (time - $begin);
}

for my $stall (seconds(0.2, 0.5), seconds(3, 10)) {
    my $usual = pace(1);

    $redis->stall;
    my $stalled = pace($stall);

    undisturbed($film, "stalled for $stall s") if $stall > 2;
    $redis->resume;

    note(sprintf 'clicks a second: %d, with Redis stalled %d', $usual,
                 $stalled);
    cmp_ok($stalled, '>', 0, "stalled for $stall s: clicks are accepted");
    cmp_ok($stalled, '>', $usual / 2, '... at half the usual pace at least')
        if $ENV{CHAOS_LONG};

    ok(wait_for(20, sub { due() < 1000 }), '... and sent when it goes on');
}

$crowd->stop;
is($crowd->sums->{refused}, 0, 'no click was refused');

$crowd->compare(exact => 1);
conclude();
