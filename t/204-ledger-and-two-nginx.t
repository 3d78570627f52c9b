# Two nginx of one machine that have one ledger: with one Redis all is counted
# once; with two, or with two namespaces, the second one doesn't start.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Scenario;
use Test::More;

redis();
shop('r1', 'p1', 'p2');

my $one = clicking(name => 'one', port => 'ONE', workers => 1);
my $two = clicking(name => 'two', port => 'TWO', workers => 1);

sub click_at {
    my ($port, $product) = @_;

    return http('POST', "/cart/r1/$product", port => port($port))->{status};
}

ok(wait_for(5, sub { click_at('ONE', 'p1') == 204 }), 'a click at one');
ok(wait_for(5, sub { click_at('TWO', 'p1') == 204 }), 'a click at the other');
is(scalar(grep { click_at($_ % 2 ? 'ONE' : 'TWO', 'p1') == 204 } 1 .. 40), 40,
   'forty at both');
ok(wait_for(5, sub { counted('r1', 'p1') == 42 }), 'are all in Redis');

# whoever is left sends what the other has counted

$two->kill;
is(click_at('ONE', 'p2'), 204, 'one goes on');
ok(wait_for(5, sub { counted('r1', 'p2') == 1 }), 'and counts');
is(counted('r1', 'p1'), 42, 'no more than there was');

my $conf = click_conf(undef, port => 'TWO');

like(refused($conf =~ s/;/ db=1;/r, modules => 'http'),
     qr/\[emerg\].*ledger .* is in use by an nginx that sends its counts to anot/,
     'another database of Redis is refused');
like(refused($conf =~ s/events/commerce x { } events/r
                   =~ s/ledger /namespace x; ledger /r, modules => 'http'),
     qr/\[emerg\].*ledger .* in use by an nginx with namespace/,
     'so is another namespace');
is_deeply([glob ledger_file() . ".*"], [], 'nothing is moved aside');

# one that counts for another platform, and loses its own path

my $another_redis = qr/\[emerg\].*ledger .* sends its counts to another Redis/;
my $other = click_conf(undef, port => 'THREE',
                       ledger => '%%DIR%%/three.ledger 1m') =~ s/;/ db=1;/r;
my $three = nginx($other, name => 'three', modules => 'http');

$three->conf($other =~ s/three\.ledger/ledger/r);
allow_fault($another_redis);
kill 'HUP', $three->pid;
ok(wait_for(5, sub { log_text('three') =~ $another_redis }),
   'may not take it by a reload, either');

is(click_at('ONE', 'p2'), 204, 'the first one knows nothing of it');
ok(wait_for(5, sub { counted('r1', 'p2') == 2 }), 'and counts on');

finish();
