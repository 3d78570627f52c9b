package Load;

# A load on one nginx worker, and what it cost the worker.
#
#   my $load = Load::run($node, 'POST', '/path', port, seconds);
#
# $node is a Commerce::Scenario::Nginx with one worker.
#
#   $load->{us}        user and system time of the worker for one request, us
#   $load->{rps}       requests a second
#   $load->{requests}  how many
#
# Dies if any request failed.

use strict;
use warnings;

use Commerce::Env qw(read_file root);
use Commerce::Scenario ();
use POSIX ();
use Time::HiRes qw(sleep);

use constant CONNECTIONS => 64;

my $tick = POSIX::sysconf(POSIX::_SC_CLK_TCK());

sub run {
    my ($node, $method, $path, $port, $seconds) = @_;
    my ($worker) = $node->workers;
    my $before = cpu_us($worker);

    my $wrk = Commerce::Scenario::run('wrk', 'wrk', '-t1', '-c' . CONNECTIONS,
        "-d${seconds}s", '-s', root() . '/t/bench/wrk.lua',
        "http://127.0.0.1:$port$path", '--', $method);

    sleep 0.02 while $wrk->running;

    my ($requests, $us, $errors) = $wrk->log =~ /^(\d+) (\d+) (\d+)$/m
        or die "wrk said:\n", $wrk->log;

    die "$errors of $requests requests failed: $method $path\n" if $errors;

    return { us => (cpu_us($worker) - $before) / $requests,
             rps => $requests / $us * 1e6,
             requests => $requests };
}

# After the command's name, which may hold anything, come the fields from the
# third on; utime and stime are the 14th and the 15th.

sub cpu_us {
    my $pid = shift;
    my ($rest) = read_file("/proc/$pid/stat") =~ /.*\) (.*)/s
        or die "the worker has died\n";
    my @fields = split ' ', $rest;

    return ($fields[11] + $fields[12]) / $tick * 1e6;
}

1;
