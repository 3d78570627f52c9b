# The ledger of a node is copied: to another node, while it is written; back
# into the same file when it is old, as after a power failure or from a backup.
# What it holds is counted once, what is counted from then on, too.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my $one = ledger_file(dir() . '/one.ledger');
my $backup = dir() . '/backup';

sub copy {
    my ($from, $to) = @_;

    # into the file that is there, if there is one

    write_file($to, read_file($from));
}

sub paths { my $room = shift; map { "/cart/$room/$_" } qw(p1 p2 p3) }

# to another node: what has not been sent is in both

my $nginx = origin(ledger => '%%DIR%%/one.ledger 1m');
my $film = on_air('film');
my $crowd = crowd(3, paths('r1'));

let_click(seconds(0.6, 10));
$redis->stall;
let_click(seconds(0.6, 10));
copy($one, ledger_file(dir() . '/two.ledger'));
clicking(name => 'two', port => 'two', ledger => '%%DIR%%/two.ledger 1m');
let_click(seconds(0.6, 10));
$redis->resume;

$crowd->on('HTTP', 'two');
$crowd->wait_until_open;
$crowd->more(3);
let_click(seconds(0.6, 10));

undisturbed($film, 'his ledger copied');
off_air($film);
tell('to another node');
$crowd->compare(exact => 1);

# back into the same file, again and again

copy($one, $backup);
$crowd = crowd(3, paths('r2'));

every(0.5, seconds(1.5, 40), sub {
    ok($nginx->stop, 'nginx stops');
    copy($backup, $one);
    $nginx->start;
});

tell('back into its file');
$crowd->compare(exact => 1);

conclude();
