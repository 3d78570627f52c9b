# commerce_shelf's ETag: the same answer has the same tag, on every node, and
# is not sent twice.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Test::More;

redis();
room('demo', title => 'A');
product('tea', link => 'http://s.example/');
redis()->line('ZADD commerce:{demo}:shelf 1 tea');

my $conf = <<'CONF';
commerce {
    redis   unix:%%REDIS%%;
    node    %%NAME%%;
    ledger  %%LEDGER%%-%%NAME%% 1m;
}
events { }
http {
    gzip on;
    gzip_types application/json;
    gzip_min_length 10;
    server {
        listen 127.0.0.1:%%PORT_NAME%%;
        location ~ ^/rooms/(?<room>[^/]+)$ {
            commerce_room  $room;
            commerce_shelf;
        }
    }
}
CONF

for my $name (qw(east west)) {
    (my $own = $conf) =~ s/%%NAME%%/$name/g;
    $own =~ s{PORT_NAME}{'PORT_' . uc $name}e;
    nginx($own, modules => 'http', name => $name);
}

sub get {
    my ($method, $node, %headers) = @_;

    return http($method, '/rooms/demo', port => port($node),
                headers => \%headers);
}

my $first = get('GET', 'EAST');
my $etag = $first->{headers}{etag};

is($first->{status}, 200, 'the shelf');
like($etag, qr/^"[0-9a-f]{32}"$/, 'its tag');
ok(!exists $first->{headers}{'last-modified'}, 'no date of change');
is(get('GET', 'WEST')->{headers}{etag}, $etag, 'the same on another node');

my $same = get('GET', 'EAST', 'If-None-Match' => qq("x", W/$etag));

is($same->{status}, 304, 'not sent twice');
is($same->{headers}{etag}, $etag, '... with its tag');
is($same->{headers}{'cache-control'}, 'no-cache', '... and how to cache it');
ok(!length($same->{content} // ''), '... and no body');

is(get('GET', 'EAST', 'If-None-Match' => '"x"')->{status}, 200, 'another tag');
is(get('GET', 'EAST', 'If-Modified-Since' => 'Fri, 01 Jan 2100 00:00:00 GMT')
   ->{status}, 200, 'a date says nothing');
is(get('GET', 'EAST', 'If-Match' => '"x"')->{status}, 412, 'If-Match');

my $head = get('HEAD', 'EAST');

is($head->{status}, 200, 'HEAD');
is($head->{headers}{etag}, $etag, '... the same tag');
is($head->{headers}{'content-length'}, length $first->{content},
   '... the same length');
is(get('HEAD', 'EAST', 'If-None-Match' => $etag)->{status}, 304,
   '... revalidated');

my $small = get('GET', 'EAST', 'Accept-Encoding' => 'gzip');

is($small->{headers}{'content-encoding'}, 'gzip', 'compressed');
is($small->{headers}{etag}, "W/$etag", '... a weak tag');
is(get('GET', 'EAST', 'Accept-Encoding' => 'gzip',
       'If-None-Match' => "W/$etag")->{status}, 304, '... revalidated');

# every change makes another tag

for my $change (
    ['the room', sub { room('demo', title => 'B') }],
    ['a product', sub { product('tea', price => 5) }],
    ['a pin', sub {
        redis()->line('XADD commerce:{demo}:cues * at 1 show 0 product tea');
        room('demo');
    }],
) {
    my ($what, $change) = @$change;
    my $before = get('GET', 'EAST')->{headers}{etag};

    $change->();

    ok(wait_for(5, sub {
        get('GET', 'EAST', 'If-None-Match' => $before)->{status} == 200
    }), "$what changes: it is sent");
}

# from memory, with Redis away

redis()->stop;

is(get('GET', 'EAST')->{status}, 200, 'Redis is away: served on');
is(http('GET', '/rooms/other', port => port('EAST'))->{status}, 503,
   '... what is not known is not');

finish();
