# The ACL forbids the node something for a while: what is known goes on, other
# rooms are counted meanwhile, and all is counted when it is allowed again.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks qw(counted);
use Commerce::Edge qw(state subscribed log_count);
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep);

# as the README says what suffices

my ($rights) = read_file('README.md')
               =~ /^ +ACL SETUSER edge on >PASSWORD (.*?)\n\n/ms
    or die "README.md has no ACL\n";

my $redis = redis();

sub allow { $redis->line("ACL SETUSER edge $_[0]") }

allow("on >PASSWORD $rights");

my ($nginx, $proxy) = outage(user => 'edge', password => 'PASSWORD');
my $film = on_air('film');

ok(subscribed(), 'subscribed');

my $quiet = crowd(1, '/cart/q/p1');

wait_for(10, sub { accepted() > 200 });
$quiet->stop;

# rooms that come before and after the one that is forbidden go on

my @cases = (
    ['the scripts',     '-eval -evalsha',       '+eval +evalsha'],
    ['what they do',    '-hset',                '+hset'],
    ['the keys of a room',
     'resetkeys ~commerce:{a* ~commerce:{z* ~commerce:{q}* ~commerce:{film}*',
     '~commerce:*'],
    ['the channels',    'resetchannels',        '&commerce:*'],
    ['all commands',    '-@all',                $rights],
    ['the user',        'off',                  'on'],
);

for my $i (0 .. $#cases) {
    my ($what, $forbid, $permit) = @{$cases[$i]};
    my $crowd = crowd(2, map { "/cart/$_$i/p1" } qw(a m z));
    my %open = $what =~ /room/ ? (a => 1, z => 1)
             : $what =~ /channels/ ? (a => 1, m => 1, z => 1) : ();
    my $before = accepted();
    my $complaints = log_count(qr/takes no counts:/);

    allow($forbid);
    $redis->call('CLIENT', 'KILL', 'USER', 'edge') if $what =~ /user/;
    sleep seconds(0.5, 5);

    if ($what =~ /room/) {

        # nobody clicks in the room q any more

        $redis->call('DEL', map { "commerce:{$_}:0:counts" } 'q', "a$i");
        ok(wait_for(20, sub { counted('q', 'p1') == $quiet->sums->{accepted} }),
           "$what forbidden: what others had is restored");
        is(log_count(qr/takes no counts of room "m$i"/), 1,
           '... the log says what is forbidden, once');
        is(log_count(qr/takes no counts:/), $complaints, '... and no more');
    }

    for my $room (sort keys %open) {
        my $n = counted("$room$i", 'p1');

        ok(wait_for(10, sub { counted("$room$i", 'p1') > $n }),
           "$what forbidden: clicks are counted where they may be ($room)");
    }

    ok(wait_for(10, sub { accepted() > $before + 100 }),
       "$what forbidden: clicks are accepted");

    my $stopped = counted("m$i", 'p1');

    if ($what =~ /channels/) {
        ok(wait_for(5, sub { !state()->{redis}{subscribed} }),
           'the subscription is gone');
    }

    undisturbed($film, "$what forbidden");
    allow($permit);

    ok(subscribed(), "$what allowed again: subscribed") if $what =~ /channels/;
    $crowd->stop;
    is($crowd->sums->{refused}, 0, 'no click was refused');

    # rooms are tried again one by one

    ok(wait_for(40, sub { counted("m$i", 'p1') > $stopped }),
       "$what allowed again: counts of before arrive");
    tell("($what)");
    $crowd->compare(exact => 1);
}

conclude();
