# Who gets a room's claim in Redis, decided by the script that all nodes run:
# whoever asked last, told without the nodes' clocks; but two who replace each
# other again and again don't go on for ever.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Env qw(root);
use Commerce::Scenario;
use Test::More;

use constant { REPLACED => -1, NO_ROOM => -2, TAKEN => -3 };

redis();

sub script {
    my ($name, @arguments) = @_;
    my $scripts = root() . '/src/redis/scripts';
    my $text = read_file("$scripts/$name.lua");

    $text =~ s{^--include (\w+)$}{read_file("$scripts/parts/$1.lua")}mge;

    return redis()->call('EVAL', $text, @arguments);
}

sub keys_of {
    my ($room, @suffixes) = @_;

    return (scalar @suffixes, map { "commerce:{$room}$_" } @suffixes);
}

# a claim of a session that asked to publish so many ms ago

sub claim {
    my ($room, $claim, $age) = @_;
    my $reply = ask($room, $claim, $age, 1, 0);

    # of which shows' counts it wants to know

    $reply = ask($room, $claim, $age, $reply->[0], 1)
        while ref $reply eq 'ARRAY' && @$reply == 1;

    return ref $reply eq 'ARRAY' ? 'made' : $reply;
}

sub ask {
    my ($room, $claim, $age, $first, $told) = @_;
    my @counts = map { ":$_:counts" } $first .. $first + 2;

    return script('claim_take',
                  keys_of($room, '', qw(:live :shows :cues), @counts), $claim,
                  15000, 7000, 60000, $age || 0, "changed:$room", $first,
                  $told);
}

sub renew {
    my ($room, $claim, $silent) = @_;

    return script('claim_renew', keys_of($room, '', ':live'), $claim, 15000,
                  $silent);
}

sub contests { redis()->call('HGET', "commerce:{$_[0]}", 'contests') }

sub holder { redis()->call('GET', "commerce:{$_[0]}:live") }

sub now {
    my $time = redis()->call('TIME');

    return $time->[0] * 1000 + int $time->[1] / 1000;
}

