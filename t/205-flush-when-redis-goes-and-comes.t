# Redis stops, stalls, loses what it had, becomes a replica: no click is lost,
# none is counted twice.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(state log_count);
use Commerce::Scenario;
use Test::More;

my $redis = redis(append => 1);

sub is_counted {
    my ($n, $what, $seconds) = @_;

    ok(wait_for($seconds || 8, sub { counted('r1', 'p1') == $n }), $what)
        or diag("counted " . counted('r1', 'p1') . ", expected $n");
}

sub clicks {
    my $n = shift;

    return scalar grep { click('r1', 'p1') == 204 } 1 .. $n;
}

shop('r1', 'p1');

my $nginx = clicking();
my $sum = 0;

ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');
is_counted(++$sum, 'is in Redis');

# away

$redis->stop;
$sum += 5;
is(clicks(5), 5, 'with Redis away clicks are accepted');
sleep 1;
cmp_ok(state()->{flush}{lag_ms}, '>', 500, 'the status says what is due');
$redis->run;
is_counted($sum, 'and counted when it is back');

# stalled

$redis->stall;
$sum += 5;
is(clicks(5), 5, 'with Redis stalled clicks are accepted');
sleep 3;
$redis->resume;
is_counted($sum, 'and counted when it goes on', 15);

# killed, with all that it had written

$redis->kill;
$sum += 5;
is(clicks(5), 5, 'with Redis killed clicks are accepted');
$redis->run;
is_counted($sum, 'and counted when it is back');

# what Redis loses is sent again, at the next click or by the next connection

sleep 3;
$redis->line('DEL commerce:{r1}:0:counts');
is(clicks(1), 1, 'a click after the counts were deleted');
$sum++;
is_counted($sum, 'brings them back');

$redis->kill;
unlink glob(dir() . '/redis0/appendonlydir/*');
$redis->run;
is_counted($sum, 'an empty Redis gets all of them, without a click');

is(scalar @{$redis->line('HKEYS commerce:{r1}:0:counts')}, 2,
   'in one sum and one cell');

# a replica does not take them

shop('r1', 'p1');
ok(wait_for(10, sub { clicks(3) == 3 }), 'the room is back');
sleep 1;
$sum = counted('r1', 'p1');
$redis->line('REPLICAOF 127.0.0.1 1');
is(clicks(5), 5, 'clicks while Redis is a replica');
sleep 1;
$redis->line('REPLICAOF NO ONE');
$sum += 5;
is_counted($sum, 'are counted when it is a master again');
is(log_count(qr/takes no counts: /), 1, 'the log says it once');

ok(wait_for(5, sub { state()->{flush}{lag_ms} == 0 }), 'nothing is due');

finish();
