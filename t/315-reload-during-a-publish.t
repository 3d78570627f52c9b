# A publisher stays with the old worker over a reload; bans and replacements
# reach it there.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', key => sha('k'));
room('other', key => sha('k'));
my $nginx = live();

my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=k'));
my $other = publish(url => rtmp_url('live', 'other?key=k'));
ok(segments_after('demo', 2), 'it is live');

ok($nginx->reload, 'reloaded');
ok(segments_after('demo', 2), 'it is written on');
ok($nginx->reload, 'and again');
ok(segments_after('demo', 1), 'and still written');
ok($ffmpeg->running, 'without interruption');

my $second = publish(url => rtmp_url('live', 'demo?key=k'));
ok(wait_for(5, sub { !$ffmpeg->running }), 'a new session replaces it');
ok(segments_after('demo', 2), 'and is written');
ok($second->running, 'and stays');
is(record_of('demo')->{show}, 1, 'in the same show');

sleep 6;
ok($other->running, 'the other one is renewed in its old worker');
cmp_ok(redis()->call('PTTL', 'commerce:{other}:live'), '>', 8000, 'so it is');

host('h1', state => 'banned');
ok(wait_for(2, sub { !$other->running && !$second->running }),
   'a ban cuts old and new');
ok(wait_for(3, sub { !redis()->call('GET', 'commerce:{other}:live') }),
   'and both are ended');
ok(redis()->call('HGET', 'commerce:{other}:shows', '1:ended'), 'with their shows');

finish();