sub set { redis()->call('HSET', "commerce:{$_[0]}", @_[1 .. $#_]) }

room($_) for qw(age away lost fight silent clock deleted never died out again);


# claims that come late, for Redis was away when they should have been made

is(claim('age', 'a/1', 30000), 'made', 'asked for half a minute ago');
is(claim('age', 'b/1', 20000), 'made', 'a later one takes its place');
is(claim('age', 'a/1', 30100), REPLACED, 'and is not replaced by the first');
is(claim('age', 'c/1', 60000), REPLACED, 'nor by an older one');
is(holder('age'), 'b/1', 'it stays');
is(claim('age', 'a/2'), 'made', 'who asks now takes its place');
is(claim('age', 'b/1', 21000), REPLACED, 'for good');

# an outage in the middle of a show, longer than what the claim and the window
# last: it is the same show, though nobody was heard

is(claim('away', 'a/1'), 'made', 'a show');
set('away', seen => now() - 120_000);
redis()->call('DEL', 'commerce:{away}:live');
is(claim('away', 'a/1', 300_000), 'made', 'claimed again after two minutes');
is(redis()->call('HGET', 'commerce:{away}', 'show'), 1, 'it is the same show');

set('away', seen => now() - 120_000);
redis()->call('DEL', 'commerce:{away}:live');
is(claim('away', 'a/2', 70_000), 'made', 'who went live during the outage');
is(redis()->call('HGET', 'commerce:{away}', 'show'), 1,
   'within the window, continues it');

set('away', seen => now() - 120_000);
redis()->call('DEL', 'commerce:{away}:live');
is(claim('away', 'a/3', 50_000), 'made', 'who did later');
is(redis()->call('HGET', 'commerce:{away}', 'show'), 2, 'begins another');

is(claim('lost', 'a/1', 100), 'made', 'a claim whose answer is lost');
is(claim('lost', 'a/1', 5000), 'made', 'is made again');
is(claim('lost', 'b/1', 4000), 'made', 'it is as old as it says at last');


# a Redis that lost the room, in which ledgers have counts of two shows it had

redis()->call('HSET', "commerce:{again}:$_:counts", 'c:click:p1', 1) for 0 .. 2;
is(claim('again', 'a/1'), 'made', 'a room that was written anew');
is(redis()->call('HGET', 'commerce:{again}', 'show'), 3,
   'begins a show of its own');


# two who come back whenever they are replaced

my $made = 0;
my $answer;

for my $attempt (0 .. 9) {
    $answer = claim('fight', ($attempt % 2 ? 'b' : 'a') . "/$attempt");
    last if $answer eq TAKEN;
    $made++;
}

is($answer, TAKEN, 'two who replace each other are stopped');
is($made, 6, 'when one was replaced five times');
is(holder('fight'), 'b/5', 'who has it keeps it');
is(claim('fight', 'a/again'), TAKEN, 'as long as the other tries');
is(renew('fight', 'b/5', 0), 1, 'and he goes on');

redis()->call('DEL', 'commerce:{fight}:live');
is(claim('fight', 'a/free'), 'made', 'when he has left the other is let in');
is(claim('fight', 'b/6'), TAKEN, 'who keeps it then');

my ($fights, $until) = split m{/}, contests('fight');
ok($until - now() > 50000 && $until - now() <= 60000,
   'a minute of peace ends that');
set('fight', contests => "$fights/" . (now() - 1));
is(claim('fight', 'b/7'), 'made', 'then one replaces the other again');


# one encoder whose connection breaks off again and again

for my $attempt (1 .. 20) {
    $answer = claim('silent', "a/$attempt");
    set('silent', seen => now() - 7500);
    last if $answer ne 'made';
}

is($answer, 'made', 'who was silent is replaced any number of times');
is(contests('silent'), undef, 'and that is no contest');

my $heard = redis()->call('HGET', 'commerce:{silent}', 'seen');
is(renew('silent', 'a/20', 60000), 1, 'a silent one is renewed');
is(redis()->call('HGET', 'commerce:{silent}', 'seen'), $heard,
   'which says nothing of when he was heard');
is(renew('silent', 'a/20', 1000), 1, 'one who sends is renewed');
cmp_ok(abs(redis()->call('HGET', 'commerce:{silent}', 'seen') + 1000 - now()),
       '<', 1000, 'and was heard then');


# a Redis whose clock was set back, or that has only half of the room

is(claim('clock', 'a/1'), 'made', 'a claim');
set('clock', since => now() + 3600_000, seen => now() + 3600_000);
is(claim('clock', 'b/1'), 'made', 'of times to come nobody is afraid');
set('clock', since => now() + 3600_000, seen => now() + 3600_000);
is(claim('clock', 'c/1', 1000), 'made', 'nor is who asked a second ago');

is(claim('deleted', 'a/1'), 'made', 'another claim');
redis()->call('DEL', 'commerce:{deleted}');
is(claim('deleted', 'a/1', 1000), NO_ROOM, 'a room that was deleted');
room('deleted');
is(claim('deleted', 'a/1', 2000), 'made', 'and made again is live again');
cmp_ok(abs(redis()->call('HGET', 'commerce:{deleted}', 'since') + 2000 - now()),
       '<', 1000, 'since it was asked for');

# a claim that was never made has no show to end, or another's, who died

sub release {
    my ($room, $claim, $made) = @_;

    return script('claim_release', keys_of($room, '', ':live', ':shows'),
                  $claim, $made, "changed:$room");
}

sub ended { redis()->call('HGET', "commerce:{$_[0]}:shows", '1:ended') }

is(release('never', 'a/1', 0), 0, 'a claim that was never made');
is(redis()->call('EXISTS', 'commerce:{never}:shows'), 0, 'ends no show');
is(claim('never', 'a/1'), 'made', 'one that was');
is(release('never', 'a/1', 1), 1, 'does');
cmp_ok(abs(ended('never') - now()), '<', 1000, 'then');

is(claim('died', 'a/1'), 'made', 'one whose holder dies');
set('died', seen => 1234567);
redis()->call('DEL', 'commerce:{died}:live');
is(release('died', 'b/1', 0), 1, 'one that may have been made ends its show');
is(ended('died'), 1234567, 'when that holder was seen');

is(claim('out', 'a/1'), 'made', 'one that runs out');
set('out', seen => 1234567);
redis()->call('DEL', 'commerce:{out}:live');
is(release('out', 'a/1', 1), 1, 'while its holder goes on');
cmp_ok(abs(ended('out') - now()), '<', 1000, 'ends when he does');

redis()->call('SET', 'commerce:{deleted}:shows', 'x');
like(${claim('deleted', 'b/1')}, qr/WRONGTYPE/, 'a key of a wrong type');
is(holder('deleted'), 'a/1', 'leaves the room as it was');

finish();
