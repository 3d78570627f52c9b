# What answers is no Redis, or a broken one: no worker dies or hangs, the log
# says so once, and a real Redis at the same address is used again.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

my $port = free_port();
my $login = "\$11\r\nredis_mode:\r\n+PONG\r\n";   # what the handshake expects

# What is sent: at once, or after the first bytes have come.  ENDLESS repeats
# its last part as long as somebody listens.

my %nonsense = (
    'junk'                  => ["HTTP/1.1 400 Bad Request\r\n\r\n"],
    'bytes'                 => [join '', map { chr } 0 .. 255],
    'half a reply'          => ["\$100\r\nabc"],
    'a reply unasked'       => [$login . "+OK\r\n" x 10],
    'a million replies'     => [$login . ":1\r\n" x 1000000],
    'a huge array'          => [$login, "*2147483647\r\n"],
    'a huge string'         => [$login, "\$9223372036854775807\r\nabc"],
    'deep arrays'           => [$login, "*1\r\n" x 1000000],
    'wrong types'           => [$login, "*2\r\n:1\r\n*0\r\n" x 100],
    'numbers out of range'  => [$login, "*2\r\n\$3\r\n999\r\n\$9\r\n-99999999"
                                        . "\r\n:99999999999999999999\r\n"],
    'nil'                   => ["\$-1\r\n*-1\r\n"],
    'errors'                => ["-ERR no \x1b[31m\n" . "x" x 5000 . "\r\n" x 9],
    'a closed connection'   => [$login, undef],
    'an endless line'       => [$login, '+', 'ENDLESS', 'x' x 65536],
    'an endless array'      => [$login, "*1000000\r\n", 'ENDLESS',
                                ":1\r\n" x 20000],
    'an endless string'     => [$login, "\$2000000000\r\n", 'ENDLESS',
                                'x' x 65536],
    'silence'               => [],
    'pushes unasked'        => [$login, "*3\r\n\$7\r\nmessage\r\n\$1\r\nx\r\n"
                                        . "\$1\r\n1\r\n" x 5],
    'a subscription to nothing' => [$login, "*3\r\n\$9\r\nsubscribe\r\n\$16\r\n"
                                    . "commerce:changed\r\n:1\r\n"
                                    . "*3\r\n\$9\r\nsubscribe\r\n\$27\r\n"
                                    . "commerce:changed:product:{xx}\r\n:2\r\n"],
);

# A server with as many clients as come; it ends with the test.

sub serve {
    my @parts = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16,
                                       LocalPort => $port, ReuseAddr => 1)
        or die "port $port: $!\n";
    my $pid = fork // die "fork: $!\n";

    return $pid if $pid;

    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
    $SIG{CHLD} = $SIG{PIPE} = 'IGNORE';

    while (1) {
        my $client = $listen->accept or next;

        next if fork;

        close $listen;
        alarm 30;
        talk($client, @parts);
        POSIX::_exit(0);
    }
}

sub talk {
    my ($client, @parts) = @_;

    # the first part answers the handshake, the others what comes later

    while (@parts) {
        my $part = shift @parts;

        return if !defined $part;

        if ($part eq 'ENDLESS') {
            1 while syswrite $client, $parts[0];
            return;
        }

        sysread $client, my $asked, 65536 if $part !~ /^x/;
        syswrite $client, $part;
    }

    1 while sysread $client, my $rest, 65536;
}

my $address = "127.0.0.1:$port timeout=300ms connect_timeout=300ms"
              . ' heartbeat=200ms';
my $nginx = edge($address, workers => 2);

wait_for(5, sub { $nginx->workers == 2 });

my @workers = sort $nginx->workers;

for my $what (sort keys %nonsense) {
    my $before = log_count(qr/ to redis \S+ (?:is lost|can't be made)/);
    my $pid = serve(@{$nonsense{$what}});

    sleep 0.6;

    my $begin = time;
    my $status = shelf('r1')->{status};

    is($status, 503, "$what: a room is not known");
    cmp_ok(time - $begin, '<', patience(5), "$what: the answer comes in time");

    stop_process($pid, 'TERM', 2);

    my $lines = log_count(qr/ to redis \S+ (?:is lost|can't be made)/)
                - $before;

    # one of each worker's connection, and of the subscription in either

    cmp_ok($lines, '<=', 4, "$what: the log is not flooded");
}

is_deeply([sort $nginx->workers], \@workers, 'no worker has died');
unlike(log_text(), qr/\x1b|\x00/, 'no control bytes in the log');
like(log_text(), qr/is lost|can't be made/, 'the log says what is wrong');

my $real = Commerce::Redis->start(args => ['--port', $port]);

$real->line('HSET commerce:host:{h1} state approved version 1');
$real->line('HSET commerce:{r1} host h1 state open version 1');

ok(connected(), 'a real Redis is used');
ok(subscribed(), 'and subscribed to');
ok(wait_for(5, sub { shelf('r1')->{status} == 200 }), 'the room is known');

finish();
