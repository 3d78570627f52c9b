# A ledger that somebody cuts short while it is in use: no worker dies, what
# Redis has stays as it is, and what is clicked from then on is counted.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(log_count);
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my $ledger = ledger_file();
my $size = 1024 * 1024;
my $cuts = qr/\[crit\].*ledger "[^"]+" was cut short while in use/;

sub cut { truncate($ledger, shift) or die "$ledger: $!\n" }

sub clicks {
    my $n = shift;

    return scalar grep { click('r1', 'p1') == 204 } 1 .. $n;
}

shop('r1', 'p1');

my $nginx = clicking(workers => 2);
my @workers;

ok(wait_for(5, sub { (@workers = sort $nginx->workers) == 2 }), 'two workers');
ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');
is(clicks(9), 9, 'nine more');
ok(wait_for(5, sub { counted('r1', 'p1') == 10 }), 'are in Redis');

cut(0);
is(clicks(10), 10, 'of an empty ledger: clicks are accepted');
ok(wait_for(5, sub { counted('r1', 'p1') == 20 }),
   'they come to what Redis had');
is(-s $ledger, $size, 'the file has its size again');

cut(8192);
is(clicks(10), 10, 'of some of it: clicks are accepted');
ok(wait_for(5, sub { counted('r1', 'p1') == 30 }), 'and counted');

cut(0);
ok(wait_for(5, sub { -s $ledger == $size }), 'without clicks it is made whole');
is(log_count($cuts), 3, 'the log says it, once each time');

# under clicks

my $viewers = viewers(2, '/cart/r1/p1');

for my $size (0, 4096, 4200, 70000, 1000000) {
    my $n = log_count($cuts);

    cut($size);
    ok(wait_for(5, sub { log_count($cuts) > $n }), "cut to $size under clicks");
}

my ($sent, $accepted) = $viewers->stop;

cmp_ok($accepted, '>', 0, "clicks were accepted: $accepted of $sent");
is(clicks(1), 1, 'one more');

# counts are sent each second, and the lag is that of the last time

my ($sum, $since) = (0, time);

ok(wait_for(30, sub {
    my $now = counted('r1', 'p1');

    ($sum, $since) = ($now, time) if $now != $sum;
    $sum > 30 && time - $since > 3 && !state_lag()
}), 'all is sent');
cmp_ok($sum, '<=', 30 + $sent + 1, 'no more than were sent');
is(clicks(10), 10, 'ten at last');
ok(wait_for(5, sub { counted('r1', 'p1') == $sum + 10 }), 'are ten in Redis');

is_deeply([sort $nginx->workers], \@workers, 'all workers are still there');

# a reload, a restart

cut(0);
ok(wait_for(5, sub { -s $ledger == $size }), 'cut once more');
ok($nginx->reload, 'reload');
is(clicks(10), 10, 'clicks');
ok(wait_for(5, sub { counted('r1', 'p1') == $sum + 20 }), 'are counted');

$nginx->stop;
cut(5000);
$nginx->start;
like(log_text(), qr/\[crit\].*was cut short .*while not in use \(5000 bytes/,
     'cut while nginx was down, the next start says so');
ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');
ok(wait_for(5, sub { counted('r1', 'p1') == $sum + 21 }), 'is counted');

finish();

sub state_lag { Commerce::Edge::state()->{flush}{lag_ms} }
