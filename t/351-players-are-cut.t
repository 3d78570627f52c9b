# Whoever plays over RTMP and may no longer is cut, in workers that drain, too;
# everybody else goes on.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(subscribed);
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Digest::SHA qw(sha256_hex);
use Test::More;

my $redis = redis();

host('h1');
host('h2');
room('demo');

# of who is out, the room's part

sub out {
    my @fields = @_;

    $redis->call('HSET', 'commerce:{demo}:out', @fields);
    publish_out();
}

sub let_all_in {
    $redis->call('DEL', 'commerce:{demo}:out');
    publish_out();
}

sub publish_out {
    my $version = $redis->call('HINCRBY', 'commerce:{demo}:out', 'version', 1);

    $redis->call('PUBLISH', 'commerce:changed:out:{demo}', $version);
}

# Without a publisher there is nothing to see, but to wait for.

my $nginx = live(log => 'info', workers => 2,
                 application => 'commerce_play on;', server => <<'SERVER');
        location = /status { commerce_status; }
SERVER

ok(subscribed(), 'subscribed');

# what was done away with before takes a moment to be known

sub player {
    my ($proof) = @_;
    my ($said, $rtmp);

    ok(wait_for(5, sub {
        ($said, $rtmp) = watch('demo' . ($proof ? "?viewer=$proof" : ''));
        $said =~ /^Start/
    }), 'somebody plays') or diag($said);

    return $rtmp;
}

sub cut {
    my ($rtmp, $reason, $what) = @_;
    my @said;

    while (my $status = $rtmp->status(3)) {
        push @said, said($status);
        last if $said[-1] =~ /^Failed/;
    }

    is($said[-1], "Failed $reason", $what);
    ok($rtmp->closed(4), 'and the connection is closed');
}

sub stays {
    my ($rtmp, $what) = @_;

    is(said($rtmp->status(0.7)) =~ s/^Data.*/nothing/r, 'nothing', $what);
}

for my $state (qw(banned closed scheduled)) {
    my $rtmp = player();

    room('demo', state => $state);
    cut($rtmp, "room_$state", "the room is $state");
    room('demo');
}

my $rtmp = player();
room('demo', cut => 'node/1', cut_reason => 'show_ended');
cut($rtmp, 'show_ended', 'the show is ended');
$rtmp = player();
room('demo', title => 'The next');
stays($rtmp, 'who comes then stays');
room('demo', cut => 'node/2', cut_reason => 'kicked');
cut($rtmp, 'kicked', 'until its publisher is told to go');

$rtmp = player();
host('h1', state => 'banned');
cut($rtmp, 'host_banned', 'the host is banned');
host('h1');

$rtmp = player();
host('h1', state => 'suspended');
stays($rtmp, 'a host who is suspended is watched on');
room('demo', host => 'h2', title => 'Another');
host('h1', state => 'banned');
stays($rtmp, 'a room that was given to another goes on');
host('h2', state => 'banned');
cut($rtmp, 'host_banned', 'until the other is banned');
host('h1');
host('h2');
room('demo', title => 'Tea');

my @four = map { player($_) } undef, viewer('i', 'demo', 'u1'),
           viewer('r', 'demo', 'u2'), viewer('r', 'demo', 'u3');

out('b:u3', 0);
cut($four[3], 'viewer_banned', 'a viewer is banned');
room('demo', visibility => 'unlisted');
cut($four[0], 'proof_missing', 'a room becomes unlisted: who proved nothing');
cut($four[1], 'proof_insufficient', 'and who said who he is');
stays($four[2], 'who has a proof for it stays');
out('s:u2', int 1000 * (time + 2));
cut($four[2], 'viewer_signed_out', 'until he is signed out');

let_all_in();
my $one = player(viewer('r', 'demo', 'u4'));
my $other = player(viewer('r', 'demo', 'u5', issued => int 1000 * (time + 4)));
out('s:*', int 1000 * (time + 2));
cut($one, 'viewer_signed_out', 'everybody is signed out');
stays($other, 'but for a proof that was issued later');
$other->leave;
let_all_in();

# a proof that ends, and followers

$rtmp = player(viewer('r', 'demo', 'u1', seconds => 2));
my $until = time + 3;
wait_for(5, sub { time > $until });
room('demo', visibility => 'unlisted', title => 'Expired');
stays($rtmp, 'a proof may expire meanwhile');
$rtmp->leave;

$redis->call('SADD', 'commerce:host:{h1.' . substr(sha256_hex('u1'), 0, 2)
             . '}:followers', 'u1');
room('demo', visibility => 'public');
@four = map { player($_) } viewer('i', 'demo', 'u1'), viewer('i', 'demo', 'u2');
room('demo', visibility => 'followers');
cut($four[1], 'not_following', 'for followers: who does not follow');
stays($four[0], 'who does stays');
$redis->call('DEL', 'commerce:host:{h1.' . substr(sha256_hex('u1'), 0, 2)
             . '}:followers');
room('demo', visibility => 'followers', title => 'Left');
stays($four[0], 'and is not asked for again');
$four[0]->leave;
room('demo', visibility => 'public');

# the room and its host are gone altogether, as in a Redis that lost its data

$rtmp = player(viewer('r', 'demo', 'u1'));
$redis->call('DEL', 'commerce:{demo}', 'commerce:host:{h1}');
$redis->call('PUBLISH', 'commerce:changed', '');
stays($rtmp, 'what is gone is no ban');
host('h1');
room('demo');

# a worker that drains

ok($nginx->reload, 'a reload');
my @drains = player(viewer('r', 'demo', 'u9'));
stays($rtmp, 'goes on in the worker that drains');
out('b:u1', 0);
cut($rtmp, 'viewer_banned', 'and is cut there');
stays($drains[0], 'another goes on');
room('demo', state => 'banned');
cut($drains[0], 'room_banned', 'until the room is banned');
room('demo');

like(http('GET', '/status')->{content}, qr/"cut":\s*\{[^}]*"room_banned":\s*2/,
     'the status counts them');

my ($event) = grep { $_->{reason} eq 'viewer_signed_out' }
              events('play_ended', 13);
is($event->{room}, 'demo', 'and there are events');

finish();
