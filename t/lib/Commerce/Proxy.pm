package Commerce::Proxy;

# A TCP proxy in front of Redis that fails where a test wants it to.
#
#   my $proxy = Commerce::Proxy->start($redis->port);
#   "redis 127.0.0.1:" . $proxy->port
#   $proxy->to($port);         # cuts all; whoever comes from now on gets there
#   $proxy->down; $proxy->up;  # cuts all and refuses new connections, until up
#   $proxy->stall; $proxy->go_on;
#                              # nothing passes, nothing is closed
#   $proxy->on('EVALSHA', 'lose', times => 3);
#                              # what becomes of a request with these bytes:
#       lose                   it is passed on, and cut off when its reply comes
#       cut                    half of it is passed on, then it is cut off
#       half, bytes => N       N bytes of its reply are passed on, then it is
#                              cut off
#       say, text => '...', endless => '...'
#                              it is not passed on but answered with the text
#                              and then with the other over and over
#     times: so often, then as usual; without it always
#   $proxy->off;               # all rules
#   $proxy->mute("SUBSCRIBE\r\n");
#                              # connections that began with these bytes hear
#                              # nothing more, and are not closed
#   $proxy->stop
#   $proxy->figures            # { hits: requests that met a rule,
#                              #   accepted: connections, given_up: those
#                              #   that nginx has closed }
#
# The proxy is a process that ends with the test.  Each call returns when the
# proxy has done it.

use strict;
use warnings;

use Commerce::Env qw(free_port);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC);

my $owner = $$;
my @proxies;

sub start {
    my ($class, $to) = @_;
    my $self = bless { port => free_port() }, $class;

    socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC)
        or die "socketpair: $!\n";

    my $pid = fork;
    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        close $ours;
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        $SIG{PIPE} = 'IGNORE';

        my $process = Commerce::Proxy::Process->new($theirs, $self->{port},
                                                    $to);

        eval { $process->run };
        print STDERR "proxy: $@" if $@;
        POSIX::_exit(1);
    }

    close $theirs;
    $self->{control} = $ours;
    $self->{pid} = $pid;
    push @proxies, $self;

    $self->ask('up');

    return $self;
}

sub port { $_[0]{port} }

sub to { $_[0]->ask('to', $_[1]) }
sub down { $_[0]->ask('down') }
sub up { $_[0]->ask('up') }
sub stall { $_[0]->ask('stall') }
sub go_on { $_[0]->ask('go_on') }
sub off { $_[0]->ask('off') }
sub mute { $_[0]->ask('mute', $_[1]) }
sub figures { $_[0]->ask('figures') }

sub on {
    my ($self, $request, $does, %more) = @_;

    return $self->ask('on', { request => $request, does => $does, %more });
}

sub ask {
    my ($self, @words) = @_;
    my $control = $self->{control};

    syswrite $control, encode_json(\@words) . "\n";

    my $answer = readline $control;
    die "the proxy has died\n" if !defined $answer;

    return decode_json($answer)->[0];
}

sub stop {
    my $self = shift;

    my $pid = delete $self->{pid} or return;

    # other children of the test may hold its end of the line as well

    kill 'KILL', $pid;
    waitpid $pid, 0;
    close $self->{control};
}

END {
    local ($?, $!);

    if ($$ == $owner) {
        $_->stop for @proxies;
    }
}


package Commerce::Proxy::Process;

use constant READ => 65536;
use constant HELD => 1 << 20;      # bytes on their way in one direction

sub new {
    my ($class, $control, $port, $to) = @_;

    return bless { control => $control, port => $port, to => $to,
                   links => [], rules => [], asked => '',
                   figures => { hits => 0, accepted => 0, given_up => 0 } },
                 $class;
}

sub run {
    my $self = shift;

    while (1) {
        my ($reads, $writes) = $self->waits;
        my ($readable, $writable) = IO::Select->select($reads, $writes);

        for my $socket (@{$writable || []}) {
            $self->write_out($socket);
        }

        for my $socket (@{$readable || []}) {
            if ($socket == $self->{control}) {
                $self->hear or return;

            } elsif ($self->{listen} && $socket == $self->{listen}) {
                $self->take;

            } else {
                $self->read_in($socket);
            }
        }

        $self->{links} = [grep { $_->{nginx} } @{$self->{links}}];
    }
}

# A direction is read while the other end takes what came before.

sub waits {
    my $self = shift;
    my $reads = IO::Select->new($self->{control});
    my $writes = IO::Select->new;

    $reads->add($self->{listen}) if $self->{listen};

    for my $link ($self->{stalled} ? () : @{$self->{links}}) {
        my ($nginx, $redis) = @$link{qw(nginx redis)};

        $reads->add($nginx) if length $link->{to_redis} < HELD;
        $reads->add($redis) if length $link->{to_nginx} < HELD;
        $writes->add($redis) if length $link->{to_redis};
        $writes->add($nginx) if length $link->{to_nginx} || $link->{endless};
    }

    return ($reads, $writes);
}

