# Cues in what origins send: with and without a length, cached, unbuffered,
# in bits, encoded, cut off.  The origins see no conditions.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use IO::Compress::Gzip qw(gzip);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

my $text = dated(40);
my $long = dated(3000);

gzip(\$text, \my $gzipped);

redis();
room('demo');
pin('demo', 5000, 'p-1');
pin('demo', 11999000, 'p-2');

my $origin = origin();

hls(<<'CONF');
    proxy_cache_path %%DIR%%/cache keys_zone=playlists:1m;
    upstream origin { server 127.0.0.1:%%PORT_ORIGIN%%; keepalive 2; }

    proxy_http_version 1.1;
    proxy_set_header Connection "";

    server {
        listen         %%HTTP%%;
        commerce_room  $room;
        commerce_hls   on;

        location /origin/ { proxy_pass http://origin; }

        location /unbuffered/ {
            proxy_pass http://origin;
            proxy_buffering off;
        }

        location /tight/ {
            proxy_pass http://origin;
            proxy_buffer_size 1k;
            proxy_buffers 2 1k;
            proxy_busy_buffers_size 1k;
            proxy_max_temp_file_size 0;
        }

        location /spooled/ {
            proxy_pass http://origin;
            proxy_buffer_size 1k;
            proxy_buffers 2 1k;
            proxy_busy_buffers_size 1k;
        }

        location /cached/ {
            proxy_pass http://origin;
            proxy_cache playlists;
            proxy_cache_valid 200 1m;
            add_header X-Cache $upstream_cache_status;
        }

        location /small/ {
            proxy_pass http://origin;
            commerce_hls_max_size 1k;
        }
    }
CONF

my $plain = $text =~ s/(?=^#EXTINF:4.000,\n1763841604000)/@{[line(1, 5, 'p-1')]}/mr;

sub line {
    my ($n, $second, $product) = @_;

    return sprintf '#EXT-X-DATERANGE:ID="demo-%d-1",' .
        'CLASS="nginx-commerce.product",START-DATE="2025-11-22T20:00:%02d.000Z"' .
        ',PLANNED-DURATION=86400,X-NGINX-COMMERCE-AT="%d",' .
        "X-NGINX-COMMERCE-PRODUCT=\"%s\"\n", $n, $second,
        BASE + 1000 * $second, $product;
}

for my $place (qw(origin unbuffered tight spooled cached)) {
    for my $kind (qw(length chunked bits close)) {
        my $path = "/$place/demo/$kind.m3u8";
        my $answer = get($path);

        is($answer->{status}, 200, $path);
        is($answer->{content}, $plain, '... with its cue');
        is($answer->{headers}{'content-length'}, length $plain,
           '... and its length');

        my $tag = $answer->{headers}{etag};
        like($tag, qr/^"[0-9a-f]{32}"$/, '... and an ETag of ours');
        is($answer->{headers}{'last-modified'}, undef, '... no Last-Modified');
        is($answer->{headers}{'accept-ranges'}, undef, '... no ranges');
        is($answer->{headers}{'content-digest'}, undef, '... no digest');
        is($answer->{headers}{'x-own'}, 'kept', '... the rest is kept');

        $answer = get($path, 'If-None-Match' => $tag, Range => 'bytes=0-1',
                      'If-Range' => $tag);
        is($answer->{status}, 304, '... If-None-Match');

        $answer = get($path, 'If-None-Match' => '"origin"',
                      'If-Modified-Since' => 'Sun, 09 Sep 2001 01:46:40 GMT',
                      Range => 'bytes=0-1', Accept => 'any/thing');
        is($answer->{status}, 200, "... another's");
        is($answer->{content}, $plain, '... whole');

        if ($place ne 'cached') {
            is($answer->{headers}{'x-asked'},
               'GET accept any/thing', '... and nobody told the origin');
        }

        $answer = head($path);
        is($answer->{status}, 200, '... HEAD');
        is($answer->{headers}{etag}, $tag, '... the same ETag');
        is($answer->{headers}{'content-length'}, length $plain,
           '... the same length');
    }
}

is(get('/cached/demo/length.m3u8')->{headers}{'x-cache'}, 'HIT',
   'proxy_cache is used');
is(cues(get('/cached/demo/length.m3u8')->{content}), 'p-1',
   '... and the cue is in its answers');

is(cues(get("/$_/demo/long.m3u8")->{content}), 'p-1 p-2',
   "a playlist of many buffers, $_")
    for qw(origin unbuffered tight spooled cached cached);


# What is passed on.

my $answer = get('/origin/demo/gzip.m3u8');
is($answer->{content}, $gzipped, 'an encoded playlist is passed on');
is($answer->{headers}{'content-encoding'}, 'gzip', '... as such');
is($answer->{headers}{etag}, '"origin"', "... with the origin's ETag");
is(get('/origin/demo/gzip.m3u8', 'If-None-Match' => '"origin"')->{status},
   304, '... and its conditions');
is(get('/origin/demo/gzip.m3u8', 'If-Match' => '"x"')->{status}, 412,
   '... all of them');
like(log_text(), qr/\[warn\].* without cues: it came with a Content-Enc/,
     '... with a warning');

for my $kind (qw(length chunked bits close)) {
    $answer = get("/small/demo/$kind.m3u8");
    is($answer->{content}, $text, "too large, $kind: passed on");
    is($answer->{headers}{etag}, '"origin"', "... with the origin's ETag");
    is($answer->{headers}{'last-modified'}, 'Sun, 09 Sep 2001 01:46:40 GMT',
       '... and time');
    is(get("/small/demo/$kind.m3u8", 'If-None-Match' => '"origin"')->{status},
       304, '... If-None-Match');
    is(head("/small/demo/$kind.m3u8")->{headers}{etag}, '"origin"',
       '... HEAD');
}

is(scalar(() = log_text() =~ /larger than commerce_hls_max_size/g),
   scalar(workers_that_said('larger than')), '... warned of once a process');

$answer = get('/origin/demo/error.m3u8');
is($answer->{status}, 503, 'an error is passed on');
is($answer->{content}, $text, '... with its body');

$answer = get('/origin/demo/html.m3u8');
is($answer->{content}, '<html>', 'what is no playlist is passed on');

is(get('/origin/demo/cut.m3u8')->{status}, 502,
   'an origin that dies half-way is a bad gateway');
is(get('/unbuffered/demo/cut.m3u8')->{status}, 502, '... unbuffered');
is(get('/origin/demo/empty.m3u8')->{content}, '', 'nothing stays nothing');

finish();

END {
    kill 'KILL', $origin if $origin;
}

sub workers_that_said {
    my ($log, $what) = (log_text(), shift);
    my %pids;

    $pids{$_} = 1 for $log =~ /\[warn\] (\d+)#.*\Q$what\E/g;

    return keys %pids;
}


# A server that answers each request as its path says.

sub origin {
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => port('ORIGIN'), Listen => 20, ReuseAddr => 1)
        or die "listen: $@";

    my $pid = fork;
    die "fork: $!" if !defined $pid;
    return $pid if $pid;

    undef $origin;

    $SIG{PIPE} = 'IGNORE';
    $SIG{CHLD} = 'IGNORE';
    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);

    while (1) {
        my $client = $listen->accept or next;

        if (fork == 0) {
            close $listen;
            1 while serve($client);
            POSIX::_exit(0);
        }

        close $client;
    }
}

