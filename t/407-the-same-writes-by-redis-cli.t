# What a backend may write by itself, as README.md shows it: the API and the
# pages read the same as after the API's own writes.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;

redis();

nginx(<<'CONF', modules => 'http', name => 'node');
commerce {
    redis         unix:%%REDIS%%;
    ledger        %%LEDGER%% 1m;
    product_hosts shop.example.com;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        location /api/ { commerce_api; }
        location ~ ^/rooms/(?<room>[^/]+)$ {
            commerce_room  $room;
            commerce_shelf;
        }
    }
}
CONF

# The writes, for a shell; each ends with the notice to the nodes.

my %writes = (
    host => <<'SH',
redis-cli <<'END'
MULTI
HSET commerce:host:{anna} state approved
HINCRBY commerce:host:{anna} version 1
PUBLISH commerce:changed:host:{anna} 1
EXEC
END
SH

    ban => <<'SH',
redis-cli <<'END'
MULTI
HSET commerce:host:{anna} state banned
HDEL commerce:host:{anna} until reason
HINCRBY commerce:host:{anna} version 1
PUBLISH commerce:changed:host:{anna} 2
EXEC
END
SH

    product => <<'SH',
redis-cli <<'END'
MULTI
HSET commerce:product:{tea} state approved title "Tea set" price 29900 currency CNY link https://shop.example.com/tea stock 12
HINCRBY commerce:product:{tea} version 1
PUBLISH commerce:changed:product:{tea} 1
EXEC
END
SH

    room => <<'SH',
key=$(printf %s 'live-key-0123456789' | sha256sum | cut -d' ' -f1)
redis-cli SET commerce:key:{$key} demo
redis-cli <<END
MULTI
HSET commerce:{demo} host anna state open title "Autumn at home" key $key
HINCRBY commerce:{demo} version 1
PUBLISH commerce:changed:{demo} 1
EXEC
END
SH

    shelf => <<'SH',
redis-cli <<'END'
MULTI
ZADD commerce:{demo}:shelf 1 tea
HINCRBY commerce:{demo} version 1
PUBLISH commerce:changed:{demo} 2
EXEC
END
SH

    pin => <<'SH',
now=$(date +%s%3N)
redis-cli <<END
MULTI
XADD commerce:{demo}:cues MAXLEN ~ 10000 * at $now show 0 product tea title "Tea set" price 29900 currency CNY link https://shop.example.com/tea version 1
HINCRBY commerce:{demo} version 1
PUBLISH commerce:changed:{demo} 3
EXEC
END
SH

    unpin => <<'SH',
now=$(date +%s%3N)
redis-cli <<END
MULTI
XADD commerce:{demo}:cues MAXLEN ~ 10000 * at $now show 0
HINCRBY commerce:{demo} version 1
PUBLISH commerce:changed:{demo} 4
EXEC
END
SH

    take_off => <<'SH',
redis-cli <<'END'
MULTI
ZREM commerce:{demo}:shelf tea
HINCRBY commerce:{demo} version 1
PUBLISH commerce:changed:{demo} 5
EXEC
END
SH
);

mkdir dir() . '/bin';
write_file(dir() . '/bin/redis-cli',
           "#!/bin/sh\nexec /usr/bin/redis-cli -s '" . redis()->socket
           . "' \"\$@\"\n");
chmod 0755, dir() . '/bin/redis-cli';
$ENV{PATH} = dir() . "/bin:$ENV{PATH}";

sub shell {
    my $name = shift;

    write_file(dir() . '/write', $writes{$name});

    my $said = do {
        my $script = dir() . '/write';
        `sh -e '$script' 2>&1`;
    };

    is($?, 0, "$name by redis-cli") && $said !~ /ERR|error/i
        or diag($said);
}

sub get {
    my $answer = http('GET', shift);

    return $answer->{status} == 200 ? decode_json($answer->{content}) : {};
}

shell('host');
is_deeply(get('/api/hosts/anna'),
          { host => 'anna', state => 'approved', version => 1,
            in_force => 'approved' },
          'the host is read');

redis()->call('HSET', 'commerce:host:{anna}', 'until', 5, 'reason', 'late');
shell('ban');
is_deeply(get('/api/hosts/anna'),
          { host => 'anna', state => 'banned', version => 2,
            in_force => 'banned' },
          'a ban leaves nothing of the former state');

shell('product');
is_deeply(get('/api/products/tea'),
          { product => 'tea', state => 'approved', title => 'Tea set',
            price => 29900, currency => 'CNY', stock => 12, version => 1,
            link => 'https://shop.example.com/tea' },
          'the product is read');

shell('room');
is(redis()->call('HGET', 'commerce:{demo}', 'key'),
   sha('live-key-0123456789'), 'the key is its hash');
is(get('/api/rooms/demo')->{title}, 'Autumn at home', 'the room is read');
is_deeply(get('/rooms/demo')->{shelf}, [], 'its shelf is empty');

shell('shelf');
ok(wait_for(5, sub { @{get('/rooms/demo')->{shelf}} == 1 }),
   'the product is on the shelf');
is_deeply(get('/api/rooms/demo')->{shelf}, ['tea'], '... in the API, too');

shell('pin');
ok(wait_for(5, sub { get('/rooms/demo')->{cue} }), 'the product is pinned');

my $card = { product => 'tea', title => 'Tea set', price => 29900,
             currency => 'CNY', link => 'https://shop.example.com/tea',
             version => 1 };

is_deeply(get('/rooms/demo')->{cue}{card}, $card, 'its card, for pages');
is_deeply(get('/api/rooms/demo')->{cue}{card}, $card, '... in the API, too');

shell('unpin');
ok(wait_for(5, sub { !get('/rooms/demo')->{cue} }), 'it is unpinned');

shell('take_off');
ok(wait_for(5, sub { !@{get('/rooms/demo')->{shelf}} }),
   'it is off the shelf');


# The API goes on from there.

my $put = http('PATCH', '/api/rooms/demo', body => '{"title": "Winter"}',
               headers => { 'Content-Type' => 'application/json' });

is($put->{content}, qq({"version":6}\n), 'the API raises the same version');

finish();
