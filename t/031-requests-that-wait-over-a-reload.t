# A request that waits for Redis is answered, though its worker is told to quit
# meanwhile, and though Redis may not answer.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Scenario;
use IO::Socket::INET;
use Test::More;

my $redis = redis();

shop('r1', 'p1');

my $nginx = clicking(log => 'debug');

ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');

# Redis knows the room, no worker does.

sub clicked_over_a_reload {
    my ($room, $then) = @_;
    my $path = "/cart/$room/p1";
    my %old = map { $_ => 1 } $nginx->workers;

    shop($room, 'p1');
    $redis->stall;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => port('HTTP'));

    print $socket "POST $path HTTP/1.1\r\nHost: edge\r\n"
                  . "Connection: close\r\nContent-Length: 0\r\n\r\n";

    ok(wait_for(5, sub { log_text() =~ /http request line: "POST \Q$path\E / }),
       "$room: a click waits for Redis");

    my ($worker) = log_text() =~ / (\d+)#.*http request line: "POST \Q$path\E /;
    ok($old{$worker}, "$room: in a worker");

    kill 'HUP', $nginx->pid;
    ok(wait_for(5, sub { log_text() =~ / $worker#.*gracefully shutting down/ }),
       "$room: which is told to quit");
    $then->();

    my $answer = do { local $/; <$socket> } // '';

    ok(wait_for(10, sub { !alive($worker) }), "$room: and does, after that");
    $redis->resume;

    return $answer =~ m{^HTTP/1\.1 (\d+) } ? $1 : 'nothing';
}

is(clicked_over_a_reload('r2', sub { $redis->resume }), 204,
   'Redis goes on: the click is counted');
ok(wait_for(5, sub { counted('r2', 'p1') == 1 }), 'as Redis says');

is(clicked_over_a_reload('r3', sub { }), 503, 'it does not: the click is refused');

finish();
