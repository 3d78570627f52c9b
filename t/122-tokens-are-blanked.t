# What proves who watches is in no log and reaches no origin, and yet proves.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Commerce::Viewers;
use IO::Socket::INET;
use Test::More;

write_file(dir('root') . "/live/demo/$_", 'video') for qw(a.ts b.ts);
write_file(dir('root') . '/live/demo/sub/index.html', 'a page');
write_file(dir('root') . '/other/a.ts', 'video');

my $pair = dir() . '/pair.pem';

is(system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 " .
          "-nodes -subj /CN=localhost -keyout $pair -out $pair.crt " .
          "2>/dev/null && cat $pair.crt >> $pair"), 0, 'a certificate');

redis();
host('h1');
room('demo', host => 'h1', visibility => 'unlisted');

viewers(<<'CONF');
    log_format all escape=none '$request|$request_uri|$args|$arg_viewer|'
                               '$is_args$args|$http_referer|$query_string|'
                               '$request_filename|$status';
    error_log  %%DIR%%/errors.log info;

    server {
        listen %%PORT_ORIGIN%%;

        location / {
            add_header X-Asked $request_uri;
            add_header X-Referer $http_referer;
            return 200 "video";
        }
    }

    server {
        listen %%HTTP%%;
        listen %%PORT_H2%% ssl http2;
        ssl_certificate      %%DIR%%/pair.pem;
        ssl_certificate_key  %%DIR%%/pair.pem;
        root   %%DIR%%/root;
        access_log  %%DIR%%/access.log all;
        large_client_header_buffers 4 2k;

        commerce_room    demo;
        commerce_access  on;

        location /live/ { }

        location /proxied/ { proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%; }

        location /args/ {
            proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%$uri?$args;
        }

        location /ours/ {
            proxy_pass
                http://127.0.0.1:%%PORT_ORIGIN%%$uri$commerce_is_args$commerce_args;
        }

        location /dead/ { proxy_pass http://127.0.0.1:%%PORT_DEAD%%; }

        location /rewritten/ { rewrite ^/rewritten/(.*) /live/demo/$1 last; }
        location /path/ {
            commerce_access  off;
            rewrite ^/path/([^/]+)/(.*) /live/demo/$2?viewer=$1? last;
        }
        location /tried/ { try_files /none /live/demo/b.ts?$args; }
        location /named/ { try_files /none @named; }
        location @named { rewrite ^ /live/demo/a.ts break; }
        location /missing/ { error_page 404 =200 /live/demo/a.ts; }
        location /index/ { alias %%DIR%%/root/live/demo/sub/; }

        location /moved/ {
            commerce_access  off;
            return 302 https://example.com$request_uri;
        }

        location /variable/ {
            alias            %%DIR%%/root/live/demo/;
            commerce_viewer  $arg_viewer;
        }
    }

    server {
        listen %%PORT_OTHER%%;
        root   %%DIR%%/root;
        access_log  %%DIR%%/access.log all;

        location / { }
    }
CONF

my $token = viewer_token('demo', 'u42');
my $mac = (split /\./, $token)[4];
my $stars = '*' x length $token;
my $log = dir() . '/access.log';
my $logged = 0;

# The fields of the next request's line in the access log.

sub logged {
    my $lines = wait_for(5, sub {
        my @lines = split /\n/, read_file($log);
        @lines > $logged && \@lines
    }) or return;

    return split /\|/, $lines->[$logged++];
}

sub asks {
    my ($path, $what, %headers) = @_;
    my $answer = get($path, %headers);

    is($answer->{status}, 200, $what);

    return $answer;
}

asks("/live/demo/a.ts?a=b&viewer=$token&c=d", 'a segment',
     Referer => "http://localhost/page?viewer=$token&x=y");

my @fields = logged();

is($fields[0], "GET /live/demo/a.ts?a=b&viewer=$stars&c=d HTTP/1.1",
   '... its request line');
is($fields[1], "/live/demo/a.ts?a=b&viewer=$stars&c=d", '... $request_uri');
is($fields[2], "a=b&viewer=$stars&c=d", '... $args');
is($fields[3], $stars, '... $arg_viewer');
is($fields[4], "?a=b&viewer=$stars&c=d", '... $is_args$args');
is($fields[5], "http://localhost/page?viewer=$stars&x=y", '... Referer');

for my $path ("/rewritten/a.ts?viewer=$token", "/tried/x?viewer=$token",
              "/named/x?viewer=$token", "/missing/x?viewer=$token",
              "/index/?viewer=$token", "/variable/a.ts?viewer=$token",
              "/live/demo/a.ts?viewer=wrong&viewer=$token",
              "/live/demo/a.ts?viewer=" . $token =~ s/\./%2E/gr,
              "/live/demo/a.ts?VIEWER=$token#viewer=$token")
{
    asks($path, $path =~ s/\Q$token\E/TOKEN/gr);
    logged();
}

my $in_path = viewer_token('demo', 'u43');

asks("/path/$in_path/a.ts", 'one that a rewrite makes an argument');
logged();

is(get("/live/demo/a.ts?viewer=${token}x")->{status}, 403, 'one that is wrong');
is((logged())[2], "viewer=$stars*", '... is blanked, too');

is(get('/live/demo/a.ts?viewer=')->{status}, 401, 'an empty one');
is((logged())[2], 'viewer=', '... stays');

my $asked = asks("/proxied/a.ts?viewer=$token&a=b", 'an origin',
                 Referer => "/?viewer=$token");

is($asked->{headers}{'x-asked'}, "/proxied/a.ts?viewer=$stars&a=b",
   '... gets none');
is($asked->{headers}{'x-referer'}, "/?viewer=$stars", '... nor in a Referer');
logged();

$asked = asks("/args/a.ts?viewer=$token&a=b", 'an origin that is told $args');
is($asked->{headers}{'x-asked'}, "/args/a.ts?viewer=$stars&a=b",
   '... gets none');
logged();

$asked = asks("/ours/a.ts?viewer=$token&a=b",
              'one that is told $commerce_args');
is($asked->{headers}{'x-asked'}, '/ours/a.ts?a=b', '... gets the others');
logged();

$asked = asks("/ours/a.ts?viewer=$token", '... if there are none');
is($asked->{headers}{'x-asked'}, '/ours/a.ts', '... gets nothing');
logged();

is(get("/dead/a.ts?viewer=$token", Referer => "/?viewer=$token")->{status},
   502, 'an origin that is down');
logged();

# who is sent elsewhere takes it along

is(get("/moved/a.ts?viewer=$token")->{headers}{location},
   "https://example.com/moved/a.ts?viewer=$token", 'a redirect has the token');
logged();

like(get("/live/demo/sub?viewer=$token&a=b")->{headers}{location},
     qr{/live/demo/sub/\?viewer=\Q$token\E&a=b$}, '... and one to a folder');
logged();

# a server that asks for no proof has arguments of its own

is(http('GET', '/other/a.ts?viewer=1.2.3', port => port('OTHER'))->{status},
   200, 'another server');
is((logged())[2], 'viewer=1.2.3', '... is left alone');

# a cloud's

get('/live/demo/a.ts?txSecret=f85a2ab363fe4deaffef9754d79da6fe&txTime=5C27');
is((logged())[2], 'txSecret=' . '*' x 32 . '&txTime=5C27', 'a signed URL');

# what is refused while its header is read is logged all the same

my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . port('HTTP'))
    or die "connect: $!\n";

