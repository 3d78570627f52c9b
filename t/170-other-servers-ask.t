# SRS, MediaMTX, OvenMediaEngine and other nginx ask who may publish and play.
# Their bodies are those of their own documentation, with names of ours.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Digest::SHA qw(hmac_sha1);
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use Test::More;

use constant KEY => '1234';

redis();
host('h1');
host('banned', state => 'banned');
room('demo', host => 'h1', key => sha('a-stream-key'));
room('hidden', host => 'h1', visibility => 'unlisted');
room('gone', host => 'banned', key => sha('a-stream-key'));

write_file(dir() . '/oven', KEY . "\n");
write_file(dir() . '/secret', SECRET . "\n");
chmod 0644, dir() . '/secret', dir() . '/oven';

nginx(<<'CONF', modules => 'http');
events { }

commerce {
    redis  unix:%%REDIS%%;
    ledger %%LEDGER%% 2m;
    zone   4m;
    secret %%DIR%%/secret;
}

http {
    access_log off;

    server {
        listen 127.0.0.1:%%HTTP%%;

        location = /srs      { commerce_auth srs; }
        location = /mediamtx { commerce_auth mediamtx; }
        location = /oven     { commerce_auth ovenmediaengine key_file=%%DIR%%/oven; }
        location = /rtmp     { commerce_auth nginx-rtmp; }
        location = /request {
            commerce_room $http_x_room;
            commerce_auth request;
        }

        location = /status { commerce_status; }

        location /asks/ {
            set $of $arg_of;
            auth_request /asked;
            alias %%DIR%%/nothing/;
        }

        location = /asked {
            internal;
            commerce_room $of;
            commerce_auth request;
        }
    }
}
CONF

my $token = token('demo', 'h1', 600);
my $viewer = viewer('r', 'hidden', 'u42');

