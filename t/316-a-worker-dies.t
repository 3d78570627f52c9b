# The host of a worker that died publishes again at once, on another.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

use Time::HiRes qw(time);

redis();
host('h1');
room('demo', key => sha('k'));
my $nginx = live(workers => 1);

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'live');

kill 'KILL', $nginx->workers;
allow_fault(qr/exited on signal 9/);
ok($rtmp->closed(3), 'its worker is gone');
ok(wait_for(5, sub { $nginx->workers }), 'there is another');

my $start = time;
like(attempt('demo?key=k'), qr/^Start/, 'the host is back');
cmp_ok(time - $start, '<', patience(5), 'at once');
is(record_of('demo')->{show}, 1, 'in the same show');

finish();
