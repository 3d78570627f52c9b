# commerce_status: what a node knows of itself.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;

redis();
room('demo');
product('tea', link => 'http://s.example/');
redis()->line('ZADD commerce:{demo}:shelf 1 tea');

nginx(<<'CONF', modules => 'http', name => 'node');
commerce {
    redis   unix:%%REDIS%%;
    node    edge-01;
    ledger  %%LEDGER%% 1m;
    zone    4m;
    flush   100ms;
}
commerce other {
    redis   unix:%%REDIS%% db=1;
    ledger  %%LEDGER%%-other 1m;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        location = /status { commerce_status; }
        location = /status/other { commerce_tenant other; commerce_status; }
        location ~ ^/rooms/(?<room>[^/]+)$ {
            commerce_room  $room;
            commerce_shelf;
        }
        location ~ ^/cart/(?<room>[^/]+)/(?<product>[^/]+)$ {
            commerce_room   $room;
            commerce_count  click $product;
        }
    }
}
CONF

sub status {
    return decode_json(http('GET', shift // '/status')->{content});
}

ok(wait_for(5, sub { status()->{redis}{connected}
                     && status()->{redis}{subscribed} }),
   'connected and subscribed');

my $answer = http('GET', '/status');

is($answer->{headers}{'content-type'}, 'application/json', 'JSON');
is($answer->{headers}{'cache-control'}, 'no-store', '... of this moment');

my $status = status();

is_deeply([sort keys %$status],
          [qw(access auth counts entries flush ledger node playlists redis
              tenant zone)],
          'its parts: nothing of RTMP is here');
is($status->{tenant}, 'default', 'the tenant');
is($status->{node}, 'edge-01', 'the node');
ok(wait_for(5, sub { status()->{redis}{latency_us} > 0 }), 'the latency');
cmp_ok(abs $status->{redis}{clock_offset_ms}, '<', 1000, 'the clock offset');
is_deeply([@{$status->{zone}}{qw(rooms hosts products)}], [0, 0, 0],
          'nothing is held yet');
cmp_ok($status->{zone}{total_bytes}, '>', 2 << 20, 'the zone');
cmp_ok($status->{zone}{used_bytes}, '<', $status->{zone}{total_bytes},
       '... is not full');
is($status->{ledger}{used_cells}, 0, 'no cell is used');
cmp_ok($status->{ledger}{total_cells}, '>', 1000, '... of those there are');
is_deeply($status->{counts}, { accepted => 0, refused => {} }, 'no counts');
is($status->{playlists}{injected}, 0, 'no playlists');

is(status('/status/other')->{tenant}, 'other', 'another tenant');

http('GET', '/rooms/demo');
http('POST', "/cart/demo/$_") for qw(tea tea none);
http('POST', '/cart/none/tea');

$status = status();

is_deeply([@{$status->{zone}}{qw(rooms products)}], [1, 1], 'what is held');
is($status->{counts}{accepted}, 2, 'counts accepted');
is_deeply($status->{counts}{refused},
          { product_not_on_shelf => 1, room_unknown => 1 },
          '... and refused, by reason');
is($status->{ledger}{used_cells}, 1, 'a cell is used');
ok(wait_for(5, sub { status()->{flush}{calls} > 0 }), 'flushed');

is(http('POST', '/status')->{status}, 405, 'other methods');
is(http('HEAD', '/status')->{status}, 200, 'HEAD');

redis()->stop;

ok(wait_for(5, sub { !status()->{redis}{connected}
                     && !status()->{redis}{subscribed} }),
   'Redis is away');

redis()->run;

ok(wait_for(10, sub { status()->{redis}{connected}
                      && status()->{redis}{reconnects} > 0 }), '... and back');

nginx(<<'CONF', modules => 'rtmp', name => 'origin');
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%%-origin 1m;
}
events { }
rtmp { server { listen 127.0.0.1:%%RTMP%%; } }
http {
    server {
        listen 127.0.0.1:%%PORT_ORIGIN%%;
        location = /status { commerce_status; }
    }
}
CONF

$answer = http('GET', '/status', port => port('ORIGIN'));

is_deeply(decode_json($answer->{content})->{publish},
          { admitted => 0, refused => {}, ended => 0, cut => {},
            dry_run => {}, no_video => 0 },
          'with RTMP, publishers');

finish();
