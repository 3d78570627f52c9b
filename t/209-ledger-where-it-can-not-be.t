# Where a ledger's file is: by default, on a full disk, on one that can't be
# written to, in a folder that only root may enter.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos qw(private_mounts tmpfs);
use Commerce::Clicks;
use Commerce::Edge qw(log_count);
use Commerce::Scenario;
use Test::More;

private_mounts();

my $disk = tmpfs('disk', '2m');
my $redis = redis();

shop('r1', 'p1');

# only for root: workers have it from the master

mkdir "$disk/root", 0700 or die "$disk/root: $!\n";

my $path = "$disk/root/ledger";
my $ledger = ledger_file($path);
my $nginx = clicking(ledger => "$path 1m", workers => 2);
my @stat = stat $ledger;
my @workers;

ok(wait_for(5, sub { (@workers = sort $nginx->workers) == 2 }), 'two workers');
is($stat[2] & 07777, 0600, 'the ledger is for its owner alone');
is($stat[4], (stat "/proc/$workers[0]")[4], "it is the workers' own");
ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');
ok(wait_for(5, sub { counted('r1', 'p1') == 1 }), 'is counted');

# cut short, with no space to make it whole

kill 'STOP', @workers;
truncate($ledger, 0) or die "$ledger: $!\n";
open my $filler, '>', "$disk/filler" or die "$disk/filler: $!\n";
while (syswrite $filler, 'x' x 4096) { }
close $filler;
kill 'CONT', @workers;

my $refused = qr/\[crit\].*posix_fallocate\(\) of ledger .*counts are refused/;
my $answer;

for (1 .. 10) {
    $answer = http('POST', '/cart/r1/p1');
    last if $answer->{status} != 503;
}

is($answer->{status}, 503, 'clicks are refused');
like($answer->{content}, qr/"reason": ?"ledger_lost"/, 'with a reason');
ok(wait_for(5, sub { log_count($refused) == 2 }), 'each worker says it');
is(Commerce::Edge::state()->{ledger}{total_cells}, 0, 'so does the status');
is_deeply([sort $nginx->workers], \@workers, 'they live');

unlink "$disk/filler";

ok(wait_for(5, sub {
    !grep { click('r1', 'p1') != 204 } 1 .. 10
}), 'with space again clicks are accepted');

my $n = Commerce::Edge::state()->{counts}{accepted};

cmp_ok($n, '>=', 11, 'some of them');
ok(wait_for(5, sub { counted('r1', 'p1') == $n }), 'and all counted');
is(log_count($refused), 2, 'the log said it once');
$nginx->stop;

# by default; this process's /run is its own

system('mount', '-t', 'tmpfs', 'tmpfs', '/run') == 0 or die "no /run\n";

my $default = click_conf() =~ s/ledger .*//r;

is(refused($default . "commerce east { namespace east; }\n",
           modules => 'http'), undef, 'blocks without the directive');
is_deeply([glob '/run/*'], [map { ledger_file("/run/nginx-commerce$_.ledger") }
                                '-east', ''],
          'have ledgers in /run');

# a disk that is read only

my $read_only = tmpfs('read-only', '2m');

system('mount', '-o', 'remount,ro', $read_only) == 0 or die "no remount\n";
like(refused(click_conf(undef, ledger => "$read_only/ledger 1m"),
             modules => 'http'),
     qr/\[emerg\].*ledger .* open\(\) failed .*Read-only file system/,
     'a disk that is read only');

# a user who may not

mkdir "$disk/user", 0755 or die "$disk/user: $!\n";

like(refused("user www-data;\n" . click_conf(undef,
                                           ledger => "$path 1m"),
             modules => 'http'),
     qr/\[emerg\].*ledger .* belongs to another user/,
     "a ledger of another user's");

finish();
