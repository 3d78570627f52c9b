package Commerce::Arrivals;

# What requests are answered by each worker of several nodes, by
# t/chaos/arrivals.c: so many a second, each worker's in turn.
#
#   my $arrivals = Commerce::Arrivals->start(8, 2000, 'one', 'two');
#                     of eight workers at each of port('one'), port('two'),
#                     2,000 requests a second in all; the nodes' answers have
#                     X-Worker, and listen with reuseport
#   $arrivals->path('/live/demo/1.ts?viewer=…');
#                     from now on for this path
#   $arrivals->until(200, 10)
#                     waits until all workers answer this path so, at most ten
#                     seconds: since when (s, of the last worker's first such
#                     answer that no other followed); undef: too late
#   $arrivals->settled(403, 10, 0.3)
#                     the same, and then it stays so for that long
#   $arrivals->stop   { sent, rate, late }: requests, requests a second, and for
#                     how many ms, at most, the requests were held up by the
#                     machine

use strict;
use warnings;

use Commerce::Scenario ();
use IO::Select;
use IPC::Open2 qw(open2);
use Time::HiRes qw(time);

sub start {
    my ($class, $workers, $rate, @ports) = @_;
    my $program = Commerce::Scenario::dir() . '/arrivals';

    system("gcc -O2 -Wall -Wextra -Werror -o $program t/chaos/arrivals.c") == 0
        or die "arrivals.c could not be compiled\n";

    my $pid = open2(my $out, my $in, $program, $workers, $rate,
                    map { Commerce::Scenario::port($_) } @ports);

    $in->autoflush(1);

    return bless { pid => $pid, in => $in, out => $out, text => '', path => 0,
                   workers => $workers * @ports, seen => {} }, $class;
}

sub path {
    my ($self, $path) = @_;

    $self->{path}++;
    $self->{seen} = {};
    print { $self->{in} } "$path\n";
}

# Takes what has been said within the time; 0: nothing.

sub hear {
    my ($self, $timeout) = @_;

    return 0 if !IO::Select->new($self->{out})->can_read($timeout);

    sysread $self->{out}, $self->{text}, 65536, length $self->{text}
        or die "arrivals has ended\n";

    while ($self->{text} =~ s/^(\S+) (\d+) (\d+) (\d+) (\d+)\n//) {
        my ($at, $port, $pid, $path, $status) = ($1, $2, $3, $4, $5);

        $self->{seen}{"$port $pid"} = { at => $at / 1e6, status => $status }
            if $path == $self->{path};
    }

    return 1;
}

sub since {
    my ($self, $status) = @_;
    my @seen = values %{$self->{seen}};
    my ($last) = sort { $b <=> $a } map { $_->{at} } @seen;

    return undef if @seen < $self->{workers}
                    || grep { $_->{status} != $status } @seen;
    return $last;
}

sub until {
    my ($self, $status, $seconds) = @_;
    my $end = time + $seconds;

    while (!defined $self->since($status)) {
        return undef if time >= $end;
        $self->hear(0.1);
    }

    return $self->since($status);
}

sub settled {
    my ($self, $status, $seconds, $quiet) = @_;
    my $end = time + $seconds;

    while (time < $end) {
        $self->until($status, $end - time) // return undef;

        my $until = time + $quiet;
        my $left;

        while (($left = $until - time) > 0) {
            $self->hear($left);
        }

        return $self->since($status) if defined $self->since($status);
    }

    return undef;
}

sub stop {
    my $self = shift;

    close $self->{in};

    my $text = $self->{text} . do { local $/; readline $self->{out} };
    my ($sent, $us, $late) = $text =~ /^sent (\d+) (\d+) (\d+)$/m
        or die "arrivals said:\n$text";

    waitpid $self->{pid}, 0;
    delete $self->{pid};

    return { sent => $sent, rate => $sent / $us * 1e6, late => $late / 1000 };
}

sub DESTROY {
    my $self = shift;

    local ($?, $!);

    if ($self->{pid}) {
        kill 'KILL', $self->{pid};
        waitpid $self->{pid}, 0;
    }
}

1;
