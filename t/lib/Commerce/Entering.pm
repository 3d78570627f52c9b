package Commerce::Entering;

# Viewers who enter a room for followers, each by his identity, and are seen
# once more with the session that he is given.  With Commerce::Scenario:
#
#   my $nginx = entrance(workers => 2, log => 'info');
#                     nginx with /demo/x, behind commerce_access, and /api/;
#                     redis => 'timeout=10s' for more of that directive
#   write_room()      its room, and the host: entrance() does it first
#   write_followers('anna', 1_000_000);
#                     v0, v1, … follow, in their parts of 1000 a command
#   my $seen = enter(viewers => 50_000, seconds => 60, strangers => 10);
#                     v0, v1, … come one after the other, evenly; one in ten of
#                     them is a stranger, x0, x1, … who does not follow.  From
#                     processes of their own, over connections that are kept.
#                     { entered, refused, other: a status's count, again: those
#                     whom their session let in, first, second: ms that each
#                     request took from when it was due, in ascending order }
#   questions()       how often Redis was asked who follows
#   at($ms, 0.99)     of such a list
#   summary($seen)    as lines of text

use strict;
use warnings;

use Commerce::Scenario;
use Commerce::Token;
use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Storable qw(store_fd fd_retrieve);
use Time::HiRes qw(time);

our @EXPORT = qw(entrance write_room write_followers enter questions at summary);

use constant { CLIENTS => 2, CONNECTIONS => 32 };

sub entrance {
    my %options = @_;
    my $more = delete $options{redis} // '';

    write_secret(dir() . '/secret');
    write_file(dir() . '/in', "in\n");
    write_room();

    return nginx(<<"CONF", modules => 'http', %options);
commerce {
    redis   unix:%%REDIS%% $more;
    ledger  %%LEDGER%% 1m;
    secret  %%DIR%%/secret;
}
events { worker_connections 2048; }
http {
    access_log         off;
    keepalive_requests 1000000;
    server {
        listen 127.0.0.1:%%HTTP%%;
        location = /demo/x {
            alias            %%DIR%%/in;
            commerce_room    demo;
            commerce_access  on;
        }
        location /api/ { commerce_api; }
    }
}
CONF
}

sub write_room {
    room('demo', host => 'anna', visibility => 'followers');
    host('anna');
}

sub write_followers {
    my ($host, $n) = @_;
    my %parts;

    for my $i (0 .. $n - 1) {
        push @{$parts{substr sha256_hex("v$i"), 0, 2}}, "v$i";
    }

    for my $part (keys %parts) {
        while (my @some = splice @{$parts{$part}}, 0, 1000) {
            redis()->call('SADD', "commerce:host:{$host.$part}:followers",
                          @some);
        }
    }
}

sub questions {
    return (redis()->call('INFO', 'commandstats')
            =~ /cmdstat_sismember:calls=(\d+)/)[0] // 0;
}

sub enter {
    my %options = @_;
    my %seen = (entered => 0, refused => 0, other => {}, again => 0,
                first => [], second => []);
    my @from;

    for my $client (0 .. CLIENTS - 1) {
        pipe my $read, my $write or die "pipe: $!\n";
        my $pid = fork // die "fork: $!\n";

        if ($pid == 0) {
            $SIG{PIPE} = 'IGNORE';
            store_fd(come($client, %options), $write);
            close $write;
            POSIX::_exit(0);
        }

        push @from, [$read, $pid];
    }

    for (@from) {
        my ($read, $pid) = @$_;
        my $part = fd_retrieve($read);

        waitpid $pid, 0;
        $seen{$_} += $part->{$_} for qw(entered refused again);
        push @{$seen{$_}}, @{$part->{$_}} for qw(first second);
        $seen{other}{$_} += $part->{other}{$_} for keys %{$part->{other}};
    }

    $_ = [sort { $a <=> $b } @$_] for @seen{qw(first second)};

    return \%seen;
}

# One process: every CLIENTS-th viewer from its own on.

sub come {
    my ($client, %options) = @_;
    my ($n, $seconds) = @options{qw(viewers seconds)};
    my $strangers = $options{strangers} || $n + 1;
    my %seen = (entered => 0, refused => 0, other => {}, again => 0,
                first => [], second => []);
    my @idle = map { connection() } 1 .. CONNECTIONS;
    my ($select, %busy) = IO::Select->new;
    my @due = grep { $_ % CLIENTS == $client } 0 .. $n - 1;
    my @tokens = map {
        viewer_token('demo', ($_ % $strangers == $strangers - 1 ? 'x' : 'v')
                             . $_, kind => 'i')
    } @due;
    my $begin = time + 0.2;

    while (@due || %busy) {
        while (@due && @idle && time >= $begin + $due[0] * $seconds / $n) {
            my $i = shift @due;
            my $c = pop @idle;

            $busy{$c} = { at => $begin + $i * $seconds / $n, text => '',
                          kind => 'first' };
            $select->add($c);
            ask($c, 'Authorization: Bearer ' . shift @tokens);
        }

        for my $c ($select->can_read(0.001)) {
            my $one = $busy{$c};

            if (!sysread $c, $one->{text}, 8192, length $one->{text}) {
                $seen{other}{closed}++;
                delete $busy{$c};
                $select->remove($c);
                push @idle, connection();
                next;
            }

            my ($status, $cookie) = answer($one->{text}) or next;

            push @{$seen{$one->{kind}}}, (time - $one->{at}) * 1000;

            if ($one->{kind} eq 'first' && $status == 200 && $cookie) {
                $seen{entered}++;
                $busy{$c} = { at => time, text => '', kind => 'second' };
                ask($c, "Cookie: $cookie");
                next;
            }

            $one->{kind} eq 'second' && $status == 200 ? $seen{again}++
                : $status == 403 ? $seen{refused}++ : $seen{other}{$status}++;

            delete $busy{$c};
            $select->remove($c);
            push @idle, $c;
        }
    }

    return \%seen;
}

sub connection {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => port('HTTP'))
           || die "connect: $!\n";
}

sub ask {
    my ($c, $header) = @_;

    print $c "GET /demo/x HTTP/1.1\r\nHost: localhost\r\n$header\r\n\r\n";
    $c->flush;
}

# the status and the cookie of a whole answer

sub answer {
    my ($head, $body) = split /\r\n\r\n/, $_[0], 2;

    return if !defined $body;

    my ($length) = $head =~ /^Content-Length: (\d+)/mi;

    return if length $body < ($length // 0);

    return (($head =~ m{^HTTP/1\.1 (\d+)})[0],
            ($head =~ /^Set-Cookie: (commerce-demo=[^;\r]+)/mi)[0]);
}

sub at {
    my ($list, $part) = @_;

    return @$list ? $list->[int($part * $#$list)] : 0;
}

sub summary {
    my $seen = shift;

    return map {
        sprintf "%s request: %d, p50 %.1f ms, p99 %.1f ms, slowest %.1f ms\n",
                $_, scalar @{$seen->{$_}}, at($seen->{$_}, 0.5),
                at($seen->{$_}, 0.99), at($seen->{$_}, 1);
    } qw(first second);
}

1;
