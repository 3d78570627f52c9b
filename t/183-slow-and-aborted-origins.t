# An origin that drips, stalls, dies half-way or answers in part: nobody gets
# half a playlist as if it were all.  Beside us stands the same nginx without:
# what passes is what that one gives.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Origin;
use Commerce::Scenario;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep);

my $text = dated(30);
my $large = dated(9000);

redis();
room('demo');
pin('demo', 5000, 'p-1');

# each by its name: the origin closes the connection when it has failed

my %failures = (
    drip => sub {
        my $client = shift;

        begin($client, 'Content-Length' => length $text);

        for (unpack '(a7)*', $text) {
            print $client $_;
            sleep 0.002;
        }

        return 1;
    },
    short => sub {
        my $client = shift;

        begin($client, 'Content-Length' => length $text);
        print $client substr $text, 0, 300;

        return 0;
    },
    chunk => sub {
        my $client = shift;

        begin($client, 'Transfer-Encoding' => 'chunked');
        printf $client "%x\r\n%s", length $text, substr $text, 0, 300;

        return 0;
    },
    header => sub {
        print { shift() } "HTTP/1.1 200 OK\r\nContent-Le";

        return 0;
    },
    nothing => sub { 0 },
    stall => sub {
        my $client = shift;

        begin($client, 'Content-Length' => length $text);
        print $client substr $text, 0, 300;
        sysread $client, my $end, 1;

        return 0;
    },
    large => sub {
        my $client = shift;

        begin($client, 'Content-Length' => length $large);
        print $client substr $large, 0, 100000;

        return 0;
    },
    unsized => sub {
        my $client = shift;

        begin($client, 'Transfer-Encoding' => 'chunked');
        printf $client "%x\r\n%s", length $large, substr $large, 0, 100000;

        return 0;
    },
    part => sub {
        my $client = shift;

        print $client "HTTP/1.1 206 Partial Content\r\n",
                      "Content-Type: application/x-mpegURL\r\n",
                      "Content-Range: bytes 0-299/", length $text,
                      "\r\nContent-Length: 300\r\n\r\n", substr $text, 0, 300;

        return 1;
    },
    right => sub { answer(shift, $text) },
);

Commerce::Origin->start(port('ORIGIN'), sub {
    my ($client, $path) = @_;

    return $failures{$path =~ s{.*/|\.m3u8$}{}gr}->($client);
});

my $locations = <<'CONF';
        location /buffered/ { proxy_pass http://origin; }

        location /unbuffered/ {
            proxy_pass       http://origin;
            proxy_buffering  off;
        }

        location /cached/ {
            proxy_pass         http://origin;
            proxy_cache        playlists;
            proxy_cache_valid  any 1m;
            proxy_cache_key    $server_port$uri;
        }
CONF

hls(<<"CONF");
    proxy_cache_path %%DIR%%/cache keys_zone=playlists:1m;
    upstream origin { server 127.0.0.1:%%PORT_ORIGIN%%; keepalive 2; }

    proxy_http_version 1.1;
    proxy_set_header   Connection "";
    proxy_read_timeout 1s;

    server {
        listen         %%HTTP%%;
        listen         127.0.0.1:%%PORT_H2%% http2;
        commerce_room  \$room;
        commerce_hls   on;
        commerce_hls_max_size  64k;
$locations
    }

    server {
        listen 127.0.0.1:%%PORT_WITHOUT%%;
        listen 127.0.0.1:%%PORT_WITHOUT_H2%% http2;
$locations
    }
CONF

my @places = qw(buffered unbuffered cached);

# what a viewer gets: status, whether it is complete by its own account, body

sub seen {
    my ($port, $path) = @_;
    my $out = dir() . '/body';
    my $head = dir() . '/head';
    my @h2 = $port =~ /H2/ ? '--http2-prior-knowledge' : ();

    system('curl', '-s', '-m', patience(10), @h2, '-D', $head, '-o', $out,
           'http://127.0.0.1:' . port($port) . $path);

    my $complete = $? == 0 ? 'complete' : 'cut';
    my ($status) = read_file($head) =~ /\AHTTP\S+ (\d+)/;
    my $body = -e $out ? read_file($out) : '';

    unlink $out, $head;

    return [$status, $complete, $body];
}

sub path {
    return "/$_[0]/demo/$_[1].m3u8";
}

ok(cued(path('buffered', 'right'), 'p-1'), 'a cue');

my $right = get(path('buffered', 'right'))->{content};

for my $place (@places) {

    for my $port ('HTTP', 'H2') {
        is_deeply(seen($port, path($place, 'drip')), [200, 'complete', $right],
                  "$place, $port: what drips comes whole");

        # nginx gives the half of it, and we can still say that it failed

        for my $kind (qw(short chunk)) {
            my $got = seen($port, path($place, $kind));

            is($got->[0], 502, "$kind: a bad gateway");
            is($got->[1], 'complete', '... with a body of its own');
            unlike($got->[2], qr/EXTINF/, '... and nothing of the playlist');
        }

        for my $kind (qw(header nothing part)) {
            is_deeply(seen($port, path($place, $kind)),
                      seen($port =~ s/HTTP/WITHOUT/r =~ s/^H2/WITHOUT_H2/r,
                           path($place, $kind)),
                      "$kind: as without us");
        }

        # too large to be held, so on its way when the origin dies

        for my $kind (qw(large unsized)) {
            my $got = seen($port, path($place, $kind));

            is_deeply([@$got[0, 1]], [200, 'cut'], "$kind: the viewer sees it");
            is($got->[2], substr($large, 0, length $got->[2]),
               '... and has the beginning, as it came');
        }
    }

    is(seen('HTTP', path($place, 'stall'))->[0], 502,
       'one that stalls is given up');
    is(cues(get(path($place, 'right'))->{content}), 'p-1',
       'and the next one is as always');
}

is(seen('HTTP', path('cached', 'short'))->[0], 502, 'no half one is kept');


# viewers who leave while it is held

for my $kind (qw(drip stall)) {

    for my $place (@places) {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                           PeerPort => port('HTTP'));

        print $socket "GET ", path($place, $kind),
                      "?leaves HTTP/1.1\r\nHost: x\r\n\r\n";
        sleep 0.05;
    }
}

is(cues(get(path($_, 'right'))->{content}), 'p-1', "$_: they have left")
    for @places;

finish();
