# What was clicked before nginx is stopped is counted: on leaving, or at the
# next start.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Scenario;
use IO::Socket::INET;
use Test::More;

my $redis = redis();

shop('r1', 'p1', 'p2');

my $nginx = clicking();

is(click('r1', 'p1'), 204, 'a click');
ok(wait_for(5, sub { counted('r1', 'p1') == 1 }), 'is in Redis');

my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                   PeerPort => port('HTTP'));
my $text = "POST /cart/r1/p2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";

print $socket $text x 9, $text =~ s/Host: a/Host: a\r\nConnection: close/r;
my $answers = do { local $/; <$socket> };

is(scalar(() = $answers =~ m{HTTP/1.1 204}g), 10, 'ten clicks in one go');
ok(wait_for(5, sub { counted('r1', 'p2') == 10 }), 'are ten in Redis');

# The last click before a shutdown does not wait for the next start.

my $before = counted('r1', 'p1');

$nginx->conf(click_conf('flush 30s;'));
ok($nginx->reload, 'flush 30s');
sleep 2;

is(click('r1', 'p1'), 204, 'a click');
ok($nginx->stop, 'nginx stops');
is(counted('r1', 'p1'), $before + 1, 'what was not flushed is, on leaving');

# TERM leaves no time for that.

$nginx->start;
ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'nginx is back');
$before++;
$nginx->term;
$nginx->conf(click_conf());
$nginx->start;
ok(wait_for(5, sub { counted('r1', 'p1') == $before + 1 }),
   'the ledger kept it for the next start');

finish();
