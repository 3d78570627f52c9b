# How long counts have been due is told rightly over reloads: not as long as
# the workers that leave have run.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(state);
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(time);

my $redis = redis();

shop('r1', 'p1');

my $nginx = clicking(workers => 8);

ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');
ok(wait_for(5, sub { counted('r1', 'p1') == 1 }), 'is in Redis');

# the workers are to be much older than what is due

my $began = time;

ok(wait_for(20, sub { time - $began > 6 }), 'the workers run for a while');

$redis->stop;

my $due = time;

is(click('r1', 'p1'), 204, 'a click with Redis away');
ok(wait_for(5, sub { state()->{flush}{lag_ms} > 0 }), 'it is due');

my $wrong;

for my $n (1 .. 4) {
    my %old = map { $_ => 1 } $nginx->workers;

    kill 'HUP', $nginx->pid;

    ok(wait_for(10, sub {
        my $lag = state()->{flush}{lag_ms};
        my $most = (time - $due) * 1000 + 500;

        $wrong = "$lag ms, at most $most" if defined $lag && $lag > $most;

        !grep { $old{$_} } $nginx->workers
    }), "reload $n");
}

is($wrong, undef, 'it was never due for longer than it was');

$redis->run;
ok(wait_for(10, sub { state()->{flush}{lag_ms} == 0 }), 'nothing is due');

finish();
