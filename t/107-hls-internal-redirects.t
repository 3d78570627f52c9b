# Playlists that another location's handler leads to: what was put aside for
# one location is there again in the next.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;

write_file(dir('root') . "/live/demo/$_.m3u8", dated(3)) for qw(index off);
write_file(dir('root') . '/live/demo/sub.m3u8', dated(3));
utime 1000000000, 1000000000, glob dir('root') . '/live/demo/*.m3u8';

redis();
room('demo');
pin('demo', 5000, 'p-1');

hls(<<'CONF');
    log_format asked "$request_method $http_if_none_match";

    server {
        listen %%PORT_ORIGIN%%;

        location /accel/ {
            add_header X-Accel-Redirect /live/demo/index.m3u8;
            return 200;
        }

        location / {
            add_header X-Asked "$request_method $http_if_none_match$http_range";
            return 404;
        }
    }

    server {
        listen %%HTTP%%;
        root   %%DIR%%/root;
        commerce_room  demo;
        commerce_hls   on;

        location /live/ { }
        location /off/ { commerce_hls off; root %%DIR%%/root/live; }

        location /try/ { try_files $uri /live/demo/index.m3u8; }
        location /named/ { try_files $uri @live; }
        location @live { rewrite ^ /live/demo/index.m3u8 break; }
        location /rewrite/ { rewrite ^ /live/demo/index.m3u8 last; }
        location /missing/ { error_page 404 =200 /live/demo/index.m3u8; }
        location /status/ { error_page 404 /live/demo/index.m3u8; }
        location /text/ { error_page 404 =200 /said.m3u8; }
        location = /said.m3u8 { return 200 "said $http_range\n"; }
        location /proxied/ {
            proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%;
            proxy_intercept_errors on;
            error_page 404 =200 @off;
        }
        location @off {
            commerce_hls off;
            rewrite ^ /live/demo/off.m3u8 break;
        }
        location /accel/ { proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%; }
        location /ssi/ { ssi on; ssi_types *; }
        location /mirrored/ {
            alias       %%DIR%%/root/live/demo/;
            mirror      /mirror;
            access_log  %%DIR%%/mirrored.log asked;
        }
        location = /mirror {
            internal;
            proxy_pass  http://127.0.0.1:%%PORT_ORIGIN%%;
            access_log  off;
        }
        location /indexed/ { alias %%DIR%%/root/live/; index index.m3u8; }
    }
CONF

my $direct = get('/live/demo/index.m3u8');
my $tag = $direct->{headers}{etag};

is(cues($direct->{content}), 'p-1', 'a playlist');

for my $place (qw(try/x.m3u8 try/x named/x.m3u8 rewrite/x.m3u8 missing/x.m3u8
                  missing/x.ts accel/x.m3u8 accel/x indexed/demo/))
{
    my $answer = get("/$place");

    is($answer->{content}, $direct->{content}, "$place: the same");
    is($answer->{headers}{etag}, $tag, '... with its ETag');
    is(get("/$place", 'If-None-Match' => $tag)->{status}, 304,
       '... If-None-Match');
    is(get("/$place", Range => 'bytes=0-1')->{content}, $direct->{content},
       '... no range');

    $answer = head("/$place");
    is($answer->{headers}{'content-length'}, length $direct->{content},
       '... HEAD');
}

my $plain = get('/proxied/x.m3u8');

is($plain->{content}, dated(3), 'to a location where it is off: as it is');
like($plain->{headers}{etag}, qr/^"3b9aca00-/, '... with its own ETag');
is(get('/proxied/x.m3u8', 'If-None-Match' => $plain->{headers}{etag})
       ->{status}, 304, '... If-None-Match');
is(get('/proxied/x.m3u8', Range => 'bytes=0-6')->{content}, '#EXTM3U',
   '... a range');
is(head('/proxied/x.m3u8')->{status}, 200, '... HEAD');

is(get('/text/x.m3u8', Range => 'bytes=0-3')->{content},
   "said bytes=0-3\n",
   'to a text: the range is back');

my $answer = get('/status/x.m3u8');
is($answer->{status}, 404, 'an error page that is a playlist: its status');
is($answer->{content}, dated(3), '... and no cues');

write_file(dir('root') . '/ssi/x.html',
           '<!--#include virtual="/live/demo/sub.m3u8" -->');
is(get('/ssi/x.html')->{content}, dated(3), 'a subrequest is left alone');

is(head('/mirrored/index.m3u8', 'If-None-Match' => $tag)->{status}, 304,
   'a request that is mirrored');
ok(wait_for(5, sub { read_file(dir() . '/mirrored.log') ne '' }), '... is logged');
is(read_file(dir() . '/mirrored.log'), "HEAD $tag\n" =~ s/"/\\x22/gr,
   '... as it came');

finish();
