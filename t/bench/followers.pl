# See t/bench/followers.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Entering;
use Commerce::Scenario;
use Getopt::Long;
use POSIX ();
use Time::HiRes qw(time);

my ($followers, $viewers, $seconds, $workers) = (1_000_000, 50_000, 60, 2);

GetOptions('followers=i' => \$followers, 'viewers=i' => \$viewers,
           'seconds=i' => \$seconds, 'workers=i' => \$workers)
    && !@ARGV && $viewers >= 10 && $followers >= $viewers && $seconds > 0
    && $workers > 0
    or die "usage: $0 [--followers N] [--viewers N] [--seconds N] ",
           "[--workers N]\n";

my $redis = redis();
my $nginx = entrance(workers => $workers);
my $begin = time;

write_followers('anna', $followers);
printf "%d followers: written in %.1f s, %.0f MB in Redis\n", $followers,
       time - $begin, info('memory', 'used_memory') / 1e6;

my ($redis_cpu, $edge_cpu, $memory) = (redis_cpu(), edge_cpu(), edge_memory());

$begin = time;
my $seen = enter(viewers => $viewers, seconds => $seconds, strangers => 10);

printf "%d viewers in %.1f s: %d entered, %d refused, %d seen again%s\n",
       $viewers, time - $begin, @{$seen}{qw(entered refused again)},
       join '', map { ", $seen->{other}{$_} times $_" } keys %{$seen->{other}};
print summary($seen);
printf "Redis was asked %d times, %.2f s of its CPU\n", questions(),
       redis_cpu() - $redis_cpu;
printf "edge: %.2f s of CPU, %.0f us a request; %.1f MB more memory\n",
       edge_cpu() - $edge_cpu,
       (edge_cpu() - $edge_cpu) * 1e6 / (@{$seen->{first}}
                                         + @{$seen->{second}}),
       (edge_memory() - $memory) / 1024;

finish();


sub info {
    my ($section, $name) = @_;

    return ($redis->call('INFO', $section) =~ /^$name:([\d.]+)/m)[0];
}

sub redis_cpu {
    return info('cpu', 'used_cpu_user') + info('cpu', 'used_cpu_sys');
}

# s, all workers

sub edge_cpu {
    my $ticks = 0;

    for ($nginx->workers) {
        my @field = split ' ', read_file("/proc/$_/stat") =~ s/.*\) //r;

        $ticks += $field[11] + $field[12];
    }

    return $ticks / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

# kB

sub edge_memory {
    my $size = 0;

    $size += (read_file("/proc/$_/status") =~ /^RssAnon:\s+(\d+)/m)[0]
        for $nginx->workers;

    return $size;
}
