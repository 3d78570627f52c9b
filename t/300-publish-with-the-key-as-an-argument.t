# A host publishes under the room's public name, with the stream key as an
# argument; what is written bears the name alone.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', key => sha('s3cret'));
live();

my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=s3cret'));

ok(segments_after('demo', 2), 'segments are written');

is(http('GET', '/live/demo/index.m3u8')->{status}, 200, 'HLS is there');

my $record = record_of('demo');
is($record->{show}, 1, 'a show has begun');
ok(redis()->call('GET', 'commerce:{demo}:live'), 'the room is live');

my ($started) = events('publish_started', 1);
is($started->{room}, 'demo', 'the start is an event');
is($started->{host}, 'h1', 'of the host');

$ffmpeg->stop;

ok(wait_for(5, sub { !redis()->call('GET', 'commerce:{demo}:live') }),
   'at its end it is not live any more');
ok(redis()->call('HGET', 'commerce:{demo}:shows', '1:ended'),
   'and the show has ended');
my ($ended) = events('publish_ended', 1);
is($ended->{reason}, '', 'the end is an event, of itself');
is_deeply([glob dir('hls') . '/*'], [dir('hls') . '/demo'],
          'nothing bears another name');
unlike(log_text(), qr/s3cret/, 'the key is not in the log');

finish();
