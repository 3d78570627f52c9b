# A playlist that comes in parts, or that other modules add to: its header is
# the first that a viewer gets, and what comes after the playlist is not lost.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use IO::Select;
use IO::Socket::INET;
use Test::More;

my $playlist = dated(9);

write_file(dir('root') . "/$_/demo/index.m3u8", $playlist)
    for qw(plain sliced small added before both ssi mirrored);
write_file(dir('root') . '/ssi/demo/index.m3u8',
           $playlist . "#<!--#include virtual=\"/word\" -->\n");

redis();
room('demo');
pin('demo', 5000, 'p-1');

nginx(<<'CONF', modules => 'http');
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;

events { }

commerce {
    redis  unix:%%REDIS%%;
    ledger %%LEDGER%% 1m;
}

http {
    access_log off;
    default_type text/plain;

    proxy_cache_path %%DIR%%/cache keys_zone=playlists:1m;
    proxy_http_version 1.1;

    server {
        listen %%PORT_ORIGIN%%;
        root   %%DIR%%/root;
    }

    server {
        listen  %%HTTP%%;
        listen  %%PORT_H2%% http2;
        root    %%DIR%%/root;

        commerce_room  demo;
        commerce_hls   on;

        location = /word { commerce_hls off; return 200 "WORD\n"; }
        location = /copy { internal; proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%; }

        location /plain/ { }

        location /sliced/ {
            slice             100;
            proxy_set_header  Range $slice_range;
            proxy_pass        http://127.0.0.1:%%PORT_ORIGIN%%;
        }

        location /cached/ {
            slice                  100;
            proxy_set_header       Range $slice_range;
            proxy_pass             http://127.0.0.1:%%PORT_ORIGIN%%/sliced/;
            proxy_cache            playlists;
            proxy_cache_key        $uri$slice_range;
            proxy_cache_valid      200 206 1m;
        }

        location /small/ {
            commerce_hls_max_size  150;
            slice                  100;
            proxy_set_header       Range $slice_range;
            proxy_pass             http://127.0.0.1:%%PORT_ORIGIN%%;
        }

        location /added/    { addition_types *; add_after_body /word; }
        location /before/   { addition_types *; add_before_body /word; }
        location /both/     { addition_types *; add_before_body /word;
                              add_after_body /word; }
        location /ssi/      { ssi on; ssi_types *; }
        location /mirrored/ { mirror /copy; }

        location /echoed/ {
            echo_location_async /sliced/demo/index.m3u8;
            echo_location_async /word;
        }

        location /words/ {
            commerce_hls_max_size 7;
            echo_location_async /word;
            echo_location_async /word;
        }
    }
}
CONF

ok(cued('/plain/demo/index.m3u8', 'p-1'), 'a cue');

my $plain = get('/plain/demo/index.m3u8');
my ($text, $tag) = ($plain->{content}, $plain->{headers}{etag});
my $word = "WORD\n";

# two requests on a connection: the second is read where the first has ended

sub twice {
    my ($path) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', Timeout => 5,
                                       PeerPort => port('HTTP'));

    print $socket "GET $path HTTP/1.1\r\nHost: x\r\n\r\n",
                  "GET /word HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    my $all = '';

    while (IO::Select->new($socket)->can_read(patience(5))) {
        sysread $socket, $all, 65536, length $all or last;
    }

    return "a wrong beginning: $all"
        if $all !~ s{\A(HTTP/1\.1 200 .*?\r\n\r\n)}{}s;

    my ($head, $body) = ($1, '');

    if ($head =~ /^Content-Length: (\d+)/mi) {
        $body = substr $all, 0, $1, '';

    } else {
        while ($all =~ s/\A([0-9a-f]+)\r\n//) {
            my $n = hex $1;

            $body .= substr $all, 0, $n, '';
            $all =~ s/\A\r\n// or last;
            last if $n == 0;
        }
    }

    return $all =~ m{\AHTTP/1\.1 200 .*\r\n\r\n\Q$word\E\z}s
           ? $body : "a wrong end: $all";
}

my %wanted = (
    plain    => $text,
    sliced   => $text,
    cached   => $text,
    small    => $playlist,
    added    => $text . $word,
    before   => $word . $text,
    both     => $word . $text . $word,
    ssi      => "$text#$word\n",
    mirrored => $text,
    echoed   => $playlist . $word,
    words    => $word . $word,
);

my $curl = 'curl -sS -m 10 --http2-prior-knowledge';
my $h2 = 'http://127.0.0.1:' . port('H2');

for my $place (sort keys %wanted) {
    my $path = "/$place/demo/index.m3u8";

    is(twice($path), $wanted{$place}, "$place") for 1, 2;
    is(`$curl $h2$path`, $wanted{$place}, '... over HTTP/2');
}

for my $place (qw(sliced cached)) {
    my $path = "/$place/demo/index.m3u8";
    my $head = head($path);

    is($head->{headers}{'content-length'}, length $text, "$place: HEAD");
    is(get($path, 'If-None-Match' => $tag)->{status}, 304, '... unchanged');
    is(get($path, 'If-None-Match' => '"x"')->{content}, $text, '... changed');
    is(get($path, 'If-Match' => '"x"')->{status}, 412, '... not it');
    is(get($path, 'Range' => 'bytes=0-9')->{content}, $text, '... no ranges');
}

finish();
