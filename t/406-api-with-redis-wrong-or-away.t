# Keys of a wrong type, a Redis that stalls, is away, forbids or is full: the
# API says so, and works again by itself.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Digest::SHA qw(sha256_hex);
use IO::Socket::INET;
use Test::More;

redis();

nginx(<<'CONF', modules => 'http', name => 'node', workers => 1);
commerce {
    redis   unix:%%REDIS%% timeout=300ms;
    ledger  %%LEDGER%% 1m;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        location /api/ { commerce_api; }
    }
}
CONF

sub api {
    my ($method, $path, $body) = @_;

    return http($method, "/api/$path", body => $body,
                headers => { 'Content-Type' => 'application/json' });
}

sub is_refused {
    my ($answer, $status, $reason, $name) = @_;

    is($answer->{status}, $status, "$name: $status");
    is($answer->{headers}{'content-type'}, 'application/problem+json',
       '... as a problem');
    like($answer->{content}, qr/"reason":"$reason"/, "... $reason");
}

ok(wait_for(5, sub {
    api('PUT', 'hosts/anna', '{"state": "approved"}')->{status} =~ /^20/
}), 'a host is put');


# keys of a wrong type, one after another

my $product = '{"state": "approved", "title": "T", "link": "http://s.example/"}';
my $room = '{"host": "anna", "state": "open", "key": "key-number-one-1"}';

is(api('PUT', 'products/tea', $product)->{status}, 201, 'a product is put');
is(api('PUT', 'rooms/demo', $room)->{status}, 201, 'a room is put');

my @wrong = (
    ['commerce:host:{anna}', ['GET', 'hosts/anna'],
     ['PUT', 'hosts/anna', '{"state": "banned"}'],
     ['PATCH', 'hosts/anna', '{"state": "banned"}']],
    ['commerce:product:{tea}', ['GET', 'products/tea'],
     ['PUT', 'products/tea', $product],
     ['PUT', 'rooms/demo/shelf/tea'],
     ['PUT', 'rooms/demo/pin', '{"product": "tea"}']],
    ['commerce:{demo}', ['GET', 'rooms/demo'], ['PUT', 'rooms/demo', $room],
     ['PUT', 'rooms/demo/shelf/tea'], ['DELETE', 'rooms/demo/pin']],
    ['commerce:{demo}:shelf', ['GET', 'rooms/demo'],
     ['PUT', 'rooms/demo/shelf/tea'], ['DELETE', 'rooms/demo/shelf/tea'],
     ['PUT', 'rooms/demo/pin', '{"product": "tea"}']],
    ['commerce:{demo}:cues', ['GET', 'rooms/demo'],
     ['DELETE', 'rooms/demo/pin']],
    ['commerce:{demo}:shows', ['GET', 'rooms/demo']],
    ['commerce:{demo}:0:counts', ['GET', 'rooms/demo']],
    ['commerce:key:{' . sha256_hex('key-number-one-1') . '}',
     ['PUT', 'rooms/demo', $room]],
);

for my $case (@wrong) {
    my ($key, @requests) = @$case;

    redis()->call('RENAME', $key, "kept") if redis()->call('EXISTS', $key);
    redis()->call($key =~ /product|cues|key/ ? 'LPUSH' : 'SET', $key, 'text');

    my $version = $key eq 'commerce:{demo}' ? undef
                : redis()->call('HGET', 'commerce:{demo}', 'version');

    for my $request (@requests) {
        is_refused(api(@$request), 409, 'wrong_type',
                   "$request->[0] $request->[1] with a wrong $key");
    }

    is(redis()->call('HGET', 'commerce:{demo}', 'version'), $version,
       'nothing was written') if defined $version;

    redis()->call('DEL', $key);
    redis()->call('RENAME', 'kept', $key) if redis()->call('EXISTS', 'kept');
}

redis()->call('HSET', 'commerce:host:{bad}', 'version', 'x');
is_refused(api('PUT', 'hosts/bad', '{"state": "banned"}'), 409, 'wrong_type',
           'a version that is no number');
is(redis()->call('HGET', 'commerce:host:{bad}', 'state'), undef,
   'nothing was written');

redis()->call('SET', 'commerce:events', 'text');
is(api('PUT', 'hosts/bea', '{"state": "banned"}')->{status}, 201,
   'a wrong key of events refuses no write');
ok(wait_for(5, sub { log_text('node') =~ /Redis refused an event/ }),
   '... and is logged');


# a full one, one that only reads, one that forbids

redis()->call('CONFIG', 'SET', 'maxmemory', '1');
is_refused(api('PUT', 'hosts/anna', '{"state": "banned"}'), 503, 'store_full',
           'no memory');
is(api('GET', 'hosts/anna')->{status}, 200, 'reading goes on');
redis()->call('CONFIG', 'SET', 'maxmemory', '0');

redis()->call('REPLICAOF', '127.0.0.1', '1');
is_refused(api('PUT', 'hosts/anna', '{"state": "banned"}'), 503,
           'store_read_only', 'a replica');
redis()->call('REPLICAOF', 'NO', 'ONE');
ok(wait_for(10, sub { log_text('node') =~ /it leads to a replica/ }),
   'the connection is made anew');
ok(wait_for(10, sub { api('GET', 'hosts/anna')->{status} == 200 }),
   'and leads to a master');

redis()->call('ACL', 'SETUSER', 'default', '-hmget');
is_refused(api('GET', 'hosts/anna'), 502, 'store_forbids',
           'a user who may not');
redis()->call('ACL', 'SETUSER', 'default', '+hmget');

is(api('GET', 'hosts/anna')->{status}, 200, 'all is well again');


# stalled: an answer in time

redis()->stall;

my $started = Time::HiRes::time();
is_refused(api('PUT', 'hosts/anna', '{"state": "banned"}'), 503, 'store_away',
           'a Redis that stalls');
cmp_ok(Time::HiRes::time() - $started, '<', patience(3), '... in time');

# clients that don't wait

for (1 .. 5) {
    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => port('HTTP'));
    print $client "GET /api/rooms/demo HTTP/1.1\r\nHost: x\r\n\r\n";
    Time::HiRes::sleep(0.02);
    close $client;
}

redis()->resume;

ok(wait_for(10, sub { api('GET', 'hosts/anna')->{status} == 200 }),
   'it goes on with Redis');


# away

redis()->stop;

ok(wait_for(5, sub { api('GET', 'hosts/anna')->{status} == 503 }),
   'no Redis: 503');
is_refused(api('PUT', 'hosts/anna', '{"state": "banned"}'), 503, 'store_away',
           'a write without Redis');
is_refused(api('PUT', 'hosts/anna', '{"state": "x"}'), 400, 'field_wrong',
           'what is wrong is told nevertheless');

redis()->run;

ok(wait_for(10, sub {
    api('PUT', 'hosts/anna', '{"state": "banned"}')->{status} == 201
}), 'a write once it is back');

is(http('HEAD', '/api/hosts/anna')->{status}, 200, 'HEAD');

finish();