print $socket "GET /live/demo/a.ts?viewer=$token HTTP/1.1\r\n",
              "Host: localhost\r\nX: ", 'x' x 4000, "\r\n\r\n";
like(scalar <$socket>, qr{^HTTP/1.1 400}, 'a header that is too long');
close $socket;
like((logged())[0], qr/viewer=\Q$stars\E/, '... is logged without');

# HTTP/2: the second has the first one's in the table of its connection

my $h2 = 'https://127.0.0.1:' . port('H2') . "/live/demo/a.ts?viewer=$token";

is(`curl -sk -w '%{http_code}' --referer '/?viewer=$token' \\
    -o /dev/null '$h2' -o /dev/null '$h2'`, '200200', 'HTTP/2');

for (1 .. 2) {
    @fields = logged();
    is($fields[0], "GET /live/demo/a.ts?viewer=$stars HTTP/2.0",
       '... its request line');
    is($fields[1], "/live/demo/a.ts?viewer=$stars", '... $request_uri');
    is($fields[5], "/?viewer=$stars", '... Referer');
}

my $errors = read_file(dir() . '/errors.log');

like($errors, qr/request: "GET \/dead\/a\.ts\?viewer=\Q$stars\E HTTP/,
     'the error log has the request');
like($errors, qr/upstream: "http:[^"]*\?viewer=\Q$stars\E"/,
     '... the upstream');
like($errors, qr/referrer: "\/\?viewer=\Q$stars\E"/, '... the Referer');

$errors =~ s/^.* client sent too long header line.*\n//m;

unlike($errors, qr/\Q$mac\E/, 'the error log has no token');
unlike(read_file($log), qr/\Q$mac\E/, 'nor has the access log');

finish(qr/\Q$mac\E/);
