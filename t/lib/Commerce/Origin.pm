package Commerce::Origin;

# An HTTP server that answers just as a test wants it to, in processes that
# end with the test.
#
#   Commerce::Origin->start(port('ORIGIN'), sub {
#       my ($client, $path, $head) = @_;
#       ...
#   });
#
# The sub is called for each request, with the connection, which it writes the
# whole response to, the path without arguments, and the request's head.  The
# connection is closed unless it returns something true.
#
#   answer($client, body, header => value...)
#                  a 200 with its length; true
#   begin($client, header => value...)
#                  its status line and headers alone

use strict;
use warnings;

use Exporter qw(import);
use IO::Socket::INET;
use POSIX ();

our @EXPORT = qw(answer begin);

my $owner = $$;
my @pids;

sub start {
    my ($class, $port, $handler) = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $port, Listen => 128, ReuseAddr => 1)
        or die "listen: $@";
    my $pid = fork;

    die "fork: $!\n" if !defined $pid;

    if ($pid) {
        push @pids, $pid;
        return;
    }

    setpgrp;
    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
    $SIG{PIPE} = $SIG{CHLD} = 'IGNORE';

    while (1) {
        my $client = $listen->accept or next;

        if (fork == 0) {
            close $listen;
            $client->autoflush(1);
            1 while serve($client, $handler);
            POSIX::_exit(0);
        }

        close $client;
    }
}

sub serve {
    my ($client, $handler) = @_;
    my $head = '';

    while ($head !~ /\r\n\r\n/) {
        sysread($client, $head, 4096, length $head) or return 0;
    }

    my ($path) = $head =~ m{^\S+ ([^\s?]*)};

    return $handler->($client, $path, $head);
}

sub begin {
    my ($client, %headers) = @_;

    print $client "HTTP/1.1 200 OK\r\n",
          map({ "$_: $headers{$_}\r\n" } sort keys %headers), "\r\n";
}

sub answer {
    my ($client, $body, %headers) = @_;

    begin($client, %headers, 'Content-Length' => length $body);
    print $client $body;

    return 1;
}

END {
    if ($$ == $owner) {
        kill 'KILL', -$_ for @pids;
    }
}

1;
