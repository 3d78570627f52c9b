# A playlist of the past waits for its cues while Redis takes its time, over any
# protocol, in parts or not; who leaves meanwhile holds up nobody.  Dates of then
# are closed over the host's gaps of then.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

use constant HOUR => 3600000;

my $conf = <<'CONF';
    server {
        listen             %%HTTP%%;
        listen             %%PORT_H2%% http2;
        root               %%DIR%%/root;
        commerce_room      $room;
        commerce_hls       on;
        commerce_hls_clock name;

        location /proxied/ { proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%/live/; }
        location /status   { commerce_hls off; commerce_status; }
    }

    server {
        listen  %%PORT_ORIGIN%%;
        root    %%DIR%%/root;
    }
CONF

my $redis = redis();
my @rooms = map { "r$_" } 0 .. 5;

sub told {
    my $room = shift;

    $redis->call('PUBLISH', "commerce:changed:{$room}",
                 $redis->call('HINCRBY', "commerce:{$room}", 'version', 1));
}

# what a show kept long ago, and what the room has now

sub member {
    my ($at, $product) = @_;

    return sprintf '{"id":"%d-0","at":%d,"show":1%s}', $at, $at,
                   $product ? qq(,"product":"$product") : '';
}

for my $room (@rooms) {
    room($room, show => 2);
    $redis->call('HSET', "commerce:{$room}:shows", '1:started', BASE - HOUR, '1:ended',
                 BASE + HOUR, '2:started', BASE + 9 * HOUR);
    $redis->call('ZADD', "commerce:{$room}:1:cues", BASE + $_ * 1000,
                 member(BASE + $_ * 1000, "p$_")) for 1, 5;
    $redis->call('XADD', "commerce:{$room}:cues", BASE + 9 * HOUR + $_ * 1000 . '-0',
                 at => BASE + 9 * HOUR + $_ * 1000, show => 2, product => "n$_")
        for 1 .. 200;
    write_file(dir('root') . "/live/$room/index.m3u8", listing(3));
}

my $nginx = hls($conf);

# asks, and does not wait for the answer

sub ask {
    my ($path) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => port('HTTP'))
        or die "cannot connect: $!\n";

    print $socket "GET $path HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n";
    $socket->flush;

    return $socket;
}

sub answer {
    my $socket = shift;

    return do { local $/; <$socket> };
}

# the rooms are known, their hours are not

get("/live/$_/none.m3u8") for @rooms;
is(get("/live/$_/none.m3u8")->{status}, 404, "$_ is known") for @rooms;

$redis->stall;

my $stays = ask('/live/r0/index.m3u8');
my $joins = ask('/live/r0/index.m3u8');
my $proxied = ask('/proxied/r1/index.m3u8');
my $leaves = ask('/live/r2/index.m3u8');

sleep 0.2;
close $leaves;

is(get('/live/none.m3u8')->{status}, 404, 'others are answered meanwhile');
$redis->resume;

like(answer($stays), qr/200 OK.*PRODUCT="p1".*PRODUCT="p5".*$/s, 'it has waited');
like(answer($joins), qr/200 OK.*PRODUCT="p1".*PRODUCT="p5".*$/s, 'so has another');
like(answer($proxied), qr/200 OK.*PRODUCT="p1".*PRODUCT="p5".*$/s, 'of an origin, too');
is(cues(get('/live/r2/index.m3u8')->{content}), 'p1 p5', 'who left holds up nobody');

SKIP: {
    skip 'no curl', 1 if !-x '/usr/bin/curl';

    my $text = qx(curl -s --http2-prior-knowledge http://127.0.0.1:@{[port('H2')]}/live/r3/index.m3u8);

    is(cues($text), 'p1 p5', 'over HTTP/2');
}

# longer than Redis may take

$redis->stall;

my $begun = time;
my $late = get('/live/r4/index.m3u8');

is($late->{status}, 200, 'Redis does not answer');
is(plain($late->{content}) =~ s/^#NGINX-COMMERCE-DATES\n//mr, listing(3),
   'the playlist goes without cues');
unlike($late->{content}, qr/DATERANGE/, 'without any');
cmp_ok(time - $begun, '<', 8, 'soon');
$redis->resume;
ok(wait_for(10, sub { cues(get('/live/r4/index.m3u8')->{content}) eq 'p1 p5' }),
   'and has them when it does');

# forty periods, each with a gap of a minute before it, of which the room has
# the last ones

$redis->call('ZADD', 'commerce:{r5}:periods', BASE + $_ * 360000,
             join ' ', $_, (BASE + $_ * 360000) x 3, $_ * 60000, 33) for 0 .. 39;
told('r5');

write_file(dir('root') . '/live/r5/index.m3u8',
           "#EXTM3U\n#EXT-X-TARGETDURATION:10\n" .
           join "#EXT-X-DISCONTINUITY\n",
           map { sprintf "#EXTINF:10.000,\n%d.ts\n", BASE + $_ * 360000 } 0 .. 2);
$redis->call('ZADD', 'commerce:{r5}:1:cues', BASE + 722000, member(BASE + 722000, 'p9'));

my $text;

ok(wait_for(5, sub {
    $text = get('/live/r5/index.m3u8')->{content};
    $text =~ /20:10:00\.000Z/
}), 'dates go on over the gaps of then') or diag($text);
like($text, qr/DATE-TIME:2025-11-22T20:00:00\.000Z.*DATE-TIME:2025-11-22T20:05:00\.000Z
              .*DATE-TIME:2025-11-22T20:10:00\.000Z/xs, 'each by its own');
like($text, qr/START-DATE="2025-11-22T20:10:02\.000Z".*PRODUCT="p9"/, 'cues with them');

# old workers end what they began

$redis->stall;

$stays = ask('/live/r0/index.m3u8');
$nginx->reload;
$redis->resume;
like(answer($stays), qr/200 OK.*PRODUCT="p5"/s, 'over a reload');

finish();
