# A node learns of changes by its subscription, of all of them again when it
# is told to look at everything, and by polling live rooms where it may not
# subscribe.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep);

my $redis = redis();

host('h1');
room("r$_", title => 'one') for 1 .. 5;

my $nginx = edge('unix:%%REDIS%%', workers => 2);

ok(subscribed(), 'subscribed');
is(shelf("r$_")->{status}, 200, "room r$_ is known") for 1 .. 5;

sub channels {
    my $channels = $redis->line('PUBSUB CHANNELS commerce:*');

    return { map { $_ => 1 } @$channels };
}

ok(wait_for(3, sub { channels()->{'commerce:changed:{r5}'} }),
   'the node listens to the room');
is($redis->line('PUBSUB NUMSUB commerce:changed:{r1}')->[1], 1,
   'once for all workers');

room('r1', title => 'two');
ok(wait_for(2, sub { 10 == grep { shelf('r1')->{content} =~ /two/ } 1 .. 10 }),
   'a change reaches all workers');
ok(state()->{redis}{notices} > 0, 'notices count');

$redis->line('HSET commerce:{r2} title three version 9');
sleep 0.5;
like(shelf('r2')->{content}, qr/one/, 'a change that nobody tells is unseen');
$redis->line('PUBLISH commerce:changed all');
ok(wait_for(3, sub { shelf('r2')->{content} =~ /three/ }),
   'until all is looked at again');

$redis->line('CLIENT KILL TYPE pubsub');
ok(subscribed(), 'a subscription that was cut is made anew');
room('r3', title => 'four');
ok(wait_for(2, sub { shelf('r3')->{content} =~ /four/ }), 'and works');

# More rooms than are subscribed to at once.

for my $n (1 .. 700) {
    $redis->line("HSET commerce:{many$n} host h1 state open version 1");
    shelf("many$n");
}

sub many { scalar grep { /many/ } keys %{channels()} }

ok(wait_for(5, sub { many() == 700 }), 'many rooms are listened to');
$redis->line('CLIENT KILL TYPE pubsub');
ok(wait_for(5, sub { many() == 700 }), 'and again after a cut');

my $figures = state()->{redis};
ok($figures->{latency_us} > 0, 'the latency is known');
cmp_ok(abs $figures->{clock_offset_ms}, '<', 50, 'so is the clock offset');

# Messages that make no sense are notices all the same.

$redis->line(qq{HSET commerce:{r4} title five version 9});
$redis->line(qq{PUBLISH commerce:changed:{r4} "\x00\xffnonsense"});
ok(wait_for(2, sub { shelf('r4')->{content} =~ /five/ }),
   'a message without a version is a notice');

$nginx->stop;


# What a subscription says nothing of is current from one heartbeat to the next,
# and nothing is asked for again, however seldom they are.

$nginx = edge('unix:%%REDIS%% heartbeat=3s', name => 'seldom');

ok(wait_for(20, sub {
    my $loads = state()->{redis}{loads};

    return !wait_for(4, sub {
        shelf('r1');
        return state()->{redis}{loads} > $loads;
    });
}), 'between seldom heartbeats nothing is loaded anew');

$nginx->stop;


# Where SUBSCRIBE is forbidden, the rooms that are live are asked for.

$redis->line('ACL SETUSER deaf on >de4f ~commerce:* resetchannels +@all');
$redis->line('SET commerce:{r5}:live edge/1/1/1 PX 60000');
room('r5');

$nginx = edge('unix:%%REDIS%% user=deaf password=de4f', name => 'deaf');

is(shelf('r5')->{status}, 200, 'the room is known without a subscription');
$redis->line('HSET commerce:{r5} title six version 99');
ok(wait_for(3, sub { shelf('r5')->{content} =~ /six/ }),
   'changes of a live room are seen by polling');
ok(!state()->{redis}{subscribed}, 'the status says that there is none');
is(log_count(qr/the subscription to redis \S+ is lost: .*NOPERM/, 'deaf'), 1,
   'the log says why, once');

finish();
