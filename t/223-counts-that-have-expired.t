# Redis keeps a show's counts for ninety days.  A click after that begins anew,
# on each node: nothing comes back, and nothing is said to be lost.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Clock;
use Commerce::Edge qw(log_count);
use Commerce::Scenario;
use Test::More;

use constant DAY => 86400;

my $redis = redis();

shop('r1', 'p1', 'p2');

for my $node (qw(A B)) {
    with_clock('nodes', sub {
        clicking(name => $node, port => $node, ledger => "%%LEDGER%%-$node 1m")
    });
}

sub click_at {
    my ($node, $product, $n) = @_;

    for (1 .. $n) {
        return 0 if !wait_for(10, sub {
            click('r1', $product, port => port($node)) == 204
        });
    }

    return 1;
}

sub is_counted {
    my ($product, $n, $what) = @_;
    my $got;

    ok(wait_for(8, sub { ($got = counted('r1', $product)) == $n }), $what)
        or diag("got $got, expected $n");
}


for my $node (qw(A B)) {
    ok(click_at($node, 'p1', 20) && click_at($node, 'p2', 3), 'clicks');
}

is_counted('p1', 40, 'of both nodes are counted');
is_counted('p2', 6, 'all of them');

# what a node sends again, as it has begun, is on its way no more

sub cells {
    return join ' ', map {
        http('GET', '/status', port => port($_))->{content} =~ /"cells": ?(\d+)/
    } qw(A B);
}

ok(wait_for(30, sub {
    my $cells = cells();

    sleep 3;
    $cells eq cells()
}), 'nothing more is sent');

# as long after that as Redis keeps them

set_clock('nodes', 91 * DAY);
$redis->call('DEL', 'commerce:{r1}:0:counts');

ok(click_at('A', 'p1', 1), 'a click, long after');
is_counted('p1', 1, 'is the first');
ok(click_at('B', 'p1', 2), 'clicks at the other node');
is_counted('p1', 3, 'add up');
ok(click_at('A', 'p2', 1), 'a click on the other product');
is_counted('p2', 1, 'is its first');
is(log_count(qr/Redis has lost counts/, $_), 0, "$_ misses nothing")
    for qw(A B);

# what is lost now is a loss

$redis->call('DEL', 'commerce:{r1}:0:counts');
ok(click_at('A', 'p1', 1), 'a click after a loss');
is_counted('p1', 2, 'brings back what the node has, as far as Redis keeps it');
is_counted('p2', 1, 'of the other product, too');
ok(click_at('B', 'p1', 1), 'a click at the other node');
is_counted('p1', 5, 'brings back its own');

# another ninety days

set_clock('nodes', 182 * DAY);
$redis->call('DEL', 'commerce:{r1}:0:counts');
ok(click_at('B', 'p1', 4), 'clicks, long after that');
is_counted('p1', 4, 'are the first once more');

finish();
