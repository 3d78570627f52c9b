# What Redis has about a viewer is erased, in all rooms.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(subscribed);
use Commerce::Scenario;
use Digest::SHA qw(sha256_hex);
use JSON::PP qw(decode_json);
use Test::More;

my $redis = redis();

host('anna');
room("room$_", host => 'anna', visibility => 'unlisted') for 1 .. 3;
write_file(dir() . '/secret', "a secret of the tests, long enough\n");
chmod 0644, dir() . '/secret';

nginx(<<'CONF', modules => 'http');
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
    secret  %%DIR%%/secret;
}
events { }
http {
    access_log off;
    server {
        listen 127.0.0.1:%%HTTP%%;
        location /api/ { commerce_api; }
        location = /status { commerce_status; }
        location ~ ^/enter/(?<room>[^/]+)$ {
            commerce_room $room;
            commerce_enter;
        }
    }
}
CONF

ok(subscribed(), 'subscribed');

sub call {
    my ($method, $path, $body) = @_;
    my $answer = http($method, $path, body => $body // '',
                      headers => { 'Content-Type' => 'application/json' });

    return ($answer->{status}, eval { decode_json($answer->{content}) });
}

# he is in many places, and so is somebody else

my $until = (time + 3600) * 1000;
my ($status, $code) = call('POST', '/api/rooms/room1/codes',
                           qq({"until": $until}));
is($status, 201, 'a code');

my ($entered, $session) = call('POST', '/enter/room1',
                               qq({"code": "$code->{code}"}));
is($entered, 200, 'he enters by it');
my $him = $session->{viewer};
my $set = "commerce:{room1}:code:$code->{id}";
is($redis->call('SCARD', $set), 1, 'which is kept');

for my $viewer ($him, 'another') {
    my $kk = substr sha256_hex($viewer), 0, 2;

    call('PUT', "/api/rooms/room1/out/$viewer");
    call('PUT', "/api/rooms/room2/out/$viewer", qq({"until": $until}));
    call('POST', '/api/rooms/room2/signout', qq({"viewer": "$viewer"}));
    call('POST', '/api/rooms/room3/signout', qq({"viewer": "$viewer"}));
    $redis->call('SADD', "commerce:host:{anna.$kk}:followers", $viewer);
    $redis->call('SADD', "commerce:host:{berta.$kk}:followers", $viewer);
}

sub comes_back {
    return http('POST', '/enter/room1', body => '{}',
                headers => { 'Content-Type' => 'application/json',
                             Authorization => "Bearer $session->{token}" }
               )->{status};
}

ok(wait_for(5, sub { comes_back() == 403 }), 'he is banned');

# among many other keys, and events; one of a wrong type is no hindrance

$redis->call('EVAL', "for i = 1, 5000 do redis.call('SET', 'commerce:{room1}:'"
                     . " .. i, 1) redis.call('XADD', 'commerce:events', '*',"
                     . " 'type', 'publish_started', 'viewers', '$him') end",
             0);
ok(wait_for(5, sub { $redis->call('XLEN', 'commerce:events') >= 5009 }),
   'many events');
my $events = $redis->call('XLEN', 'commerce:events');
my $out = $redis->call('HGET', 'commerce:{room2}:out', 'version');

my ($erased, $answer) = call('DELETE', "/api/viewers/$him");
my $n = 0;

while ($erased == 202) {
    $n += $answer->{erased};
    ($erased, $answer) = call('DELETE',
                              "/api/viewers/$him?from=$answer->{next}");
}

is($erased, 200, 'he is erased');
is($n + $answer->{erased}, 4 + 2 + 1 + 4,
   'outs, followers, code, and events');
is($answer->{next}, undef, 'to the end');

sub text_of {
    my $key = shift;
    my $type = $redis->call('TYPE', $key);
    my %read = (hash => ['HGETALL', $key], set => ['SMEMBERS', $key],
                zset => ['ZRANGE', $key, 0, -1],
                stream => ['XRANGE', $key, '-', '+'], string => ['GET', $key]);

    return JSON::PP->new->allow_nonref->encode($redis->call(@{$read{$type}}));
}

my @keys = grep { !/^commerce:\{room1\}:\d+$/ } @{$redis->call('KEYS', '*')};
is((grep { text_of($_) =~ /"\Q$him"/ && $_ ne 'commerce:events' } @keys), 0,
   'his name is in no key');
ok(wait_for(5, sub { $redis->call('XLEN', 'commerce:events') == $events - 3 }),
   'but for events that are not about viewers');
is((grep { text_of($_) =~ /"viewer","\Q$him"/ } @keys), 0, 'there neither');
is($redis->call('EXISTS', $set), 0, 'nor who entered');
like(text_of('commerce:events'), qr/"type","viewer_erased","client"/,
     'that he was erased is told, not who');

is($redis->call('HGET', 'commerce:{room2}:out', 'version'), $out + 1,
   'the room has changed');
is($redis->call('ZCARD', 'commerce:{room2}:out:ends'), 2, 'the index, too');
is($redis->call('PTTL', 'commerce:{room1}:out'), -1, "another's ban stays");
ok($redis->call('SISMEMBER', sprintf('commerce:host:{anna.%s}:followers',
                substr(sha256_hex('another'), 0, 2)), 'another'),
   'and that he follows');
ok(wait_for(5, sub { comes_back() == 200 }),
   'nodes know that he is not banned any more');

# what is wrong

is((call('DELETE', '/api/viewers/a.b'))[0], 400, 'a name that is none');
is((call('DELETE', "/api/viewers/$him?from=x"))[0], 400, 'a wrong place');
is((call('GET', "/api/viewers/$him"))[0], 405, 'nobody can read him');
is((call('DELETE', '/api/viewers/nobody'))[1]{erased}, 0, 'nobody');

finish();
