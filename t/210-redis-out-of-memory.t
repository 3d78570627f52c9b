# A Redis that is full refuses what is new and answers the rest: the log says it
# once, and once when it is over.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(log_count state);
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my @rooms = map { "r$_" } 1 .. 5;
my @refused = (qr/\[error\].*Redis takes no counts/,
               qr/\[notice\].*Redis takes counts again/);

shop($_, 'p1') for @rooms;

my $nginx = clicking(workers => 1, log => 'notice');

sub all_counted {
    my $n = shift;

    return wait_for(40, sub { !grep { counted($_, 'p1') != $n } @rooms });
}

for my $room (@rooms) {
    ok(wait_for(5, sub { click($room, 'p1') == 204 }), "a click in $room");
}

ok(all_counted(1), 'they are counted');

# with all totals sent again each time that it was refused

$redis->line('CONFIG SET maxmemory 1');
is(click('r1', 'p1'), 204, 'a click when Redis is full');
ok(wait_for(30, sub { state()->{flush}{errors} >= 4 }), 'is refused four times');
is(log_count($refused[0]), 1, 'which is told once');
is(log_count($refused[1]), 0, 'and not that it was over');

is(click($_, 'p1'), 204, "a click in $_") for @rooms[1 .. 4];
$redis->line('CONFIG SET maxmemory 0');
ok(all_counted(2), 'afterwards all are counted');
ok(wait_for(5, sub { log_count($refused[1]) }), 'which the log says');
is(log_count($refused[$_]), 1, "the log has each once: $_") for 0, 1;

finish();
