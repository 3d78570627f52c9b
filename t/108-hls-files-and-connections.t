# However nginx reads the file and whatever the connection, the answer is the
# same.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use IO::Socket::INET;
use Test::More;

# a small file, one of several buffers, and nothing

my %files = (small => dated(3), large => dated(9000), empty => '');

for my $name (keys %files) {
    write_file(dir('root') . "/$_/demo/$name.m3u8", $files{$name})
        for qw(plain cached direct threads sendfile buffers slow);
}

redis();
room('demo');
pin('demo', 5000, 'p-1');

hls(<<'CONF');
    open_file_cache_valid 1s;

    server {
        listen         %%HTTP%%;
        listen         %%PORT_H2%% http2;
        root           %%DIR%%/root;
        commerce_room  demo;
        commerce_hls   on;

        location /plain/    { }
        location /cached/   { open_file_cache max=10; open_file_cache_errors on; }
        location /direct/   { directio 512; }
        location /threads/  { aio threads; }
        location /sendfile/ { sendfile on; tcp_nopush on; aio threads; }
        location /buffers/  { output_buffers 2 512; postpone_output 4k; }
        location /slow/     { limit_rate 400k; sendfile on; }
    }
CONF

my %direct = map { $_ => get("/plain/demo/$_.m3u8") } keys %files;

is(cues($direct{$_}{content}), 'p-1', "$_: a cue") for qw(small large);
is($direct{empty}{content}, '', 'empty: nothing');
is($direct{empty}{status}, 200, '... is an answer, too');

for my $place (qw(cached direct threads sendfile buffers slow)) {
    for my $name (sort keys %files) {
        for my $time (1, 2) {
            my $path = "/$place/demo/$name.m3u8";
            my $answer = get($path);

            ok($answer->{content} eq $direct{$name}{content}, "$path, $time");

            next if $name eq 'empty';

            is($answer->{headers}{etag}, $direct{$name}{headers}{etag},
               '... its ETag');
            is(head($path)->{headers}{'content-length'},
               length $answer->{content}, '... HEAD');
        }
    }
}


# Requests that don't wait for each other's answers.

my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                   PeerPort => port('HTTP'), Timeout => 5);
my $tag = $direct{small}{headers}{etag};
my @requests = (
    ["GET /plain/demo/small.m3u8", '', 200],
    ["GET /plain/demo/small.m3u8", "If-None-Match: $tag\r\n", 304],
    ["HEAD /plain/demo/small.m3u8", '', 200],
    ["GET /plain/demo/small.m3u8", "If-Match: \"x\"\r\n", 412],
    ["HEAD /plain/demo/small.m3u8", "If-Match: \"x\"\r\n", 412],
    ["GET /plain/demo/empty.m3u8", '', 200],
    ["GET /plain/demo/small.m3u8", '', 200],
);

print $socket map { "$_->[0] HTTP/1.1\r\nHost: x\r\n$_->[1]\r\n" } @requests;
print $socket "GET /plain/demo/small.m3u8 HTTP/1.0\r\n\r\n";

my $text = do { local $/; <$socket> };

for my $request (@requests) {
    my ($status) = $text =~ s/\AHTTP\/1.1 (\d+).*?\r\n\r\n//s ? ($1, $&) : ();
    my ($length) = $& =~ /Content-Length: (\d+)/;

    is($status, $request->[2], "pipelined: $request->[0] $request->[1]");

    if ($request->[0] =~ /^GET/ && $status == 200) {
        substr $text, 0, $length, '';
    }
}

like($text, qr/\AHTTP\/1.1 200 .*\r\n\r\n\Q$direct{small}{content}\E\z/s,
     'and HTTP/1.0 at last');


# HTTP/2

SKIP: {
    my $curl = 'curl -sS -m 10 --http2-prior-knowledge -D -';
    my $url = 'http://127.0.0.1:' . port('H2') . '/plain/demo/small.m3u8';

    skip 'curl has no HTTP/2', 3 if `curl -V` !~ /HTTP2/;

    like(`$curl $url`, qr{\AHTTP/2 200.*\Q$direct{small}{content}\E\z}s,
         'HTTP/2');
    like(`$curl -H 'If-None-Match: $tag' $url`, qr{\AHTTP/2 304.*\r\n\r\n\z}s,
         '... If-None-Match');
    like(`$curl -I $url`, qr{\AHTTP/2 200.*content-length: \d+\r\n}s,
         '... HEAD');
}

finish();
