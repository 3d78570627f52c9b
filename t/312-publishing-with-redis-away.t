# With Redis away known rooms go live and stay live; unknown ones are refused;
# once Redis is back it learns who is live.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

my $redis = redis(append => 1);
host('h1');
room('demo', key => sha('k'));
room('never-asked-for', key => sha('k'));
room('old', key => sha('k'));
$redis->stop;

my $nginx = live(workers => 1, commerce => 'stale_hosts 1h;');

is(attempt('demo?key=k', 10), 'Later store_away', 'before Redis is there');

$redis->run;
ok(wait_for(10, sub { attempt('demo?key=k') =~ /^Start/ }), 'once it is there');
ok(wait_for(3, sub { !$redis->call('GET', 'commerce:{demo}:live') }), 'it ends');

$redis->stop;

my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=k'));
ok(segments_after('demo', 2), 'a known room goes live without Redis');
is(attempt('demo?key=x'), 'Unauthorized proof_wrong', 'not without a proof');
is(attempt('never-asked-for?key=k', 10), 'Later store_away',
   'an unknown one does not');

$redis->run;
ok(wait_for(8, sub { $redis->call('GET', 'commerce:{demo}:live') }),
   'Redis learns of it when it is back');
is(record_of('demo')->{show}, 1, 'the show of before goes on');

$redis->kill;
ok(segments_after('demo', 2), 'when it goes away again the stream stays');
$redis->run;
ok(segments_after('demo', 1), 'and when it comes back');

$redis->stall;
ok(segments_after('demo', 3), 'and when it hangs');
my $second = publish(url => rtmp_url('live', 'demo?key=k'));
ok(wait_for(8, sub { !$ffmpeg->running }), 'the host can replace his session');
ok(segments_after('demo', 2), 'which goes on');
$redis->resume;

ok(wait_for(10, sub { my $live = $redis->call('GET', 'commerce:{demo}:live'); $live }),
   'it is live in Redis');
ok($second->running, 'and stays');

$redis->stop;
sleep 1;
$redis->run;
host('h1', state => 'banned');
ok(wait_for(4, sub { !$second->running }), 'a ban given after that cuts it');

finish();
