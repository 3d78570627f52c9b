# An error of Redis is told by what it begins with, never by a name that it
# quotes; and from within a script it is the same as by itself.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Edge;
use Commerce::Redis;
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my $other = Commerce::Redis->start(
    args => ['--rename-command', 'HMGET', 'HM_GET']);

nginx(<<'CONF' =~ s/OTHER/$other->socket/er, modules => 'http', workers => 1);
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
}
commerce other {
    redis   unix:OTHER;
    ledger  %%DIR%%/other 1m;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        location /api/ { commerce_api; }
        location /other/ { commerce_tenant other; commerce_api; }
        location = /status { commerce_status; }
    }
}
CONF

sub api {
    my ($method, $path) = @_;

    return http($method, "/$path", body => '{"state": "approved"}',
                headers => { 'Content-Type' => 'application/json' });
}

sub is_refused {
    my ($method, $path, $status, $reason, $name) = @_;
    my $answer = api($method, $path);

    is($answer->{status}, $status, "$name: $status");
    like($answer->{content}, qr/"reason":"$reason"/, "... $reason");
}

ok(connected(), 'connected');

is_refused('GET', "other/products/$_", 502, 'store_error',
           "a command that Redis does not know, of a product $_")
    for qw(tea OOM WRONGTYPE READONLY);

$redis->call('ACL', 'SETUSER', 'default', '-hset');
is_refused('PUT', 'api/hosts/anna', 502, 'store_forbids',
           'a command that a script may not call');
$redis->call('ACL', 'SETUSER', 'default', '+hset');

$redis->call('ACL', 'SETUSER', 'default', 'resetkeys', '~commerce:events');
is_refused('PUT', 'api/hosts/anna', 502, 'store_forbids',
           'a key that a script may not have');
$redis->call('ACL', 'SETUSER', 'default', 'allkeys');

like(api('PUT', 'api/hosts/anna')->{status}, qr/^20/,
     'allowed again, it is written');

finish();
