# What memory an nginx worker takes for each viewer of a playlist who doesn't
# read, so that nginx keeps the answer for him: in bytes, and beside the
# answer's length.  "each" has a playlist of his own, so that it is written for
# him, and too large to be kept; "same" are many of one.  The kernel's buffers
# are small, and not the worker's.

use strict;
use warnings;
use lib 't/lib', 't/bench';

use Commerce::HLS;
use Commerce::Scenario;
use Getopt::Long;
use IO::Socket::INET;
use Ratios qw(print_object);
use Socket qw(SOL_SOCKET SO_RCVBUF);

use constant BAR => 3;

my ($viewers, $json) = (64);

GetOptions('viewers=i' => \$viewers, 'json' => \$json) && !@ARGV && $viewers > 0
    or die "usage: $0 [--json] [--viewers N]\n";

my %segments = (each => 20000, same => 10000);
my $root = dir('root');

for my $kind (keys %segments) {
    my $text = listing($segments{$kind});

    for my $i (0 .. $viewers) {
        write_file("$root/$kind/demo/$i.m3u8",
                   $text =~ s/^#EXT-X-MEDIA-SEQUENCE:\K\d+/100 + $i/mer);
    }
}

redis();
room('demo');
pin('demo', 5000 * $_, "p-$_") for 1 .. 10;

my $node = hls(<<'CONF', workers => 1, log => 'warn');
    commerce_room          $room;
    commerce_hls_clock     name;
    commerce_hls_max_size  10m;

    server {
        listen        127.0.0.1:%%PORT_SLOW%% sndbuf=8k;
        root          %%DIR%%/root;
        commerce_hls  on;
        send_timeout  10m;
    }
CONF

printf "memory of a worker for a viewer who doesn't read, %d at a time\n\n" .
       "%-6s %10s %10s %6s %4s\n",
       $viewers, 'kind', 'playlist', 'memory', 'times', 'bar' if !$json;

measure($_) for qw(each same);

sub measure {
    my ($kind) = @_;

    # what stays however many come: what is kept, and what malloc has left

    close $_->{socket} for map { viewer($kind, $_) } 0, 0;
    settle();

    my $before = memory();
    my @viewers = map { viewer($kind, $kind eq 'each' ? $_ : 0) }
                  1 .. $viewers;
    my $bytes = (memory() - $before) / $viewers;
    my $length = $viewers[0]{length};
    my $times = $bytes / $length;

    close $_->{socket} for @viewers;
    settle();

    return print_object(name => "memory_$kind", bytes => int $bytes,
                        playlist => $length, times => 0 + sprintf '%.2f',
                        $times) if $json;

    printf "%-6s %10d %10d %6.2f %4d%s\n", $kind, $length, $bytes, $times, BAR,
           $times > BAR ? '  above the bar' : '';
}

# Someone who has read the header alone.

sub viewer {
    my ($kind, $i) = @_;
    my $socket = IO::Socket::INET->new(Proto => 'tcp') or die "socket: $!\n";

    $socket->setsockopt(SOL_SOCKET, SO_RCVBUF, 4096);
    $socket->connect(port('SLOW'), Socket::inet_aton('127.0.0.1'))
        or die "connect: $!\n";
    syswrite $socket, "GET /$kind/demo/$i.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n";

    my $head = '';

    while ($head !~ /\r\n\r\n/) {
        sysread $socket, $head, 1, length $head or die "$kind $i: no answer\n";
    }

    my ($length) = $head =~ /^Content-Length: (\d+)/mi
        or die "$kind $i: $head";

    return { socket => $socket, length => $length };
}

sub settle {
    wait_for(10, sub {
        my ($worker) = $node->workers;
        my $open = () = `ls -l /proc/$worker/fd` =~ /socket/g;

        return $open < 20;
    });
}

# Bytes that are the worker's own.

sub memory {
    my ($worker) = $node->workers;
    my ($kb) = read_file("/proc/$worker/smaps_rollup")
               =~ /^Private_Dirty:\s+(\d+)/m;

    return 1024 * $kb;
}
