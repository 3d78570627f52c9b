# A playlist that is compressed can't get cues: origins are not told that
# viewers take such, what comes even so passes as it came, and nginx compresses
# afterwards.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Origin;
use Commerce::Scenario;
use IO::Compress::Gzip qw(gzip);
use IO::Uncompress::Gunzip qw(gunzip);
use JSON::PP qw(decode_json);
use Test::More;

my $text = dated(30);

gzip(\$text, \my $gzipped);

# what no filter of nginx reads

my %bodies = (gzip => $gzipped, br => "\x0b\x02br", zstd => "\x28\xb5\x2f\xfd");

write_file(dir('root') . "/$_/demo/index.m3u8", $text)
    for qw(asked files gzip);
write_file(dir('root') . "/$_/demo/index.m3u8.gz", $gzipped)
    for qw(files always);

redis();
room('demo');
pin('demo', 5000, 'p-1');

Commerce::Origin->start(port('ALWAYS'), sub {
    my ($client, $path) = @_;
    my ($encoding) = $path =~ m{/(\w+)\.m3u8$};

    return answer($client, $bodies{$encoding}, ETag => '"origin"',
                  'Content-Type' => 'application/vnd.apple.mpegurl',
                  'Content-Encoding' => $encoding, Vary => 'Accept-Encoding');
});

hls(<<'CONF');
    gzip_types  *;
    gzip_vary   on;

    proxy_cache_path %%DIR%%/cache keys_zone=playlists:1m;
    proxy_http_version 1.1;

    server {
        listen           %%PORT_ASKED%%;
        root             %%DIR%%/root;
        gzip             on;
        gzip_min_length  1;
        gzip_proxied     any;
        add_header       X-Accepts "takes:$http_accept_encoding";
    }

    server {
        listen         %%HTTP%%;
        root           %%DIR%%/root;
        commerce_room  $room;
        commerce_hls   on;

        location /asked/ { proxy_pass http://127.0.0.1:%%PORT_ASKED%%; }

        location /cached/ {
            proxy_pass         http://127.0.0.1:%%PORT_ASKED%%/asked/;
            proxy_cache        playlists;
            proxy_cache_valid  200 1m;
        }

        location /files/  { gzip_static on; }
        location /gzip/   { gzip on; gzip_min_length 1; }
        location /always/ { gzip_static always; gunzip on; }

        location /origin/ { proxy_pass http://127.0.0.1:%%PORT_ALWAYS%%; }
        location /gunzip/ {
            proxy_pass  http://127.0.0.1:%%PORT_ALWAYS%%;
            gunzip      on;
        }

        location /status { commerce_status; }
    }
CONF

my @takes = ('Accept-Encoding' => 'gzip, br, zstd');
my $path = '/demo/index.m3u8';

sub encoded {
    my $status = decode_json(get('/status')->{content})->{playlists};
    my ($row) = grep { $_->{room} eq 'demo' && $_->{reason} eq 'encoded' }
                @{$status->{passed}};

    return [$status->{encoded}, $row ? $row->{count} : 0];
}

ok(cued("/asked$path", 'p-1'), 'a cue');

my $plain = get("/asked$path")->{content};


# Those that compress if they may.

for my $place (qw(asked cached cached files)) {
    my $answer = get("/$place$path", @takes);

    is($answer->{content}, $plain, "$place: plain, with its cue");
    is($answer->{headers}{'content-encoding'}, undef, '... and it says so');
    is($answer->{headers}{'content-length'}, length $plain, '... its length');
}

is(get("/asked$path", @takes)->{headers}{'x-accepts'}, 'takes:',
   'the origin is not told');
is_deeply(encoded(), [0, 0], 'nothing has passed');


# nginx compresses what we have written.

my $answer = get("/gzip$path", @takes);

is($answer->{headers}{'content-encoding'}, 'gzip', 'gzip on: compressed');
gunzip(\$answer->{content}, \my $unzipped);
is($unzipped, $plain, '... with the cue');

my $tag = $answer->{headers}{etag};

like($tag, qr{^W/"[0-9a-f]{32}"$}, '... and a weak ETag');
is(get("/gzip$path", @takes, 'If-None-Match' => $tag)->{status}, 304,
   '... by which it is revalidated');
is(get("/gzip$path")->{content}, $plain, 'plain for others');
is(get("/gzip$path", 'If-None-Match' => $tag)->{status}, 304,
   '... of whom it is the same');


# Those that always do.

for my $encoding (sort keys %bodies) {
    my $before = encoded();

    for my $headers ([], \@takes) {
        my $answer = get("/origin/demo/$encoding.m3u8", @$headers);

        is($answer->{content}, $bodies{$encoding}, "$encoding: as it came");
        is($answer->{headers}{'content-encoding'}, $encoding, '... as such');
        is($answer->{headers}{etag}, '"origin"', "... the origin's ETag");
        is(get("/origin/demo/$encoding.m3u8", 'If-None-Match' => '"origin"')
           ->{status}, 304, '... and conditions');
    }

    is_deeply(encoded(), [map { $_ + 4 } @$before],
              '... counted, of its room, too');
}

# gunzip comes after us: whoever takes no gzip gets what came, unpacked

for my $place ('/gunzip/demo/gzip.m3u8', "/always$path") {
    my $before = encoded();
    my $answer = get($place);

    is($answer->{content}, $text, "$place: gunzip unpacks, without cues");
    is($answer->{headers}{'content-encoding'}, undef, '... and says so');

    $answer = get($place, @takes);
    is($answer->{content}, $gzipped, '... for whom it has to');
    is_deeply(encoded(), [map { $_ + 2 } @$before], '... counted');
}

like(log_text(), qr/\[warn\].* room "demo" .* came with a Content-Encoding/,
     'said in the log');

finish();