sub serve {
    my $client = shift;
    my $head = '';

    while ($head !~ /\r\n\r\n/) {
        sysread($client, $head, 4096, length $head) or return 0;
    }

    my ($method, $kind) = $head =~ m{^(\S+) \S+/(\w+)\.m3u8 };
    my ($first, @asked) = split /\r\n/, lc $head;
    my $asked = join ' ', $method, map { tr/://dr }
                grep { !/^(?:host|connection|user-agent):/ } @asked;
    my $body = $kind eq 'long' ? $long : $kind eq 'gzip' ? $gzipped
               : $kind eq 'html' ? '<html>' : $kind eq 'empty' ? '' : $text;
    my $status = $kind eq 'error' ? '503 Busy' : '200 OK';
    my $out = "HTTP/1.1 $status\r\nContent-Type: application/x-mpegURL\r\n" .
              "ETag: \"origin\"\r\nX-Own: kept\r\nX-Asked: $asked\r\n" .
              "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n" .
              "Accept-Ranges: bytes\r\nContent-Digest: sha-256=:AAAA:\r\n";

    $out .= "Content-Encoding: gzip\r\n" if $kind eq 'gzip';

    if ($kind eq 'close') {
        print $client "${out}Connection: close\r\n\r\n$body";
        return 0;
    }

    if ($kind =~ /^(?:chunked|bits|cut)$/) {
        print $client "${out}Transfer-Encoding: chunked\r\n\r\n";
        $client->flush;

        for my $part (unpack $kind eq 'bits' ? '(a150)*' : '(a1000)*', $body) {
            printf $client "%x\r\n%s\r\n", length $part, $part;
            $client->flush;
            return 0 if $kind eq 'cut';
            sleep 0.005 if $kind eq 'bits';
        }

        print $client "0\r\n\r\n";

    } else {
        print $client $out, 'Content-Length: ', length $body, "\r\n\r\n",
              $body;
    }

    $client->flush;

    return 1;
}
