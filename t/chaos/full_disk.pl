# The ledger is on a full disk.  At a start that is an error which says so and
# leaves what is there as it was; what runs has all its space and goes on.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Edge qw(log_count);
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

private_mounts();

my $disk = tmpfs('disk', '2m');
my $redis = redis(append => 1);
my $no_space = qr/\[emerg\].* could not be allocated in \S+ \(28: No space/;

sub on_disk { origin_conf(ledger => "$disk/$_[0]") }

sub fill {
    open my $out, '>', "$disk/filler" or die "$disk/filler: $!\n";

    while (syswrite $out, 'x' x 4096) { }
}

sub is_refused {
    my ($conf, $what) = @_;

    like(refused($conf), $no_space, $what);
}

# at the first start

is_refused(on_disk('ledger 16m'), 'a ledger larger than the disk is refused');
is_deeply([glob "$disk/*"], [], 'and leaves nothing behind');

# while running

my $nginx = nginx(on_disk('ledger 1m'));
my $film = on_air('film');
my $crowd = crowd(3, map { ("/cart/r1/$_", "/cart/r2/$_") } qw(p1 p2 p3));

fill();
allow_fault($no_space);

every(0.5, seconds(1.5, 20), sub { $nginx->reload });

$nginx->conf(on_disk('other 1m'));
kill 'HUP', $nginx->pid;
ok(wait_for(5, sub { log_count($no_space) }),
   'a reload with another ledger on the full disk fails');
ok(!-e "$disk/other", 'of that nothing is there');

let_click(seconds(1, 10));

undisturbed($film, 'the disk full');
off_air($film);
tell('while running');
$crowd->compare(exact => 1);

# at a start with a ledger that has something to send

$nginx->conf(on_disk('ledger 1m'));
ok($nginx->reload, 'a reload with the right one');

$crowd = crowd(3, map { ("/cart/s1/$_", "/cart/s2/$_") } qw(p1 p2 p3));
$redis->stop;

let_click(seconds(1, 10));

$crowd->stop;
$nginx->kill;

$nginx->conf(on_disk('ledger 1900k'));
ok(!eval { $nginx->start }, 'there is no space for it to grow');
like($@, $no_space, 'as nginx says');

unlink "$disk/filler";
my $file = ledger_file("$disk/ledger");

system('cp', '--sparse=always', $file, "$disk/sparse") == 0
    or die "cp failed\n";
rename "$disk/sparse", $file or die "rename: $!\n";
fill();

$nginx->conf(on_disk('ledger 1m'));
ok(!eval { $nginx->start }, 'nor for the holes of a copy');
like($@, $no_space, 'as nginx says');

unlink "$disk/filler";
$nginx->start;
$redis->run;

tell('at a start');
$crowd->compare(exact => 1);

conclude();
