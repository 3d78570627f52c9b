# A room that takes many pages of a full zone makes as much room as it needs,
# and does not throw everything else out.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks qw(click_conf);
use Commerce::Edge qw(state);
use Commerce::Scenario;
use Test::More;

my $redis = redis();

# a shelf with so many names as long as may be: some 70 bytes each

sub shelve {
    my ($room, $n) = @_;

    $redis->call('HSET', "commerce:{$room}", host => 'h1', state => 'open',
                 version => 1);
    $redis->call('ZADD', "commerce:{$room}:shelf",
                 map { $_, sprintf '%064d', $_ } 1 .. $n);
}

# asks for the room alone, none of its products

sub ask { http('POST', "/cart/$_[0]/other")->{status} }

# some hundred bytes to two pages, so that what is free lies apart

my $rooms = 2000;

shelve("r$_", $_ * 7919 % 100) for 1 .. $rooms;
shelve('large', 1000);

nginx(click_conf('zone 4m;'), modules => 'http', workers => 1);

ask('r' . ($_ * 2003 % $rooms + 1)) for 1 .. 2 * $rooms;

my $evicted = state()->{zone}{evicted};

ok($evicted, 'the zone is full');

is(ask('large'), 404, 'a large room is known');

# seventeen pages and a half

my $made = state()->{zone}{evicted} - $evicted;

cmp_ok($made, '>', 0, "others had to go for it: $made");
cmp_ok($made, '<', 40, 'but not more than it needs');

is(ask('large'), 404, 'it is still known');
is(ask('r1'), 404, 'so is what was asked for before');
is(state()->{zone}{evicted}, $evicted + $made, 'and nothing else has to go');

finish();
