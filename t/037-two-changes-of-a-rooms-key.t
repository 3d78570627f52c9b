# Changes of a room's stream key that cross each other, and rooms that want the
# same key: whatever their order, the key that a room has leads to it, and no
# key opens two rooms.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Digest::SHA qw(sha256_hex);
use Test::More;

redis();

nginx(<<'CONF', modules => 'http', name => 'node');
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
}
events { }
http {
    access_log off;
    server {
        listen 127.0.0.1:%%HTTP%%;
        location /api/ { commerce_api; }
    }
}
CONF

my @keys = map { "key-number-$_-of-demo" } 0 .. 2;

sub api {
    my ($method, $path, $body) = @_;

    return http($method, "/api/$path", body => $body,
                headers => { 'Content-Type' => 'application/json' })->{status};
}

sub hint { "commerce:key:{" . sha256_hex($_[0]) . '}' }

sub leads { redis()->call('GET', $_[0]) // '' }

sub has { redis()->call('HGET', "commerce:{$_[0]}", 'key') // '' }

# all at once, each in a process of its own

sub at_once {
    my @children;

    for my $change (@_) {
        my $pid = fork;

        if (!$pid) {
            $change->();
            POSIX::_exit(0);
        }

        push @children, $pid;
    }

    waitpid $_, 0 for @children;
}

ok(wait_for(5, sub { api('PUT', 'hosts/anna', '{"state": "approved"}') < 300 }),
   'a host is put');
api('PUT', "rooms/$_", qq{{"host": "anna", "state": "open"}})
    for qw(demo other);


# one room, several keys: forth and back

my ($lost, $ends) = (0, 0);

for my $round (1 .. 30) {
    api('PATCH', 'rooms/demo', qq{{"key": "$keys[0]"}});

    at_once(map {
        my $key = $_;
        sub {
            api('PATCH', 'rooms/demo', qq{{"key": "$key"}}) for 1 .. 2;
        }
    } @keys);

    my ($key) = grep { sha256_hex($_) eq has('demo') } @keys;

    $lost++ if leads(hint($key)) ne 'demo';
    $ends++ if redis()->call('PTTL', hint($key)) != -1;
}

is($lost, 0, 'the key that the room has leads to it');
is($ends, 0, 'for good');

ok(wait_for(5, sub {
    api('PATCH', 'rooms/demo', qq{{"key": "$keys[1]"}}) == 200
    && redis()->call('EXISTS', hint($keys[0])) == 0
}), 'the one that it has no longer leads nowhere, after a while');


# two rooms, one key

my $both = 0;

for my $round (1 .. 30) {
    my $key = "key-of-round-$round-x";

    at_once(map {
        my $room = $_;
        sub { api('PATCH', "rooms/$room", qq{{"key": "$key"}}) }
    } qw(demo other));

    $both++ if has('demo') eq has('other');
    $lost++ if !grep { has($_) eq sha256_hex($key) && leads(hint($key)) eq $_ }
               qw(demo other);
}

is($both, 0, 'no key is two rooms\'');
is($lost, 0, 'and one of them gets it');


# what was lost with Redis, or by hand, is made good by the next write

api('PATCH', 'rooms/demo', qq{{"key": "$keys[2]"}});
redis()->call('DEL', hint($keys[2]));
is(api('PATCH', 'rooms/demo', '{"title": "T"}'), 200, 'the room is written');
is(leads(hint($keys[2])), 'demo', 'and its key leads to it');
is(redis()->call('PTTL', hint($keys[2])), -1, 'for good');


# a key that is reserved for a room that does not get it is free soon

is(api('PATCH', 'rooms/none', '{"key": "key-of-no-room-000"}'), 404,
   'a room that is not there gets no key');
is(api('PATCH', 'rooms/demo', '{"key": "key-of-no-room-000"}'), 200,
   'another room may have it');

redis()->call('SET', hint('key-reserved-00000'), 'other', 'PX', 20000);
is(api('PATCH', 'rooms/demo', '{"key": "key-reserved-00000"}'), 409,
   'one that is being given to another room is taken');

finish();
