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
use POSIX ();
use Time::HiRes qw(sleep);

my $tick = POSIX::sysconf(POSIX::_SC_CLK_TCK());

sub run {
    my ($node, $port, $seconds, %options) = @_;
    my ($worker) = $node->workers;
    my $before = cpu_us($worker);
    my $path = $options{path} || '/';
    my @args = @{$options{args} || []};

    my $wrk = Commerce::Scenario::run('wrk', 'wrk', '-t1',
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
