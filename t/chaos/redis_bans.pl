# A ban that is given while the node can't hear of it: when Redis can be
# reached again it cuts the stream within a second, of which nobody else
# notices anything.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Edge qw(state subscribed log_count);
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep time);

my $redis = redis();

$redis->line('ACL SETUSER edge on >PASSWORD allkeys allchannels +@all');

my ($nginx, $proxy) = outage(user => 'edge', password => 'PASSWORD');
my $film = on_air('film');
my $crowd = crowd(1, '/cart/r1/p1');

# what else the node holds is looked up again, too

for my $n (1 .. seconds(50, 2000)) {
    $redis->call('HSET', "commerce:{many$n}", qw(host h1 state open version 1));
    http('POST', "/cart/many$n/p1");
}

ok(subscribed(), 'subscribed');

# as the README writes it, without telling anything to the node by ourselves

sub ban {
    my ($kind, $room) = @_;
    my ($key, $channel) = $kind eq 'room' ? ("{$room}", "{$room}")
                                          : (("host:{host-$room}") x 2);

    $redis->line('MULTI');
    $redis->line("HSET commerce:$key state banned");
    $redis->line("HINCRBY commerce:$key version 1");
    $redis->line("PUBLISH commerce:changed:$channel 9");
    $redis->line('EXEC');
}

sub ended { log_count(qr/publishing room "$_[0]" was ended: \w+_banned/) }

# Puts a room on air and returns its name, its publisher, and what looks how
# long after a time he is cut off.  On a loaded machine a second is not enough
# for all the processes that have a part in it.

sub cut {
    my ($what, $limit, $kind, $back) = @_;
    my $room = "cut-$kind-" . $what =~ s/\W+/-/gr;
    my $show = on_air($room);

    sleep 1;
    return ($room, $show, sub {
        my $begin = shift;

        ok(wait_for(30, sub { ended($room) }), "$what: a ban of the $kind cuts")
            or return;

        my $ms = 1000 * (time - $begin);

        diag(sprintf '%s: a ban of the %s cuts after %d ms', $what, $kind, $ms);
        cmp_ok($ms, '<', $limit * seconds(5, 1), "$what: in time");
        ok(wait_for(10, sub { !$show->{ffmpeg}->running }),
           '... and he is disconnected');
    });
}

for my $kind (qw(host room)) {

    # no connection can be made

    my ($room, $show, $is_cut) = cut('unreachable', 1000, $kind);

    $proxy->down;
    ban($kind, $room);
    sleep seconds(1, 8);
    undisturbed($show, 'not heard of the ban');
    my $begin = time;

    $proxy->up;
    $is_cut->($begin);
    undisturbed($film, 'another room');

    # connections are there, but nothing comes through

    ok(subscribed(), 'subscribed');
    ($room, $show, $is_cut) = cut('stalled', 1000, $kind);

    $proxy->stall;
    ban($kind, $room);
    sleep seconds(4, 8);
    $begin = time;
    $proxy->go_on;
    $is_cut->($begin);
    undisturbed($film, 'another room');

    # the subscription alone is dead: it takes three seconds to notice

    ok(subscribed(), 'subscribed');
    ($room, $show, $is_cut) = cut('half open', 5000, $kind);

    $proxy->mute("SUBSCRIBE\r\n");
    $begin = time;
    ban($kind, $room);
    $is_cut->($begin);
    undisturbed($film, 'another room');

    # there is none, and Redis is asked instead

    ok(subscribed(), 'subscribed');
    ($room, $show, $is_cut) = cut('not subscribed', 1500, $kind);

    $redis->line('ACL SETUSER edge resetchannels');
    ok(wait_for(10, sub { !state()->{redis}{subscribed} }), 'not subscribed');
    sleep rand 1;

    $begin = time;
    ban($kind, $room);
    $is_cut->($begin);
    $redis->line('ACL SETUSER edge allchannels');
    undisturbed($film, 'another room');
    ok(subscribed(), 'subscribed');
}

$crowd->compare(exact => 1);
conclude();
