# Of a long list of who is out of a room, nodes are sent what has changed, and
# all of it where that is not known.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(subscribed);
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;

my $redis = redis();

host('anna');
room('demo', host => 'anna');
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

my %json = ('Content-Type' => 'application/json');

sub api {
    my ($method, $path, $body) = @_;

    return http($method, "/api/rooms/demo/$path", body => $body // '',
                headers => \%json)->{status};
}

# sessions of viewers, and whether they let in, in every worker

my %session = map { $_ => decode_json(http('POST', '/enter/demo', body => '{}',
                                           headers => \%json)->{content}) }
              1 .. 3;
my %name = map { $_ => $session{$_}{viewer} } 1 .. 3;

sub enters {
    my $n = shift;

    return http('POST', '/enter/demo', body => '{}', headers => {
        %json, Authorization => "Bearer $session{$n}{token}"
    })->{status};
}

sub always {
    my ($status, $n, $name) = @_;
    my $times = 0;

    ok(wait_for(5, sub {
        $times = enters($n) == $status ? $times + 1 : 0;
        return $times == 20;
    }), $name);
}

sub read_in_full {
    my ($calls) = $redis->call('INFO', 'commandstats')
                  =~ /cmdstat_hgetall:calls=(\d+)/;

    return $calls;
}

# a list that the backend wrote

$redis->call('EVAL', "for i = 1, 3000 do redis.call('HSET', KEYS[1], "
             . "'b:v' .. i, 0) end redis.call('HSET', KEYS[1], 'version', 5)",
             1, 'commerce:{demo}:out');
$redis->call('PUBLISH', 'commerce:changed:out:{demo}', 5);

is(api('PUT', "out/$name{1}"), 201, 'one is banned');
always(403, 1, 'and kept out');
always(200, 2, 'another is not');

my $before = read_in_full();

is(api('DELETE', "out/$name{1}"), 200, 'let in again');
always(200, 1, 'and gets in');
is(api('PUT', "out/$name{2}", '{"until": ' . (time + 3600) * 1000 . '}'), 201,
   'banned for an hour');
is(api('PUT', "out/$name{1}"), 201, 'and the other again');
always(403, 2, 'out');
always(403, 1, 'out, too');
is(api('DELETE', "out/$name{2}"), 200, 'one let in');
always(200, 2, 'gets in');
is(api('POST', 'signout', qq({"viewer": "$name{2}"})), 200, 'and signed out');
always(403, 2, 'is out');
always(200, 3, 'a third one is not');
is(api('POST', 'signout', '{"everybody": true}'), 200, 'everybody is');
always(403, 3, 'and out');
is(read_in_full(), $before, 'nobody has read all of it meanwhile');

# what another wrote is not among the changes

$redis->call('HDEL', 'commerce:{demo}:out', 's:*', "s:$name{2}");
$redis->call('PUBLISH', 'commerce:changed:out:{demo}',
             $redis->call('HINCRBY', 'commerce:{demo}:out', 'version', 1));
always(200, 3, 'the backend takes it back');
cmp_ok(read_in_full(), '>', $before, 'all is read');

is(api('PUT', "out/$name{3}"), 201, 'after that, changes again');
always(403, 3, 'out');

# another list with the same versions

my $version = $redis->call('HGET', 'commerce:{demo}:out', 'version');

$redis->call('DEL', 'commerce:{demo}:out', 'commerce:{demo}:out:ends');
$redis->call('HSET', 'commerce:{demo}:out', 'version', $version - 1);
is(api('PUT', "out/$name{2}"), 201, 'Redis has lost all');
is($redis->call('HGET', 'commerce:{demo}:out', 'version'), $version,
   'and has a list of the same version');
always(403, 2, 'which counts');
always(200, 1, 'and nothing else does');

finish();
