# One room whose counts are of a wrong type, or are no numbers, holds up no
# other; it is told once, and mended by itself.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(state log_count);
use Commerce::Scenario;
use Test::More;

my $redis = redis();

shop($_, 'p1', 'p2') for qw(bad odd good);

$redis->line('RPUSH commerce:{bad}:0:counts not a hash');
$redis->line('HSET commerce:{odd}:0:counts c:click:p1 "five \"READONLY\""');

my $nginx = clicking();

ok(wait_for(5, sub { click('good', 'p1') == 204 }), 'a click');

is(click($_, 'p1'), 204, "a click in room $_") for qw(bad odd good);
ok(wait_for(5, sub { counted('good', 'p1') == 2 }), 'the good room is counted');

sleep 2;
is(click('good', 'p1'), 204, 'a click');
ok(wait_for(5, sub { counted('good', 'p1') == 3 }), 'goes on to be');

is($redis->line('LLEN commerce:{bad}:0:counts'), 3, 'the list is left alone');
is($redis->line('HLEN commerce:{odd}:0:counts'), 1, 'and the odd hash');

sleep 2;
is(log_count(qr/\[error\].*no counts of room "bad", show 0: .*WRONGTYPE/), 1,
   'the log says once what is wrong with one');
is(log_count(qr/\[error\].*no counts of room "odd", show 0: .*is no count/),
   1, 'and with the other');

$redis->line('DEL commerce:{bad}:0:counts commerce:{odd}:0:counts');

ok(wait_for(15, sub { counted('bad', 'p1') == 1 && counted('odd', 'p1') == 1 }),
   'when the keys are gone both are counted');

# sums that a backend has raised itself are kept

$redis->line('HINCRBY commerce:{good}:0:counts c:click:p1 10');
$redis->line('HSET commerce:{good}:0:counts c:click:p2 7');
is(click('good', 'p1'), 204, 'a click');
is(click('good', 'p2'), 204, 'another');
ok(wait_for(5, sub { counted('good', 'p1') == 14
                     && counted('good', 'p2') == 8 }),
   'is added to what a backend has added');

# a room of which nothing is due holds up nothing, whatever became of its key

ok(wait_for(15, sub { state()->{flush}{lag_ms} == 0 }), 'nothing is due');
$redis->line('DEL commerce:{odd}:0:counts');
$redis->line('RPUSH commerce:{odd}:0:counts not a hash');
$redis->line('CLIENT KILL TYPE normal');
ok(wait_for(15, sub { log_count(qr/no counts of room "odd".*WRONGTYPE/) }),
   'what is sent again is not taken');
sleep 1;
ok(wait_for(5, sub { state()->{flush}{lag_ms} == 0 }), 'but nothing is due');
is(click('odd', 'p1'), 204, 'with a click there is');
ok(wait_for(5, sub { state()->{flush}{lag_ms} > 500 }), 'something due');

finish();
