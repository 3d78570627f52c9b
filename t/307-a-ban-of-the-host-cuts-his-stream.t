# A host who is banned or suspended while he is live is cut off at once, is
# told why, and does not get in again.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(state);
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

use Commerce::RTMP;
use Time::HiRes qw(time);

redis();
host('h1');
host('h2');
room('demo', key => sha('k'));
room('other', key => sha('k'), host => 'h2');
live(server => 'location = /status { commerce_status; }');

my $other = publish(url => rtmp_url('live', 'other?key=k'));
my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=k'));
ok(segments_after('demo', 2), 'he is live');

my $start = time;
host('h1', state => 'banned');
ok(wait_for(5, sub { !$ffmpeg->running }), 'he is cut');
cmp_ok(time - $start, '<', patience(5), 'at once');

my $playlist = playlist('demo');
is(attempt('demo?key=k'), 'Unauthorized host_banned', 'he does not get in');
is_deeply(playlist('demo'), $playlist, 'and nothing more is written');

my ($ended) = events('publish_ended', 1);
is($ended->{reason}, 'host_banned', 'the event has the reason');
ok(wait_for(2, sub { !redis()->call('GET', 'commerce:{demo}:live') }),
   'his room is not live');
like(log_text(), qr/publishing room "demo" was ended: host_banned/, 'it is logged');

# a suspension that runs out, and one that comes while live

host('h1', state => 'suspended', until => int((time + 1) * 1000));
is(attempt('demo?key=k'), 'Unauthorized host_suspended', 'suspended for a second');
sleep 2;

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'then he is in again');

host('h1', state => 'suspended', until => int((time + 60) * 1000));
is(said($rtmp->status(2)), 'Unauthorized host_suspended',
   'told why when he is suspended');
ok($rtmp->closed(4), 'and closed');

# a room whose record is gone goes on, but not with a host who is banned

host('h1', until => 0);

my $gone = Commerce::RTMP->new(port => port('RTMP'));
$gone->publish('demo?key=k');
like(said($gone->status(5)), qr/^Start/, 'live once more');
is(state()->{zone}{rooms}, 2, 'in one of two rooms');

redis()->call('DEL', 'commerce:{demo}');
redis()->call('PUBLISH', 'commerce:changed:{demo}', 1);
ok(wait_for(5, sub { state()->{zone}{rooms} == 1 }), 'whose record is deleted');
ok(!$gone->closed(1), 'he goes on');

host('h1', state => 'banned');
is(said($gone->status(5)), 'Unauthorized host_banned', 'until he is banned');

ok($other->running, 'the other host goes on');
ok(segments_after('other', 1), 'and is written');
$other->stop;

finish();
