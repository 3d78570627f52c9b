# The master becomes a replica, keeps its connections, and its address moves to
# another: writes find the new master, and so does the subscription.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;

my $old = redis();
my $new = Commerce::Redis->start(
    args => ['--replicaof', '127.0.0.1', $old->port]);
my $address = dir() . '/master';

sub move_to {
    my $redis = shift;

    symlink $redis->socket, "$address.new" or die "$address.new: $!\n";
    rename "$address.new", $address or die "$address: $!\n";
}

sub put_host {
    return http('PUT', '/api/hosts/h2', body => '{"state": "approved"}',
                headers => { 'Content-Type' => 'application/json' });
}

host('h1');
room('r1', title => 'before');
move_to($old);

nginx(<<'CONF', modules => 'http', workers => 1);
commerce {
    redis   unix:%%DIR%%/master heartbeat=200ms;
    ledger  %%LEDGER%% 1m;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        location /api/ { commerce_api; }
        location = /status { commerce_status; }
        location ~ ^/rooms/(?<room>\w+)$ {
            commerce_room $room;
            commerce_shelf;
        }
    }
}
CONF

ok(subscribed(), 'subscribed');
like(shelf('r1')->{content}, qr/"before"/, 'the room is known');
is(put_host()->{status}, 201, 'the master takes writes');

ok(wait_for(10, sub {
    $new->call('HGET', 'commerce:host:{h2}', 'version') // 0 == 1
}), 'the replica has all');

# the old master hears of nothing any more, as if it were cut off

$new->call('REPLICAOF', 'NO', 'ONE');
$old->call('REPLICAOF', '127.0.0.1', free_port());
move_to($new);

my $answer = put_host();

is($answer->{status}, 503, 'a former master refuses');
like($answer->{content}, qr/"reason":"store_read_only"/, '... saying why');

ok(wait_for(10, sub { put_host()->{status} == 200 }),
   'the new master takes writes');
is(log_count(qr/connection to redis .* is lost: it leads to a replica/), 1,
   'the log says why the connection was left');

ok(wait_for(10, sub {
    state()->{redis}{subscribed}
    && $new->call('PUBSUB', 'NUMSUB', 'commerce:changed:{r1}')->[1] == 1
}), 'the subscription is with the new master');

$new->call('HSET', 'commerce:{r1}', 'title', 'after');
$new->call('PUBLISH', 'commerce:changed:{r1}',
           $new->call('HINCRBY', 'commerce:{r1}', 'version', 1));

ok(wait_for(10, sub { shelf('r1')->{content} =~ /"after"/ }),
   'changes are told of');

# one that stays a replica is not left at each write

$new->call('REPLICAOF', '127.0.0.1', free_port());

my $before = state()->{redis}{reconnects};

put_host() for 1 .. 20;

cmp_ok(state()->{redis}{reconnects} - $before, '<=', 3,
       'a connection to a replica that stays one is made anew now and then');
like(shelf('r1')->{content}, qr/"after"/, '... and what is known is served');

finish();
