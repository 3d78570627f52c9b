# Who comes by a cloud's signed URL is nobody in particular; the playlist that
# he gets carries a session, by which he gets segments, and by which he is put
# out.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Scenario;
use Digest::MD5 qw(md5_hex);
use Test::More;

use constant PLAY => 'e12c46f2612d5106e2034781ab261ca3';

my $hls = dir('live');

mkdir "$hls/demo";
write_file("$hls/demo/index.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:6\n"
                                   . "#EXTINF:6,\n1.ts\n#EXTINF:6,\n2.ts\n");
write_file("$hls/demo/$_.ts", "segment $_\n") for 1, 2;
write_file(dir() . '/play', PLAY . "\n");
write_file(dir() . '/secret', "a secret of the tests, long enough\n");
chmod 0755, "$hls/demo";
chmod 0644, glob("$hls/demo/*"), map { dir() . "/$_" } qw(play secret);

redis();
host('h1');
room('demo', visibility => 'unlisted');

nginx(<<'CONF', modules => 'http');
events { }

commerce {
    redis      unix:%%REDIS%%;
    ledger     %%LEDGER%% 2m;
    zone       4m;
    secret     %%DIR%%/secret;
    signed_url aliyun play %%DIR%%/play validity=1m;
}

http {
    access_log off;

    server {
        listen 127.0.0.1:%%HTTP%%;
        root   %%DIR%%;

        location ~ "^/live/(?<room>[a-z]+)/" {
            commerce_room       $room;
            commerce_access     on;
            commerce_hls        on;
            commerce_hls_token  on;
        }
    }
}
CONF

sub get { return http('GET', '/live/demo/' . shift) }

my $time = time;
my $url = "index.m3u8?auth_key=$time-0-0-"
          . md5_hex("/live/demo.m3u8-$time-0-0-" . PLAY);

my $answer = get($url);

is($answer->{status}, 200, 'the playlist, by a signed URL');

my @segments = $answer->{content} =~ /^(\d\.ts\?viewer=\S+)$/mg;

is(@segments, 2, 'what it lists has a session');
unlike($answer->{content}, qr/auth_key/, 'and nothing that signs the URL');

my ($viewer) = $segments[0] =~ /viewer=s\.\d+\.\d+\.(~[\w-]{22})\./;

ok($viewer, 'of somebody whom the edge named');
is(get($segments[0])->{content}, "segment 1\n", 'a segment comes by it');
is(get('1.ts')->{status}, 401, 'and not without');
is(get($url)->{content}, $answer->{content}, 'the next playlist has the same');

redis()->line("HSET commerce:{demo}:out b:$viewer 0 version 1");
redis()->line('PUBLISH commerce:changed:out:{demo} 1');

ok(wait_for(5, sub { get($segments[0])->{status} == 403 }),
   'he is put out by his name');
like(get($segments[1])->{content}, qr/viewer_banned/, 'and told so');
like(get($url)->{content}, qr/viewer_banned/, 'by the URL, too');

redis()->line("HDEL commerce:{demo}:out b:$viewer");
redis()->line('HSET commerce:{demo}:out s:* ' . (time + 5) . '000 version 2');
redis()->line('PUBLISH commerce:changed:out:{demo} 2');

ok(wait_for(5, sub { get($url)->{content} =~ /viewer_signed_out/ }),
   'everybody is signed out who was seen before');

finish();
