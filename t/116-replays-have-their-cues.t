# A playlist of any length has the cues of its own time, days later, however many
# the room had since: from what its shows have kept, hour by hour.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep time);

use constant HOUR => 3600000;

my @rooms = qw(demo proxied ended away fresh);

my $conf = <<'CONF';
    server {
        listen             %%HTTP%%;
        root               %%DIR%%/root;
        commerce_room      $room;
        commerce_hls       on;
        commerce_hls_clock name;

        location /proxied/ { proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%/files/; }
        location /status   { commerce_hls off; commerce_status; }
    }

    server {
        listen  %%PORT_ORIGIN%%;
        root    %%DIR%%/root;
    }
CONF

my $redis = redis(append => 1);

# segments of ten minutes from an instant on, as nginx-rtmp names them

sub stretch {
    my ($from, $until, $end) = @_;
    my $text = "#EXTM3U\n#EXT-X-TARGETDURATION:600\n";

    for (my $at = $from; $at < $until; $at += 600000) {
        $text .= sprintf "#EXTINF:600.000,\ncam-%d.ts\n", BASE + $at;
    }

    return $text . ($end ? "#EXT-X-ENDLIST\n" : '');
}

# three hours and a half, and what is of now

for my $room (@rooms) {
    write_file(dir('root') . "/$_/$room/index.m3u8",
               stretch(-HOUR / 2, 3 * HOUR, 0)) for qw(live files);
    write_file(dir('root') . "/ended/$room/index.m3u8",
               stretch(-HOUR / 2, 3 * HOUR, 1));
    write_file(dir('root') . "/one/$room/index.m3u8", stretch(HOUR, 2 * HOUR, 0));
    write_file(dir('root') . "/now/$room/index.m3u8",
               stretch(240 * HOUR + 120000, 241 * HOUR, 0));
}

# a show's cues: one each ten minutes, and at the hours' very ends

my %at = map { ($_ * 600000 + 1234 => "p$_") } -6 .. 20;

$at{HOUR()} = 'h1';
$at{2 * HOUR - 1} = 'h2';

my @at = sort { $a <=> $b } keys %at;

sub add {
    my ($room, $show, @cues) = @_;

    for my $cue (@cues) {
        my ($at, $product) = @$cue;

        $redis->call('XADD', "commerce:{$room}:cues", BASE + $at . '-0',
                     at => BASE + $at, show => $show,
                     $product ? (product => $product) : ());
    }

    told($room);
}

sub told {
    my $room = shift;

    $redis->call('PUBLISH', "commerce:changed:{$room}",
                 $redis->call('HINCRBY', "commerce:{$room}", 'version', 1));
}

sub kept { $redis->call('ZCARD', "commerce:{$_[0]}:$_[1]:cues") }

sub expected {
    my ($from, $until) = @_;
    my @inside = grep { $_ > $from && $_ < $until } @at;
    my ($before) = grep { $_ <= $from } reverse @at;

    return join ' ', map { $at{$_} } defined $before ? $before : (), @inside;
}

my $nginx = hls($conf);

for my $room (@rooms) {
    room($room, show => 1);
    $redis->call('HSET', "commerce:{$room}:shows", '1:started', BASE - HOUR);
    get("/live/$room/index.m3u8");
    add($room, 1, map { [$_, $at{$_}] } @at);
}

for my $room (@rooms) {
    ok(wait_for(10, sub { kept($room, 1) == @at }), "$room: the show keeps its cues");
    cued("/live/$room/index.m3u8", expected(-HOUR / 2, 3 * HOUR));
}

my $then = get('/ended/demo/index.m3u8')->{content};

is(cues($then), expected(-HOUR / 2, 3 * HOUR), 'a playlist while the room has its cues');

# three hundred later pins, of another show

for my $room (@rooms) {
    $redis->call('HSET', "commerce:{$room}:shows", '1:ended', BASE + 4 * HOUR,
                 '2:started', BASE + 240 * HOUR);
    $redis->call('HSET', "commerce:{$room}", 'show', 2);
    $redis->call('SET', "commerce:{$room}:live", 'x');
    add($room, 2, map { [240 * HOUR + $_ * 1000, "n$_"] } 1 .. 150);
    ok(wait_for(10, sub { kept($room, 2) == 150 }), "$room: half of those that follow");
    add($room, 2, map { [240 * HOUR + $_ * 1000, "n$_"] } 151 .. 300);
    ok(wait_for(10, sub { kept($room, 2) == 300 }), "$room: all of them");
}

ok(wait_for(5, sub { cues(get('/now/demo/index.m3u8')->{content}) =~ /n300$/ }),
   'what is of now has its cues');

is(cues(get('/live/demo/index.m3u8')->{content}), expected(-HOUR / 2, 3 * HOUR),
   'what is of then has its own, too');
is(get('/ended/demo/index.m3u8')->{content}, $then, 'to the byte');
is(cues(get('/one/demo/index.m3u8')->{content}), expected(HOUR, 2 * HOUR),
   'from the first instant of an hour to its last');
like(get('/status')->{content}, qr/"hours":\s*4\b/, 'four hours are held');

# an answer that was held back is one like others

my $answer = get('/proxied/proxied/index.m3u8');

is($answer->{status}, 200, 'of an origin');
is(cues($answer->{content}), expected(-HOUR / 2, 3 * HOUR), 'with its cues');

my $head = http('HEAD', '/ended/ended/index.m3u8');

is($head->{status}, 200, 'HEAD');
$answer = get('/ended/ended/index.m3u8');
is($head->{headers}{'content-length'} // length $answer->{content},
   length $answer->{content}, 'is as long');
is(cues($answer->{content}), expected(-HOUR / 2, 3 * HOUR), 'as GET, which has all');
is(http('GET', '/ended/ended/index.m3u8',
        headers => { 'If-None-Match' => $answer->{headers}{etag} })->{status},
   304, 'and has not changed');

# each worker, each time

my %texts = map { get('/live/demo/index.m3u8')->{content} => 1 } 1 .. 20;

is(keys %texts, 1, 'all workers say the same');

# loads are shared and few: what is past does not change

my ($loads) = get('/status')->{content} =~ /"loads":\s*(\d+)/;

get('/live/demo/index.m3u8') for 1 .. 50;
like(get('/status')->{content}, qr/"loads":\s*(?:$loads|@{[$loads + 1]}|@{[$loads + 2]})\b/,
     'nothing is loaded again');

# Redis goes away

$redis->stop;

is(cues(get('/live/demo/index.m3u8')->{content}), expected(-HOUR / 2, 3 * HOUR),
   'hours that are held are served on');

my $begun = time;

$answer = get('/live/away/index.m3u8');
is($answer->{status}, 200, 'others');
is(cues($answer->{content}), '', 'without cues');
cmp_ok(time - $begun, '<', 10, 'soon');

ok($nginx->reload, 'reload');
is(cues(get('/live/demo/index.m3u8')->{content}), expected(-HOUR / 2, 3 * HOUR),
   'what is held is still held');

$redis->run;
ok(cued('/live/away/index.m3u8', expected(-HOUR / 2, 3 * HOUR)),
   'Redis is back: all have their cues');

finish();
