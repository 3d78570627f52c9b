# Clicks go on while nginx is reloaded, stopped and started: each accepted
# one is counted, exactly once.

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

my $viewers = viewers(2, '/cart/r1/p1');

for (1 .. 3) {
    sleep 1;
    ok($nginx->reload, 'reload under clicks');
}

my ($sent, $accepted) = $viewers->stop;

cmp_ok($accepted, '>', 100, "clicks were accepted: $accepted of $sent");
ok(wait_for(5, sub { counted('r1', 'p1') >= 1 + $accepted }),
   'all accepted are in Redis');
sleep 1;
cmp_ok(counted('r1', 'p1'), '<=', 1 + $sent, 'and no more than were sent');

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
