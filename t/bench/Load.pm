package Load;

# A load on one nginx worker, and what it cost the worker.
#
#   my $load = Load::run($node, port, seconds, %options);
#
# $node is a Commerce::Scenario::Nginx with one worker.
#
#   path         what is asked for, default: /
#   script       of wrk, in this folder, default: wrk.lua; it prints what that
#                one does
#   args         an array, for the script
#   connections  default: 64
#
# The worker has a CPU of its own, if there are two for this process, and wrk
# another.
#
#   $load->{us}        user and system time of the worker for one request, us
#   $load->{rps}       requests a second
#   $load->{requests}  how many
#   $load->{said}      what else the script printed on its line
#
# Dies if any request failed.

use strict;
use warnings;

use Commerce::Env qw(read_file root);
use Commerce::Scenario ();
use Time::HiRes qw(sleep);

my @cpus = cpus();

sub run {
    my ($node, $port, $seconds, %options) = @_;
    my ($worker) = $node->workers;
    my $path = $options{path} || '/';
    my @args = @{$options{args} || []};

    system("taskset -cp $cpus[0] $worker >/dev/null") == 0
        or die "the worker can't be given a CPU\n";

    my $before = cpu_us($worker);
    my $wrk = Commerce::Scenario::run('wrk',
        'taskset', '-c', $cpus[-1], 'wrk', '-t1',
        '-c' . ($options{connections} || 64), "-d${seconds}s",
        '-s', root() . '/t/bench/' . ($options{script} || 'wrk.lua'),
        "http://127.0.0.1:$port$path", '--', @args);

    sleep 0.02 while $wrk->running;

    my ($requests, $us, $errors, $said)
        = $wrk->log =~ /^(\d+) (\d+) (\d+)(.*)$/m
        or die "wrk said:\n", $wrk->log;

    die "$errors of $requests requests failed: $path @args\n" if $errors;

    return { us => (cpu_us($worker) - $before) / $requests,
             rps => $requests / $us * 1e6,
             requests => $requests,
             said => [split ' ', $said] };
}

# What /proc/PID/stat has in ticks of 10 ms is here in nanoseconds.

sub cpu_us {
    my $pid = shift;
    my ($ns) = read_file("/proc/$pid/schedstat") =~ /^(\d+)/
        or die "the worker has died\n";

    return $ns / 1000;
}

# Those that this process may run on: 0,2-4

sub cpus {
    my ($list) = read_file('/proc/self/status')
                 =~ /^Cpus_allowed_list:\s*(\S+)/m;

    return map { /(\d+)-(\d+)/ ? $1 .. $2 : $_ } split /,/, $list;
}

1;
