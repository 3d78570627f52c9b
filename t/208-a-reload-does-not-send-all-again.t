# What Redis has is sent again when it may have been lost, but not because a
# reload gave the work to another worker.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(state);
use Commerce::Scenario;
use Test::More;

my $redis = redis(append => 1);

# Cells that Redis has acknowledged, each time that they were sent.

sub cells { state()->{flush}{cells} // 0 }

# All is sent again within one and a half seconds, if it is.

sub settled {
    my $cells;

    return wait_for(20, sub {
        $cells = cells();
        sleep 3;
        $cells == cells();
    });
}

shop('r1', 'p1', 'p2', 'p3');

my $nginx = clicking();

for my $product ('p1', 'p2', 'p3') {
    ok(wait_for(5, sub { click('r1', $product) == 204 }), "click $product");
    ok(wait_for(5, sub { counted('r1', $product) >= 1 }), 'it is in Redis');
}

ok(settled(), 'nothing more is sent');

my $before = cells();

ok($nginx->reload, 'reload');
is(click('r1', 'p1'), 204, 'a click');
ok(wait_for(5, sub { counted('r1', 'p1') == 2 }), 'the new worker sends it');
ok(settled(), 'nothing more is sent');
is(cells(), $before + 1, 'only that was');

# As a new run of Redis is

$redis->kill;
$redis->run;
ok(wait_for(10, sub { cells() >= $before + 4 }), 'a new Redis gets all again');
ok(settled(), 'once');

$before = cells();
ok($nginx->reload, 'reload');
ok(settled(), 'nothing more is sent');
is(cells(), $before, 'now it has all');

is(counted('r1', 'p1') . counted('r1', 'p2') . counted('r1', 'p3'), '211',
   'nothing was counted twice');

finish();
