# Whoever clicks on all there is does not make others' clicks fail: an address
# gets half of the ledger at most, and a part is kept for those who have little.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(log_count state);
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my @products = map { "p$_" } 1 .. 400;

shop('r1', @products);
shop('r2', @products);

my $nginx = clicking(ledger => '%%LEDGER%% 128k', log => 'warn');

ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');

my %status;

push @{$status{click('r1', $_, from => '127.0.0.2')}}, $_ for @products;

is_deeply([sort keys %status], [204, 429], 'some of 400 others are refused');
cmp_ok(@{$status{204}}, '>', 230, 'but ' . @{$status{204}} . ' are not,');
cmp_ok(@{$status{204}}, '<', 260, 'about half of what the ledger holds');

my $refused = $status{429}[0];
my $answer = http('POST', "/cart/r1/$refused", from => '127.0.0.2');

like($answer->{content}, qr/"reason": ?"too_many_counts"/, 'they say why');
cmp_ok(log_count(qr/\[warn\].*kept for others/), '>', 0, 'so does the log');
cmp_ok(log_count(qr/\[warn\].*kept for others/), '<', 60,
       'once a second at most');

is_deeply([grep { click('r1', $_, from => '127.0.0.2') != 204 }
           @{$status{204}}], [], 'what was begun goes on');

for my $sweeper (3 .. 8) {
    click('r2', $_, from => "127.0.0.$sweeper") for @products[0 .. 150];
}

is(log_count(qr/ledger .* is full/), 0, 'with more who do that it is not full');

is_deeply([grep { $_ != 204 } map { click('r2', "p$_", from => "127.0.1.$_") }
           200 .. 230], [], 'the others click on what they like');
is(click('r1', $refused, from => '127.0.0.2'), 429,
   'he who has so many does not begin anything');
is(click('r1', $refused), 204, 'if another one begins it,');
is(click('r1', $refused, from => '127.0.0.2'), 204, 'he may go on with it');

is(state()->{ledger}{total_cells} > state()->{ledger}{used_cells}, 1,
   'some cells are left');

ok(wait_for(5, sub { counted('r1', $refused) == 2 }), 'all is flushed');

my %held = @{$redis->call('HGETALL', 'commerce:{r1}:0:counts')};
my @fields = grep { /^s:/ } keys %held;

is(scalar @fields, scalar(grep { /^c:/ } keys %held),
   'Redis has one field more a count');

finish();
