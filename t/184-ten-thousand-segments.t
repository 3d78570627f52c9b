# A playlist of ten thousand segments gets its cues in time that grows as it
# does, from files and origins, over HTTP/2, for many at a time and for those
# that read slowly.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep);

use constant SEGMENTS => 10000;
use constant CUES => 100;
use constant TIMES => 10;

my %texts = (
    dated   => dated(SEGMENTS),
    named   => listing(SEGMENTS),
    shorter => listing(SEGMENTS / TIMES),
);

write_file(dir('root') . "/live/demo/$_.m3u8", $texts{$_}) for keys %texts;

# of a twentieth of the time each

my @pins = map { sprintf 'p-%d', $_ } 1 .. CUES;

redis();
room('demo');
pin('demo', $_ * 4000 * SEGMENTS / CUES / 2, "p-$_") for 1 .. CUES;

my ($key, $cert) = map { dir() . "/$_" } qw(key.pem cert.pem);

system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
       . "-subj /CN=localhost -keyout $key -out $cert 2>/dev/null") == 0
    or die "openssl\n";

my $node = hls(<<'CONF', workers => 1);
    ssl_certificate      %%DIR%%/cert.pem;
    ssl_certificate_key  %%DIR%%/key.pem;

    commerce_room       $room;
    commerce_hls_clock  name;

    server {
        listen  127.0.0.1:%%PORT_ORIGIN%%;
        root    %%DIR%%/root;
    }

    server {
        listen        %%HTTP%%;
        listen        127.0.0.1:%%PORT_H2%% ssl http2;
        root          %%DIR%%/root;
        commerce_hls  on;

        location /live/    { }
        location /proxied/ { proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%/live/; }
    }
CONF

ok(cued('/live/demo/dated.m3u8', "@pins"), 'all cues are there');

my %wanted;

for my $name (qw(dated named)) {
    $wanted{$name} = get("/live/demo/$name.m3u8")->{content};

    is(cues($wanted{$name}), "@pins", "$name: its cues");
    ok(plain($wanted{$name}) eq $texts{$name}, '... and the rest as it was');
    ok(get("/proxied/demo/$name.m3u8")->{content} eq $wanted{$name},
       '... from an origin, too');

    my $answer = get("/live/demo/$name.m3u8");
    my $tag = $answer->{headers}{etag};

    is($answer->{headers}{'content-length'}, length $wanted{$name},
       '... its length');
    is(get("/live/demo/$name.m3u8", 'If-None-Match' => $tag)->{status}, 304,
       '... it is revalidated');
}

is(scalar(() = $wanted{named} =~ /^#EXT-X-PROGRAM-DATE-TIME:/mg), SEGMENTS,
   'each segment has its date');


# The least of some times: others are disturbed by what else runs here.

sub cost {
    my ($path) = @_;
    my ($worker) = $node->workers;
    my $least = 1e18;

    for (1 .. 10) {
        my $before = cpu($worker);

        get($path);

        my $cost = cpu($worker) - $before;
        $least = $cost if $cost < $least;
    }

    return $least;
}

sub cpu {
    return (split ' ', read_file("/proc/$_[0]/schedstat"))[0];
}

cmp_ok(cost('/live/demo/named.m3u8'), '<',
       3 * TIMES * cost('/live/demo/shorter.m3u8'),
       'ten times as long is no more than some ten times the work');


# several at a time on one connection

my @files = map { dir() . "/h2-$_" } 0 .. 3;
my $url = 'https://127.0.0.1:' . port('H2');

is(system('curl', '-sS', '-Z', '-m', patience(30), '-k', '--http2',
          '--no-progress-meter',
          map { ('-o', $files[$_], $url . ($_ % 2 ? '/live' : '/proxied') .
                 '/demo/' . ($_ < 2 ? 'dated' : 'named') . '.m3u8') } 0 .. 3),
   0, 'four at a time over HTTP/2');

ok(read_file($files[$_]) eq $wanted{$_ < 2 ? 'dated' : 'named'},
   "... playlist $_") for 0 .. 3;


# one who reads slowly keeps what he was given while others get theirs

my $slow = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => port('HTTP'));

print $slow "GET /live/demo/named.m3u8 HTTP/1.0\r\n\r\n";
IO::Select->new($slow)->can_read(patience(10));

pin('demo', 4000 * SEGMENTS - 1000, 'p-last');
ok(cued('/live/demo/named.m3u8', "@pins p-last"), 'a pin meanwhile');

my $got = '';

while (IO::Select->new($slow)->can_read(patience(10))) {
    sysread $slow, $got, 20000, length $got or last;
}

ok($got =~ s/\A.*?\r\n\r\n//s && $got eq $wanted{named},
   'a slow reader has what he began with');

finish();
