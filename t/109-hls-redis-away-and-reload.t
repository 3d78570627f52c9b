# A playlist is served whatever Redis and the operator do.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep);

my $conf = <<'CONF';
    server {
        listen         %%HTTP%%;
        root           %%DIR%%/root;
        commerce_room  $room;
        commerce_hls   on;
        commerce_hls_clock name;
    }
CONF

for my $room (qw(demo other late)) {
    write_file(dir('root') . "/live/$room/index.m3u8", listing(3));
}

my $redis = redis(append => 1);

room($_) for qw(demo other late);
pin($_, 5000, 'p-1') for qw(demo other late);

my $nginx = hls($conf);
my $path = '/live/demo/index.m3u8';

ok(cued($path, 'p-1'), 'a playlist with its cue');

my $tag = get($path)->{headers}{etag};

for my $n (1 .. 3) {
    ok($nginx->reload, 'reload');

    my %tags = map { get($path)->{headers}{etag} => 1 } 1 .. 10;

    is(join(' ', keys %tags), $tag, '... nothing has changed');
}

$redis->stop;

for (1 .. 10) {
    my $answer = get($path);

    is($answer->{status}, 200, 'Redis is away');
    is($answer->{headers}{etag}, $tag, '... the cues are known');
}

my $answer = get('/live/late/index.m3u8');
is($answer->{status}, 200, 'a room that was not known');
is($answer->{content}, listing(3), '... as it is');

ok($nginx->reload, 'reload with Redis away');
is(get($path)->{headers}{etag}, $tag, '... the cues are still known');

$redis->run;

ok(wait_for(10, sub { cues(get('/live/late/index.m3u8')->{content}) eq 'p-1' }),
   'Redis is back, and so are the cues');

pin('demo', 9000, 'p-2');
ok(cued($path, 'p-1 p-2'), 'a new cue arrives');

$redis->stall;

for (1 .. 5) {
    is(cues(get($path)->{content}), 'p-1 p-2', 'Redis hangs, cues are known');
}

$answer = get('/live/other/index.m3u8');
is($answer->{status}, 200, 'a room that is not known here');
is(plain($answer->{content}), listing(3), '... is served all the same');

$redis->resume;


# keys that are something else

$redis->call('DEL', 'commerce:{bad}', 'commerce:{bad}:cues');
$redis->call('SET', 'commerce:{bad}', 'text');
write_file(dir('root') . '/live/bad/index.m3u8', listing(3));
is(get('/live/bad/index.m3u8')->{content}, listing(3),
   'a room of another type: the playlist as it is');

room('odd');
$redis->call('SET', 'commerce:{odd}:cues', 'text');
write_file(dir('root') . '/live/odd/index.m3u8', listing(3));
$answer = get('/live/odd/index.m3u8');
is($answer->{status}, 200, 'cues of another type: a playlist');
is(plain($answer->{content}), listing(3), '... without any');

finish();
