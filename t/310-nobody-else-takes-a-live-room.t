# Whoever does not prove to be the room's host is refused, and the host on
# air notices nothing.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
host('h2');
room('demo', key => sha('k'));
room('other', key => sha('k2'), host => 'h2');
live();

my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=k'));
ok(segments_after('demo', 2), 'the host is live');

my $claim = redis()->call('GET', 'commerce:{demo}:live');

is(attempt('demo?key=k2'), 'Unauthorized proof_wrong', "another host's key");
is(attempt('demo?token=' . token('demo', 'h2', 60)), 'Unauthorized proof_wrong',
   "another host's token");
is(attempt('demo'), 'Unauthorized proof_missing', 'no proof');

is(redis()->call('GET', 'commerce:{demo}:live'), $claim, 'the claim stands');
ok(segments_after('demo', 2), 'the host is written on');
ok($ffmpeg->running, 'without interruption');
$ffmpeg->stop;

finish();
