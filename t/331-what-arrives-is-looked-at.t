# A publisher whose video HLS can't carry is noticed: in the log, the events,
# the room, the status; where that is wanted, he is disconnected.  Events say
# who he is and what he uses.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use JSON::PP;
use Test::More;

redis();
host('h1');
room($_, key => sha($_)) for qw(hevc audio silent late good strict);

my $conf = live_conf(application => 'commerce_publish_video 1s;',
                     server => <<'SERVER');
        location /api/ {
            commerce_api;
        }

        location = /status {
            commerce_status;
        }
SERVER
$conf =~ s/(application live)/application strict {
            live on;
            commerce_publish key;
            commerce_publish_video 1s refuse;
        }

        $1/;
my $nginx = nginx($conf, log => 'info', workers => 1);

sub publisher {
    my ($room, %options) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'),
                                   flashVer => 'FMLE/3.0 (camera)', %options);

    $rtmp->publish("$room?key=$room");
    like(said($rtmp->status(5)), qr/^Start/, "$room is published");

    return $rtmp;
}

sub media_of { decode_json(http('GET', "/api/rooms/$_[0]")->{content})->{media} }

sub no_video { decode_json(http('GET', '/status')->{content})->{publish}{no_video} }

# HEVC by Enhanced RTMP: a sequence header, then a keyframe; and AAC

my $hevc = publisher('hevc');
$hevc->data('onMetaData', { encoder => 'obs-output module' });
$hevc->message(4, 9, $_ * 40, ($_ ? "\x91" : "\x90") . 'hvc1' . 'x' x 40, 1)
    for 0 .. 3;
$hevc->message(4, 8, 0, "\xaf\x01" . 'x' x 40, 1);

ok(wait_for(5, sub { (media_of('hevc') // '') eq 'no_video' }), 'HEVC: the room says no_video');
like(log_text(), qr/\[warn\].*room "hevc" is published without a picture.*video "hvc1", audio "aac"/,
     'the log says what there is instead');

my ($event) = events('publish_no_video', 1);
is_deeply([@$event{qw(room host reason client encoder video audio)}],
          ['hevc', 'h1', 'no_video', '127.0.0.1', 'obs-output module', 'hvc1', 'aac'],
          'so does an event, with who and by what');
is(no_video(), 1, 'the status counts it');

my ($started) = grep { $_->{room} eq 'hevc' } events('publish_started', 1);
is("$started->{client} $started->{encoder}", '127.0.0.1 FMLE/3.0 (camera)',
   'that a publish began is told with client and encoder');

$hevc->leave;
ok(wait_for(5, sub { !defined media_of('hevc') }), 'when it ends nothing is wrong');

# audio alone; nothing at all; H.264 without what a decoder needs first

my $audio = publisher('audio');
$audio->message(4, 8, $_ * 40, "\xaf\x01" . 'x' x 40, 1) for 0 .. 3;
my $silent = publisher('silent');

ok(wait_for(5, sub { (media_of($_) // '') eq 'no_video' }), "$_: no_video")
    for qw(audio silent);
like(log_text(), qr/room "audio" is .*video "none", audio "aac"/, 'audio alone');
like(log_text(), qr/room "silent" is .*video "none", audio "none"/, 'nothing');

# what comes late, comes

my $late = publisher('late');
ok(wait_for(5, sub { (media_of('late') // '') eq 'no_video' }), 'late: no_video');
$late->send_flv(flv(2), 1900, pace => 2);
ok(wait_for(5, sub { !defined media_of('late') }), 'until there is a picture');
is(scalar(() = events('publish_video', 1)), 1, 'which is an event');

# what is right is told nobody

my $good = publisher('good');
$good->send_flv(flv(2), 1900, pace => 2);
ok(wait_for(5, sub { !$good->closed(2) }), 'good goes on');
is(media_of('good'), undef, 'nothing is wrong');
unlike(log_text(), qr/room "good" is published without/, 'nor in the log');

# where a picture is required

my $strict = publisher('strict', app => 'strict');
is(said($strict->status(5)), 'Unauthorized no_video', 'without one the stream is cut');
ok($strict->closed(5), 'and disconnected');
my ($ended) = grep { $_->{room} eq 'strict' } events('publish_ended', 1);
is($ended->{reason}, 'no_video', 'for that reason');

$_->leave for $audio, $silent, $late, $good;

$nginx->term;
finish();
