package Commerce::Redis;

# A redis-server of the test's own, and a client for it.
#
#   my $redis = Commerce::Redis->start;     # on a unix socket and a TCP port
#   $redis->socket; $redis->port; $redis->pid;
#   $redis->stop;  $redis->run;             # TERM and start again
#   $redis->kill;                           # SIGKILL
#   $redis->stall; $redis->resume;          # SIGSTOP, SIGCONT
#
#   $redis->call('HSET', 'key', 'field', "any\0bytes");   # a reply as Perl data
#   $redis->line('HSET key field "a \"b\"\n"');  # quoting as in redis-cli
#   Commerce::Redis::text($reply)                # a reply as one line of text
#
# Errors are replies of class Commerce::Redis::Error (a reference to the text).
# start(append => 1) keeps what is written over stop and kill; without it
# Redis starts empty.  start(args => ['--requirepass', 'x']) for the rest.
# TEST_REDIS names another server that takes the same arguments: valkey-server.

use strict;
use warnings;

use Commerce::Env qw(dir free_port stop_process wait_for);
use IO::Socket::UNIX;
use POSIX ();

my $count = 0;
my $owner = $$;
my @servers;

sub start {
    my ($class, %options) = @_;
    my $folder = dir() . '/redis' . $count++;
    my $self = bless { %options, folder => $folder, port => free_port() },
                     $class;

    mkdir $folder or die "$folder: $!\n";
    chmod 0755, $folder;

    push @servers, $self;
    $self->run;

    return $self;
}

sub socket { $_[0]{folder} . '/sock' }
sub port { $_[0]{port} }
sub pid { $_[0]{pid} }

sub run {
    my $self = shift;
    my @args = ('--unixsocket', $self->socket, '--unixsocketperm', '777',
                '--port', $self->port, '--bind', '127.0.0.1',
                '--dir', $self->{folder}, '--save', '',
                '--logfile', "$self->{folder}/log", '--daemonize', 'no',
                '--appendonly', $self->{append} ? 'yes' : 'no',
                '--appendfsync', 'always', @{$self->{args} || []});

    my $pid = fork;
    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        open STDOUT, '>', '/dev/null';
        { exec $ENV{TEST_REDIS} || 'redis-server', @args };
        POSIX::_exit(127);
    }

    $self->{pid} = $pid;

    wait_for(60, sub { $self->answers })
        or die "redis-server did not start, see $self->{folder}/log\n";
}

# While it reads what it has kept, it answers that it is LOADING.

sub answers {
    my $self = shift;

    return eval { text($self->call('PING')) !~ /^\(error\) LOADING/ };
}

sub stop {
    my $self = shift;

    $self->hang_up;
    CORE::kill('CONT', $self->{pid});
    stop_process($self->{pid}, 'TERM', 5);
}

sub kill {
    my $self = shift;

    $self->hang_up;
    stop_process($self->{pid}, 'KILL', 5);
}

sub stall { CORE::kill('STOP', $_[0]{pid}) }
sub resume { CORE::kill('CONT', $_[0]{pid}) }

sub hang_up { delete $_[0]{connection} }

sub call {
    my ($self, @words) = @_;

    my $connection = $self->{connection} ||= IO::Socket::UNIX->new(
        Peer => $self->socket) or die "cannot connect to Redis: $!\n";

    utf8::encode($_) for grep { utf8::is_utf8($_) } @words;

    local $SIG{PIPE} = 'IGNORE';

    print $connection "*", scalar(@words), "\r\n",
          map { "\$" . length($_) . "\r\n$_\r\n" } @words;
    $connection->flush;

    my $reply = eval { _reply($connection) };

    if ($@) {
        $self->hang_up;
        die $@;
    }

    return $reply;
}

sub line {
    my ($self, $line) = @_;

    return $self->call(words($line));
}

my %escape = (n => "\n", r => "\r", t => "\t", a => "\a", b => "\b");

sub words {
    my $line = shift;
    my @words;

    while ($line =~ /\G\s*(?=\S)/gc) {
        if ($line =~ /\G"((?:[^"\\]|\\.)*)"/gcs) {
            my $word = $1;
            $word =~ s/\\(?:x([0-9A-Fa-f]{2})|(.))/
                       defined $1 ? chr(hex $1)
                                  : exists $escape{$2} ? $escape{$2} : $2/gse;
            push @words, $word;

        } elsif ($line =~ /\G'([^']*)'/gc || $line =~ /\G([^\s"']\S*)/gc) {
            push @words, $1;

        } else {
            die "unbalanced quotes: $line\n";
        }
    }

    return @words;
}

sub text {
    my $reply = shift;

    return '(nil)' if !defined $reply;
    return '(error) ' . $$reply if ref $reply eq 'Commerce::Redis::Error';
    return join ' ', map { text($_) } @$reply if ref $reply;
    return $reply;
}

sub _reply {
    my $in = shift;
    local $/ = "\r\n";

    my $line = readline $in;
    die "Redis closed the connection\n" if !defined $line;

    chomp $line;
    my $type = substr $line, 0, 1, '';

    return $line if $type eq '+' || $type eq ':';
    return bless \$line, 'Commerce::Redis::Error' if $type eq '-';
    return undef if $line == -1;
    return [map { _reply($in) } 1 .. $line] if $type eq '*';

    read($in, my $bulk, $line + 2) == $line + 2
        or die "Redis closed the connection\n";

    return substr $bulk, 0, $line;
}

END {
    local ($?, $!);

    if ($$ == $owner) {
        $_->stop for @servers;
    }
}

1;
