# A replica that lacks the last of what its master had is promoted: the
# ledgers restore what is missing.  The address of the master, as the node
# knows it, becomes that of the replica.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage;
use Commerce::Proxy;
use Commerce::Redis;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep);

sub have { $_[0]->call('HGET', 'commerce:{r1}:0:counts', 'c:click:p1') || 0 }

# The replica replicates by a proxy of its own, so that what the master has
# sent to it can be kept from it.

sub follow {
    my ($replica, $master) = @_;
    my $way = Commerce::Proxy->start($master->port);

    $replica->call('REPLICAOF', '127.0.0.1', $way->port);

    wait_for(30, sub {
        $replica->call('INFO', 'replication') =~ /master_link_status:up/
    }) or die "the replica does not follow\n";

    return $way;
}

my $other = Commerce::Redis->start(args => ['--repl-diskless-sync-delay', 0]);
my $redis = redis(args => ['--repl-diskless-sync-delay', 0]);
my ($nginx, $proxy) = outage();
my $film = on_air('film');
my $crowd = crowd(2, '/cart/r1/p1', '/cart/r2/p1');
my ($master, $replica) = ($redis, $other);
my $lacked = 0;

# an even number of times, so that it ends where the figures are looked up

for my $turn (1 .. seconds(2, 10)) {
    my $way = follow($replica, $master);
    my $before = have($master);

    wait_for(10, sub { have($replica) > $before })
        or BAIL_OUT('nothing is replicated');

    $way->down;
    $before = have($master);
    wait_for(10, sub { have($master) > $before });
    sleep 1;

    $proxy->stall;
    my ($had, $has) = (have($master), have($replica));
    cmp_ok($has, '<', $had, "the replica lacks some of $had clicks");
    $lacked += $had - $has;

    $replica->call('REPLICAOF', 'NO', 'ONE');
    $proxy->to($replica->port);
    $proxy->go_on;

    ok(wait_for(20, sub { have($replica) >= $had }), 'they are restored');

    $master->call('FLUSHALL');
    $way->stop;
    ($master, $replica) = ($replica, $master);
}

undisturbed($film, 'with a replica promoted');

note("lacked by replicas: $lacked");
$crowd->compare(exact => 1);
conclude();