sub asked {
    my ($path, $body, %headers) = @_;
    my $answer = http('POST', $path, body => $body,
                      headers => { 'Content-Type' => 'application/json', %headers });

    return "$answer->{status} " . ($answer->{content} // '') =~ s/\n$//r;
}

# trunk/conf/full.conf

sub srs {
    my ($action, $stream, $param) = @_;

    return asked('/srs', <<"BODY");
{
    "action": "$action",
    "client_id": "9308h583",
    "ip": "192.168.1.10", "vhost": "video.test.com", "app": "live",
    "stream": "$stream", "param":"$param", "server_id": "vid-werty",
    "stream_url": "video.test.com/live/$stream", "stream_id": "vid-124q9y3"
}
BODY
}

is(srs('on_publish', 'demo', '?key=a-stream-key&salt=yyy'), '200 {"code":0}',
   'SRS: a key');
is(srs('on_publish', 'demo', "?token=$token"), '200 {"code":0}', 'a token');
is(srs('on_publish', 'demo', '?key=another-key'),
   '200 {"code":403,"reason":"proof_wrong"}', 'a wrong key');
is(srs('on_publish', 'gone', '?key=a-stream-key'),
   '200 {"code":403,"reason":"host_banned"}', "a banned host's room");
is(srs('on_publish', '../x', '?key=a-stream-key'),
   '200 {"code":403,"reason":"bad_name"}', 'a bad name');
is(srs('on_play', 'demo', ''), '200 {"code":0}', 'a public room');
is(srs('on_play', 'hidden', ''), '200 {"code":403,"reason":"proof_missing"}',
   'an unlisted one');
is(srs('on_play', 'hidden', "?viewer=$viewer"), '200 {"code":0}',
   'with its token');
is(srs('on_unpublish', 'gone', ''), '200 {"code":0}', 'what is only told');

# docs, Authentication, External HTTP server

sub mediamtx {
    my ($action, $path, %more) = @_;
    my %fields = (user => '', password => '', token => '', query => '', %more);

    return (asked('/mediamtx', <<"BODY") =~ /^(\d+)(?:.*"reason":"(\w+)")?/)[0, 1];
{
  "user": "$fields{user}",
  "password": "$fields{password}",
  "token": "$fields{token}",
  "ip": "10.0.0.1",
  "action": "$action",
  "path": "$path",
  "protocol": "rtsp",
  "id": "0b5bfb30-39a5-4c5d-8d2d-93f0d5d2d3d3",
  "query": "$fields{query}"
}
BODY
}

is_deeply([mediamtx('publish', 'live/demo')], [401, 'proof_missing'],
          'MediaMTX: credentials are asked for');
is_deeply([mediamtx('publish', 'live/demo', user => 'x',
                    password => 'a-stream-key')], [204, undef],
          'a password that is the key');
is_deeply([mediamtx('publish', 'demo', token => $token)], [204, undef],
          'a token');
is_deeply([mediamtx('publish', 'demo', query => 'key=a-stream-key')],
          [204, undef], 'a key in the query');
is_deeply([mediamtx('publish', 'demo', password => 'another')],
          [403, 'proof_wrong'], 'a wrong password');
is_deeply([mediamtx('read', 'hidden', token => $viewer)], [204, undef],
          'a viewer with a token');
is_deeply([mediamtx('playback', 'hidden')], [401, 'proof_missing'],
          'and without one');
is_deeply([mediamtx('api', 'demo')], [400, 'body_wrong'],
          'the API is not for this door');

# docs/access-control/admission-webhooks.md

sub oven {
    my ($direction, $status, $url, $signature) = @_;
    my $body = <<"BODY";
{
  "client":
  {
    "address": "211.233.58.86",
    "port": 29291,
    "real_ip": "192.0.2.43",
    "user_agent": "Mozilla/5.0"
  },
  "request":
  {
    "direction": "$direction",
    "protocol": "webrtc",
    "status": "$status",
    "url": "$url",
    "time": "2021-05-12T13:45:00.000Z"
  }
}
BODY

    $signature //= encode_base64url(hmac_sha1($body, KEY));

    return asked('/oven', $body, 'X-OME-Signature' => $signature);
}

is(oven('incoming', 'opening', 'rtmp://host:1935/app/demo?key=a-stream-key'),
   '200 {"allowed":true,"reason":"allowed"}', 'OvenMediaEngine: a publisher');
is(oven('incoming', 'opening', 'rtmp://host:1935/app/demo?key=b'),
   '200 {"allowed":false,"reason":"proof_wrong"}', 'with a wrong key');
is(oven('outgoing', 'opening', "wss://host/app/hidden/file?viewer=$viewer&a=b"),
   '200 {"allowed":true,"reason":"allowed"}', 'a player');
is(oven('outgoing', 'opening', 'https://host/app/hidden/llhls.m3u8'),
   '200 {"allowed":false,"reason":"proof_missing"}', 'without a token');
is(oven('outgoing', 'closing', 'https://host/app/hidden/llhls.m3u8'),
   '200 {}', 'who leaves');
like(oven('incoming', 'opening', 'rtmp://host/app/demo?key=a-stream-key', 'x' x 27),
     qr/^403 .*"signature_wrong"/, 'a signature that is not the body\'s');
like(oven('incoming', 'opening', 'rtmp://host'), qr/^400 .*"body_wrong"/,
     'a URL without a stream');

# another nginx, by auth_request, here or there

is(http('GET', '/request', headers => { 'X-Room' => 'demo' })->{status}, 204,
   'auth_request: a public room');

my $refused = http('GET', '/request', headers => { 'X-Room' => 'hidden' });

is("$refused->{status} $refused->{headers}{'www-authenticate'}",
   '401 Bearer realm="hidden"', 'an unlisted one');
is(http('GET', '/request', headers => { 'X-Room' => 'hidden',
        Authorization => "Bearer $viewer" })->{status}, 204, 'with a token');

is(http('GET', '/asks/x?of=demo')->{status}, 404, 'asked: let in');
is(http('GET', '/asks/x?of=hidden')->{status}, 401, 'and not');

# forms, from the client's arguments on, are the client's

sub form {
    return asked('/rtmp', $_[0],
                 'Content-Type' => 'application/x-www-form-urlencoded');
}

my $own = 'app=live&flashver=x&swfurl=&tcurl=rtmp://h/live&pageurl=&addr=1.2.3.4'
          . '&clientid=1&call=publish&name=demo&type=live';

is(form("$own&key=a-stream-key"), '204 ', 'nginx-rtmp: a key');
like(form("$own&key=b"), qr/^403 /, 'a wrong one');
like(form("$own&key=b&call=publish_done"), qr/^400 .*"body_wrong"/,
     'a client that writes a field of the server');
like(form("$own&key=b&name=other"), qr/^400 /, 'or the name');
is(form('call=connect&app=live'), '204 ', 'what is only told');
like(form('app=live'), qr/^400 /, 'no call');

# bodies that are none

like(asked('/srs', '{"action": "on_publish", "action": "on_stop"}'),
     qr/^400 /, 'a member twice');
like(asked('/srs', '{"action": 1}'), qr/^400 /, 'one of a wrong type');
like(asked('/srs', '{"action": "on_play", "app": "live"}'), qr/^400 /,
     'one that is missing');
like(asked('/srs', '[]'), qr/^400 /, 'no object');
like(asked('/srs', '{'), qr/^400 /, 'no JSON');
like(asked('/srs', ''), qr/^400 /, 'nothing');
like(asked('/mediamtx', '{"action": "read", "path": ["a"]}'), qr/^400 /,
     'an array for a text');
like(asked('/oven', '{}', 'X-OME-Signature' => encode_base64url(hmac_sha1('{}', KEY))),
     qr/^400 /, 'no request');
like(asked('/srs', '{"action": "' . 'x' x 1_000_000 . '"}'), qr/^413 /,
     'a megabyte');
is(http('GET', '/srs')->{status}, 405, 'another method');

my $part = decode_json(http('GET', '/status')->{content})->{auth};

ok($part->{allowed} > 10 && $part->{refused}{proof_missing} > 3,
   'the status has what was answered');

my $log = log_text();

unlike($log, qr/a-stream-key|\Q$token\E|\Q$viewer\E/, 'no log has a proof');

finish();
