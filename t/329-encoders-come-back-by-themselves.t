# A refusal that passes by itself is told so that encoders try again: librtmp,
# which OBS uses, comes back to a stream only if it has started.  ffmpeg does
# with its fifo.  Over HTTP the same is a 503 that says when to come back.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

my $redis = redis();
host('h1');
room('demo', key => sha('k'));
room('closed', key => sha('k'), state => 'closed');

my $nginx = live(workers => 1, server => <<'SERVER');
        location ~ ^/rooms/(?<room>\w+)$ {
            commerce_room $room;
            commerce_shelf;
        }
        location /api/ {
            commerce_api;
        }
SERVER

$redis->stall;

# as OBS sees it

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
is(said($rtmp->status(5)), 'Later store_away', 'the stream starts');
is(said($rtmp->status(5)), 'NetStream.Failed store_away', 'and fails then');
$rtmp->send_flv(flv(2), 1900);
ok($rtmp->closed(5), 'it is disconnected');
is_deeply([segments('demo')], [], 'and nothing of it is written');

for my $path ('/rooms/demo', '/api/rooms/demo') {
    my $answer = http('GET', $path);

    is("$answer->{status} $answer->{headers}{'retry-after'}", '503 2',
       "$path says when to come back");
}

# as a person does it who has told ffmpeg not to give up

my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=k'), format => 'fifo',
    output => [
        qw(-map 0:v -map 1:a -c:v libx264 -preset ultrafast -tune zerolatency
           -pix_fmt yuv420p -g 30 -c:a aac -flags +global_header
           -fifo_format flv -drop_pkts_on_overflow 1
           -attempt_recovery 1 -recovery_wait_time 1)]);

ok(wait_for(20, sub { (() = log_text() =~ /refused: store_away/g) > 2 }),
   'ffmpeg is refused, and tries again');

$redis->resume;
ok(segments_after('demo', 2), 'until it is let in');
$ffmpeg->stop;

is(attempt('closed?key=k'), 'Unauthorized room_closed',
   'what a person has to change is an error');

$nginx->term;
finish();
