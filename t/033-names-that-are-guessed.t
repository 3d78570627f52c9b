# Whoever guesses names of rooms is refused after a while; hosts get in all the
# same, and what Redis itself has named is no guess.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(shelf);
use Commerce::Live;
use Commerce::Scenario;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;

my $redis = redis();
my @shelves = map { "shelf$_" } 1 .. 8;

host('h1');
room("demo$_", key => sha('k')) for 1 .. 20;

# eight shelves with products of their own, none of which is known

for my $room (@shelves) {
    room($room);

    for my $n (1 .. 1000) {
        $redis->call('HSET', "commerce:product:{$room-$n}", state => 'approved',
                     title => $n, version => 1);
    }

    $redis->call('ZADD', "commerce:{$room}:shelf",
                 map { $_, "$room-$_" } 1 .. 1000);
}

live(server => <<'CONF');
    keepalive_requests 1000000;
    location ~ ^/rooms/(?<room>[^/]+)$ { commerce_room $room; commerce_shelf; }
CONF

# all at once, each by one connection

sub connection {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => port('HTTP'));
}

my %answer = map { $_ => connection() } @shelves;

for my $room (@shelves) {
    syswrite $answer{$room},
             "GET /rooms/$room HTTP/1.0\r\nHost: edge\r\n\r\n";
}

my @cards = map {
    my $socket = $answer{$_};
    my $text = join '', <$socket>;

    scalar @{decode_json($text =~ s/.*?\r\n\r\n//sr)->{shelf}}
} @shelves;

is_deeply(\@cards, [(1000) x 8], 'shelves asked for at the same time are whole');

# asks for a hundred rooms at a time until the test is through with it

sub guess {
    my $test = getppid;
    my $n = 0;
    my $socket;

    while (getppid == $test) {
        $socket ||= connection() or next;
        syswrite $socket, join '', map {
            "HEAD /rooms/guess-$$-" . $n++ . " HTTP/1.1\r\nHost: edge\r\n\r\n"
        } 1 .. 100;

        my ($answers, $text) = (0, '');

        while ($answers < 100) {
            sysread $socket, $text, 65536, length $text or last;
            $answers = () = $text =~ m{^HTTP/1.1 }mg;
        }

        undef $socket if $answers < 100;
    }
}

my @guessers;

for (1 .. 2) {
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        guess();
        POSIX::_exit(0);
    }

    push @guessers, $pid;
}

my $n = 0;

ok(wait_for(30, sub { shelf('another' . $n++)->{status} == 503 }),
   'who guesses is refused');
is(scalar(grep { attempt("demo$_?key=k") =~ /^Start/ } 1 .. 20), 20,
   'hosts get in');

kill 'TERM', @guessers;
waitpid $_, 0 for @guessers;

ok(wait_for(10, sub { shelf('another' . $n++)->{status} == 404 }),
   'afterwards names may be asked for again');

finish();
