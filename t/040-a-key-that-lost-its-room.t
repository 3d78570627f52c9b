# A stream key that no longer leads to its room does so again, when the host
# publishes the room by its name.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', key => sha('s3cret-key-of-demo'));
live();

my $hint = 'commerce:key:{' . sha('s3cret-key-of-demo') . '}';

redis()->call('DEL', $hint);

my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=s3cret-key-of-demo'));

ok(wait_for(10, sub { (redis()->call('GET', $hint) // '') eq 'demo' }),
   'the key leads to the room');
is(redis()->call('PTTL', $hint), -1, 'for good');

$ffmpeg->stop;
ok(wait_for(5, sub { !redis()->call('EXISTS', 'commerce:{demo}:live') }),
   'the host leaves');

$ffmpeg = publish(url => rtmp_url('live', 's3cret-key-of-demo'));
ok(wait_for(10, sub { redis()->call('EXISTS', 'commerce:{demo}:live') }),
   'and comes back with the key as the name');
$ffmpeg->stop;

unlike(log_text(), qr/s3cret/, 'the key is not in the log');

finish();
