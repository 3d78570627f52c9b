package Commerce::Clicks;

# Viewers who click, and what became of it.  With Commerce::Scenario:
#
#   use Commerce::Clicks;
#
#   my $nginx = clicking(workers => 2);   nginx with /cart/ROOM/PRODUCT, as
#                     Commerce::Edge has it otherwise; flush 100ms.  Besides
#                     the options of nginx(): commerce => 'more;' in that
#                     block, port => 'EDGE' for %%EDGE%% in place of %%HTTP%%,
#                     ledger => 'PATH SIZE'
#   click_conf(commerce, port =>, ledger =>)
#                     its text; click_locations(): that of its locations
#   shop('r1', 'p1', 'p2')
#                     an open room with approved products on its shelf
#   my $viewers = viewers(2, '/cart/r1/p1');
#                     two processes that click until they are stopped; with
#                     { port => 'EDGE' } as the last argument at port('EDGE'),
#                     with { from => '127.0.0.2' } of that address
#   my ($sent, $accepted) = $viewers->stop;
#                     then $viewers->[0]{seen}{PATH} of the first of them is
#                     { sent, accepted, refused }
#   click('r1', 'p1', from => '127.0.0.2')
#                     one click, of that address if it is given; its status
#   counted('r1', 'p1', show)
#                     what Redis has of it; 0 is the show unless given

use strict;
use warnings;

use Commerce::Env ();
use Commerce::Records ();
use Commerce::Scenario ();
use Exporter qw(import);
use IO::Socket::INET;
use POSIX ();

our @EXPORT = qw(clicking click_conf click_locations shop viewers click
                 counted);

sub click_conf {
    my ($more, %options) = @_;
    my $locations = click_locations();
    my $ledger = $options{ledger} || '%%LEDGER%% 1m';
    my $port = $options{port} || 'HTTP';

    $more ||= 'flush 100ms;';

    return <<"CONF";
commerce {
    redis   unix:%%REDIS%%;
    ledger  $ledger;
    $more
}
events { }
http {
    access_log off;
    server {
        listen 127.0.0.1:%%$port%%;
$locations
    }
}
CONF
}

sub click_locations {
    return <<'CONF';
        location ~ ^/cart/(?<room>[^/]+)/(?<product>[^/]+)$ {
            commerce_room   $room;
            commerce_count  click $product;
        }
        location = /status { commerce_status; }
CONF
}

sub clicking {
    my %options = @_;
    my $more = delete $options{commerce};
    my $conf = click_conf($more, %options);

    delete @options{qw(port ledger)};

    return Commerce::Scenario::nginx($conf, modules => 'http', %options);
}

sub shop {
    my ($room, @products) = @_;

    Commerce::Scenario::product($_) for @products;
    Commerce::Records::shelve(Commerce::Scenario::redis(), $room, @products);
    Commerce::Scenario::room($room);
}

sub click {
    my ($room, $product, %options) = @_;

    return Commerce::Scenario::http('POST', "/cart/$room/$product",
                                    %options)->{status};
}

sub counted {
    my ($room, $product, $show) = @_;
    my $key = "commerce:{$room}:" . ($show || 0) . ':counts';

    return Commerce::Scenario::redis()->call('HGET', $key,
                                             "c:click:$product") || 0;
}


sub viewers {
    my ($n, @paths) = @_;
    my %options = ref $paths[-1] ? %{pop @paths} : ();
    my $port = Commerce::Scenario::port($options{port} || 'HTTP');
    my @viewers;

    for (1 .. $n) {
        pipe(my $in, my $out) or die "pipe: $!\n";

        my $pid = fork;

        die "fork: $!\n" if !defined $pid;

        if ($pid == 0) {
            close $in;
            go_on($out, $port, $options{from}, @paths);
            POSIX::_exit(0);
        }

        close $out;
        push @viewers, { pid => $pid, in => $in };
    }

    return bless \@viewers, __PACKAGE__;
}

# A click is sent when its last byte was; whether an answer that does not come
# was counted is not known.

sub go_on {
    my ($out, $port, $from, @paths) = @_;
    my ($n, $stop, %seen, $socket) = (0, 0);
    my $test = getppid;

    $SIG{TERM} = sub { $stop = 1 };
    $SIG{INT} = 'DEFAULT';
    $SIG{PIPE} = 'IGNORE';

    # a test that dies does not say that it is over

    while (!$stop && getppid == $test) {
        my $path = $paths[$n++ % @paths];

        if (!$socket) {
            $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                            PeerPort => $port,
                                            LocalAddr => $from);
            if (!$socket) {
                select undef, undef, undef, 0.01;
                next;
            }
        }

        $seen{$path}{sent}++;

        my $status = exchange($socket, "POST $path HTTP/1.1\r\nHost: edge\r\n" .
                                       "Content-Length: 4\r\n\r\nbody");

        $seen{$path}{$status eq '204' ? 'accepted' : 'refused'}++
            if $status ne '';

        # a refusal has a body: that connection is given up

        undef $socket if $status ne '204';

        select undef, undef, undef, 0.0005;
    }

    print $out map { join(' ', $_, map { $_ || 0 }
                          @{$seen{$_}}{qw(sent accepted refused)}) . "\n" }
               keys %seen;
    close $out;
}

# The status, or nothing if it does not come within ten seconds.

sub exchange {
    my ($socket, $request) = @_;
    my $end = time + 10;
    my $answer = '';

    return '' if !defined syswrite($socket, $request);

    while ($answer !~ /\r\n\r\n/) {
        vec(my $ready = '', fileno($socket), 1) = 1;

        if (select($ready, undef, undef, 1) < 1) {
            return '' if time > $end;
            next;
        }

        my $n = sysread($socket, $answer, 4096, length $answer);

        next if !defined $n && $!{EINTR};
        return '' if !$n;
    }

    return $answer =~ m{^HTTP/1\.1 (\d{3}) } ? $1 : '';
}

sub stop {
    my $self = shift;
    my ($sent, $accepted) = (0, 0);

    kill 'TERM', map { $_->{pid} } @$self;

    for my $viewer (@$self) {
        my $in = $viewer->{in};

        while (my $line = <$in>) {
            my ($path, @figures) = split ' ', $line;

            @{$viewer->{seen}{$path}}{qw(sent accepted refused)} = @figures;
            $sent += $figures[0];
            $accepted += $figures[1];
        }

        waitpid $viewer->{pid}, 0;
    }

    return ($sent, $accepted);
}

1;
