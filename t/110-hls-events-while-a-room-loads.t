# A connection that has been written to tells of more than what a request waits
# for: the request is asked for its room once all the same.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep);

my $large = 3_000_000;
my $redis = redis();

room($_) for map { "r$_" } 1 .. 3;

write_file(dir('root') . '/large', 'x' x $large);
write_file(dir("root/$_") . "/list.m3u8", dated(3)) for 'r1', 'r2', 'r3';

my $nginx = hls(<<'CONF', workers => 1);
    server {
        listen         %%HTTP%% sndbuf=16k;
        root           %%DIR%%/root;

        location ~ ^/(?<room_name>[^/]+)/ {
            commerce_room  $room_name;
            commerce_hls   on;
        }
    }
CONF

my ($worker) = $nginx->workers;

for my $name ('r1', 'r2', 'r3') {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => port('HTTP'),
                                       Timeout => 5);

    # what is not read at once has nginx wait for the socket to be writable,
    # and that event comes again with all that follows

    print $socket "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
    sleep 0.5;

    my ($text, $header) = ('', 0);

    while (!$header || length $text < $header + $large) {
        sysread $socket, $text, 65536, length $text or last;
        $header ||= $text =~ /\r\n\r\n/ ? $+[0] : 0;
    }

    is(length $text, $header + $large, "$name: an answer to wait for");

    $redis->stall;

    print $socket "GET /$name/list.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n";
    sleep 0.2;

    for my $byte (split //, 'GET / HT') {
        syswrite $socket, $byte;
        sleep 0.02;
    }

    $redis->resume;

    sysread $socket, $text, 65536;
    like($text, qr{\AHTTP/1.1 200 }, '... and the playlist after it');
}

is_deeply([$nginx->workers], [$worker], 'the worker lives');

finish();
