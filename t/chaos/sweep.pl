# Three addresses click on all products of many rooms, again and again, more of
# them than the ledger has cells for, while cells are given away all the time:
# nobody else's click fails, all is exact, and Redis holds no more than what
# was counted takes.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Clock;
use Commerce::Edge qw(state log_count);
use Commerce::Scenario;
use Test::More;

# Of the ledger's time: what is at rest makes room after ten minutes.

use constant REST => 660;

my $redis = redis();
my $nginx = with_clock('node', sub { clicking(ledger => '%%LEDGER%% 128k') });
my @rooms = map { "r$_" } 1 .. 6;
my @pairs = map { my $room = $_; map { "/cart/$room/p$_" } 1 .. 120 } @rooms;

shop('new', map { "n$_" } 1 .. 400);

my $crowd = crowd(2, '/cart/r1/x1', '/cart/r2/x1', '/cart/r7/x1');
my $sweep = crowd(3, @pairs, { from => ['127.0.0.2', '127.0.0.3',
                                        '127.0.0.4'] });
my ($cells, $turn, @failed) = (state()->{ledger}{total_cells}, 0);

cmp_ok(scalar @pairs, '>', $cells, @pairs . " pairs, $cells cells");

every(0.5, seconds(8, 40), sub {
    $turn++;

    # two who never came before, and begin something; one who goes on

    for my $who (1, 2) {
        my $product = 'n' . (2 * $turn + $who);
        my $status = click('new', $product, from => "127.0.$who.$turn");

        push @failed, "$product: $status" if $status != 204;
    }

    set_clock('node', $turn / 2 * REST) if $turn % 2 == 0;
});

is_deeply(\@failed, [], 2 * $turn . ' others began something');

tell('(of others)');
$crowd->compare(exact => 1);
is($crowd->sums->{refused}, 0, 'none of their clicks failed');
tell('(that sweep)');
$sweep->compare(exact => 1);

cmp_ok($sweep->sums->{refused}, '>', 0, 'some of theirs were refused');
is(log_count(qr/ledger .* is full/), 0, 'the ledger was never full');

my ($sums, $others) = (0, 0);

for my $key (@{$redis->call('KEYS', 'commerce:*:counts')}) {
    my @fields = @{$redis->call('HKEYS', $key)};

    $sums += grep { /^c:/ } @fields;
    $others += grep { !/^c:/ } @fields;
}

cmp_ok($sums, '>', $cells, "$sums counts were in $cells cells");
is($others, $sums, 'Redis has one field more for each');

conclude();
