# An older copy is written over a ledger that is in use, as when a snapshot is
# reverted: it is noticed and said, and what is clicked from then on is
# counted.  Without that Redis, which has seen more, would take it for old.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(log_count);
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my $ledger = ledger_file();

shop('r1', 'p1');
clicking(workers => 2);

sub clicks {
    my $n = shift;

    return scalar grep { click('r1', 'p1') == 204 } 1 .. $n;
}

# in its place: nothing is cut off

sub put {
    my $text = read_file("$ledger.old");

    open my $out, '+<', $ledger or die "$ledger: $!\n";
    syswrite($out, $text) == length $text or die "$ledger: $!\n";
}

ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');
is(clicks(9), 9, 'nine more');
ok(wait_for(5, sub { counted('r1', 'p1') == 10 }), 'are in Redis');
write_file("$ledger.old", read_file($ledger));

is(clicks(30), 30, 'thirty more');
ok(wait_for(5, sub { counted('r1', 'p1') == 40 }), 'are in Redis');

# it is told by the header's beat, which nothing else changes now

sub header { substr read_file($ledger), 0, 4096 }

my $header = header();

ok(wait_for(5, sub { header() ne $header }), 'the beat goes on');
allow_fault(qr/\[crit\].*ledger .*was written over while in use/);
put();
ok(wait_for(5, sub { log_count(qr/was written over while in use/) }),
   'the older copy is noticed, without any click');
is(clicks(10), 10, 'ten more');
ok(wait_for(5, sub { counted('r1', 'p1') == 50 }), 'are in Redis')
    or diag(counted('r1', 'p1'));

# twice, if a worker looked while the copy was being written
my $told = log_count(qr/was written over while in use/);

is(clicks(10), 10, 'ten more');
ok(wait_for(5, sub { counted('r1', 'p1') == 60 }), 'are in Redis');
is(log_count(qr/was written over while in use/), $told, 'it is not told again');

# one that no worker could notice: Redis has more

my ($key) = @{$redis->call('KEYS', 'commerce:{r1}:0:counts')};
my %held = @{$redis->call('HGETALL', $key)};

$held{$_} =~ s/^(\d+)/$1 + 1000/e for my @cells = grep { /^s:/ } keys %held;
$redis->call('HSET', $key, map { $_ => $held{$_} } @cells);

allow_fault(qr/\[crit\].*ledger .*holds less than Redis has of it/);
is(click('r1', 'p1'), 204, 'a click');
ok(wait_for(5, sub { log_count(qr/holds less than Redis has of it/) }),
   'it is noticed by what Redis answers');

# whatever came before that

is(clicks(1), 1, 'a click');
ok(wait_for(5, sub { counted('r1', 'p1') > 60 }), 'is in Redis');

my $n = counted('r1', 'p1');

is(clicks(10), 10, 'ten more');
ok(wait_for(5, sub { counted('r1', 'p1') == $n + 10 }), 'are in Redis')
    or diag(counted('r1', 'p1'));

finish();