sub hear {
    my $self = shift;

    sysread($self->{control}, $self->{asked}, READ, length $self->{asked})
        or return 0;

    while ($self->{asked} =~ s/^(.*)\n//) {
        my ($what, $argument) = @{JSON::PP::decode_json($1)};
        my $method = "do_$what";

        syswrite $self->{control},
                 JSON::PP::encode_json([$self->$method($argument)]) . "\n";
    }

    return 1;
}

sub do_up {
    my $self = shift;

    $self->{listen} ||= IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $self->{port}, Listen => 64, ReuseAddr => 1)
        or die "port $self->{port}: $!\n";

    return 1;
}

sub do_down {
    my $self = shift;

    close delete $self->{listen} if $self->{listen};
    $self->cut($_) for @{$self->{links}};

    return 1;
}

sub do_to {
    my ($self, $port) = @_;

    $self->{to} = $port;
    $self->cut($_) for @{$self->{links}};

    return 1;
}

sub do_stall { $_[0]{stalled} = 1 }

sub do_go_on {
    my $self = shift;

    $self->{stalled} = 0;

    return 1;
}

sub do_on {
    my ($self, $rule) = @_;

    push @{$self->{rules}}, $rule;

    return 1;
}

sub do_off {
    my $self = shift;

    $self->{rules} = [];

    return 1;
}

sub do_mute {
    my ($self, $bytes) = @_;

    $_->{mute} = 1 for grep { index($_->{first}, $bytes) >= 0 }
                       @{$self->{links}};

    return 1;
}

sub do_figures { $_[0]{figures} }

sub take {
    my $self = shift;
    my $nginx = $self->{listen}->accept or return;
    my $redis = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $self->{to});

    return if !$redis;

    $_->blocking(0) for $nginx, $redis;

    $self->{figures}{accepted}++;

    push @{$self->{links}}, { nginx => $nginx, redis => $redis,
                              to_nginx => '', to_redis => '', first => '' };
}

sub cut {
    my ($self, $link) = @_;

    close delete $link->{$_} for grep { $link->{$_} } qw(nginx redis);
}

# The link of a socket and which end of it that is; nothing if it was cut.

sub link_of {
    my ($self, $socket) = @_;

    for my $link (@{$self->{links}}) {
        for my $end (qw(nginx redis)) {
            return ($link, $end) if $link->{$end} && $link->{$end} == $socket;
        }
    }

    return;
}

sub read_in {
    my ($self, $socket) = @_;
    my ($link, $end) = $self->link_of($socket) or return;
    my $n = sysread $socket, my $bytes, READ;

    return if !defined $n && ($!{EAGAIN} || $!{EINTR});
    return $self->end($link, $end) if !$n;
    return $self->request($link, $bytes) if $end eq 'nginx';
    return $self->reply($link, $bytes);
}

# What Redis said before it closed is passed on.

sub end {
    my ($self, $link, $end) = @_;

    $self->{figures}{given_up}++ if $end eq 'nginx';

    if ($end eq 'redis' && length $link->{to_nginx}) {
        $link->{nginx}->blocking(1);
        syswrite $link->{nginx}, $link->{to_nginx};
    }

    $self->cut($link);
}

sub request {
    my ($self, $link, $bytes) = @_;

    $link->{first} .= $bytes if length $link->{first} < 1024;

    my ($rule) = grep { index($bytes, $_->{request}) >= 0 } @{$self->{rules}};

    if (!$rule) {
        $link->{to_redis} .= $bytes if !defined $link->{endless};
        return;
    }

    $self->{figures}{hits}++;

    if ($rule->{times} && --$rule->{times} == 0) {
        $self->{rules} = [grep { $_ != $rule } @{$self->{rules}}];
    }

    if ($rule->{does} eq 'cut') {
        $link->{redis}->blocking(1);
        syswrite $link->{redis}, substr $bytes, 0, length($bytes) / 2;
        $self->cut($link);

    } elsif ($rule->{does} eq 'say') {
        $link->{to_nginx} .= $rule->{text} // '';
        $link->{endless} = $rule->{endless};

    } else {
        $link->{to_redis} .= $bytes;
        $link->{does} = $rule->{does};
        $link->{bytes} = $rule->{bytes};
    }
}

sub reply {
    my ($self, $link, $bytes) = @_;
    my $does = $link->{does} // '';

    if ($does eq 'lose') {
        $self->cut($link);

    } elsif ($does eq 'half') {
        $link->{to_nginx} .= substr $bytes, 0, $link->{bytes};
        $self->end($link, 'redis');

    } elsif (!$link->{mute}) {
        $link->{to_nginx} .= $bytes;
    }
}

sub write_out {
    my ($self, $socket) = @_;
    my ($link, $end) = $self->link_of($socket) or return;
    my $out = \$link->{"to_$end"};

    if ($$out eq '' && $end eq 'nginx' && defined $link->{endless}) {
        $$out = $link->{endless};
    }

    my $n = syswrite $socket, $$out;

    if (defined $n) {
        substr $$out, 0, $n, '';

    } elsif (!$!{EAGAIN} && !$!{EINTR}) {
        $self->end($link, $end);
    }
}

1;
