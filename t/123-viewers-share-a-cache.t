# A thousand viewers with tokens of their own fetch one segment through two
# edges: the origin is asked once by each, and whoever is put out gets nothing,
# however fresh the copy is.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Commerce::Viewers;
use IO::Socket::INET;
use Test::More;

use constant VIEWERS => 1000;

my $root = dir('root');

write_file("$root/live/demo/index.m3u8", dated(3));
write_file("$root/live/demo/" . (BASE + 4000 * $_) . '.ts', 'video' x 1000)
    for 0 .. 2;

redis();
host('h1');
room('demo', host => 'h1', visibility => 'unlisted');
write_secret(dir() . '/secret');

nginx(<<'CONF', modules => 'none', name => 'origin');
events { }
http {
    log_format asked "$request_uri";
    server {
        listen      %%PORT_ORIGIN%%;
        root        %%DIR%%/root;
        access_log  %%DIR%%/asked.log asked;
    }
}
CONF

for my $edge (qw(one two)) {
    my $port = '%%PORT_' . uc($edge) . '%%';

    nginx(<<"CONF", modules => 'http', name => $edge);
events { }

commerce {
    redis   unix:%%REDIS%%;
    ledger  %%DIR%%/ledger-$edge 1m;
    secret  %%DIR%%/secret;
}

http {
    log_format status "\$upstream_cache_status \$status";
    access_log %%DIR%%/$edge.log status;

    proxy_cache_path %%DIR%%/cache-$edge keys_zone=segments:1m;

    server {
        listen $port;

        location ~ "^/live/(?<room>[a-z0-9][\\w-]{0,63})/" {
            commerce_room       \$room;
            commerce_access     on;
            commerce_hls        on;
            commerce_hls_token  on;

            proxy_pass
                http://127.0.0.1:%%PORT_ORIGIN%%\$uri\$commerce_is_args\$commerce_args;
            proxy_cache         segments;
            proxy_cache_key     \$uri\$commerce_is_args\$commerce_args;
            proxy_cache_valid   200 1h;
            proxy_cache_lock    on;
            proxy_cache_lock_timeout 60s;
            add_header          X-Cache \$upstream_cache_status always;
        }
    }
}
CONF
}

sub at {
    my ($edge, $path) = @_;

    return http('GET', $path, port => port(uc $edge));
}

# All requests on one connection, one after another: their statuses.

sub statuses {
    my ($edge, @paths) = @_;
    my %statuses;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:'
                                                   . port(uc $edge))
        or die "connect: $!\n";

    while (my @some = splice @paths, 0, 50) {
        print $socket map { "GET $_ HTTP/1.1\r\nHost: localhost\r\n\r\n" }
                      @some;

        for (@some) {
            my ($status) = (<$socket> // '') =~ m{^HTTP/1.1 (\d+)} or last;
            my $length = 0;

            while (defined(my $line = <$socket>)) {
                $length = $1 if $line =~ /^Content-Length: (\d+)/i;
                last if $line eq "\r\n";
            }

            read($socket, my $body, $length);
            $statuses{$status}++;
        }
    }

    return \%statuses;
}

my $first = BASE;
my $path = "/live/demo/$first.ts";
my $playlist = '/live/demo/index.m3u8';
my @tokens = map { viewer_token('demo', "u$_") } 1 .. VIEWERS;
my %own;

for my $edge (qw(one two)) {
    my $lists = statuses($edge, map { "$playlist?viewer=$_" } @tokens[0 .. 99]);

    is_deeply($lists, { 200 => 100 }, "$edge: playlists of a hundred viewers");

    # segments as playlists name them, by the sessions in them

    for my $viewer (1 .. 3) {
        my $text = at($edge, "$playlist?viewer=$tokens[$viewer - 1]")->{content};
        my ($segment) = $text =~ /^(\d+\.ts\?viewer=s\.\S+)$/m;

        is(at($edge, "/live/demo/$segment")->{status}, 200,
           "... a segment of viewer $viewer");
        $own{$viewer} ||= $segment;
        is($segment, $own{$viewer}, '... with the same address everywhere');
    }

    my $got = statuses($edge, map { "$path?viewer=$_" } @tokens);

    is_deeply($got, { 200 => VIEWERS }, '... a segment for a thousand');
}

my @asked = split /\n/, read_file(dir() . '/asked.log');

is_deeply([sort @asked], [$path, $path, $playlist, $playlist],
          'the origin is asked once by each edge, and for nobody');

my $wrong = viewer_token('demo', 'u1', secret => 'another secret than theirs');

is(at('one', $path)->{status}, 401, 'nobody gets the copy');
is(at('one', "$path?viewer=$wrong")->{status}, 403,
   '... nor who proves nothing');

my $hit = at('one', "$path?viewer=$tokens[0]");

is($hit->{headers}{'x-cache'}, 'HIT', 'it is in the cache');

# banned; signed out

my $now = int(1000 * Time::HiRes::time());
my $out = 'commerce:{demo}:out';

redis()->call('HSET', $out, 'b:u1', 0, 's:u2', $now);
redis()->call('PUBLISH', 'commerce:changed:out:{demo}',
              redis()->call('HINCRBY', $out, 'version', 1));

for my $edge (qw(one two)) {

    for my $viewer (1, 2) {
        my $token = $tokens[$viewer - 1];

        ok(wait_for(5, sub {
            at($edge, "$path?viewer=$token")->{status} == 403
        }), "$edge: viewer $viewer is out of the segment");

        is(at($edge, "$playlist?viewer=$token")->{status}, 403,
           '... of the playlist');
        is(at($edge, "/live/demo/$own{$viewer}")->{status}, 403,
           '... and of what it listed');
    }

    is(at($edge, "$path?viewer=$tokens[2]")->{headers}{'x-cache'}, 'HIT',
       '... and the others have the copy');
}

my $later = viewer_token('demo', 'u2', issued => $now + 1);

is(at('one', "$path?viewer=$later")->{status}, 200,
   'who was signed out comes back with a later token');

is(() = read_file(dir() . '/asked.log') =~ /\n/g, 4,
   'the origin was asked for nothing more');

finish(qr/\Q$tokens[0]\E|\Q$tokens[-1]\E/);
