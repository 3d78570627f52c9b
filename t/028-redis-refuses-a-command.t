# Products that Redis does not give out are not asked for again and again while
# the request lasts.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Edge;
use Commerce::Scenario;
use Test::More;

my $redis = redis();

room('r');
product('p0');
$redis->call('ZADD', 'commerce:{r}:shelf', map { $_, "p$_" } 0 .. 300);

nginx(<<'CONF', modules => 'http', workers => 1);
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;

        location = /status { commerce_status; }

        location = /room {
            commerce_room   r;
            commerce_shelf;
        }

        location = /p0 {
            commerce_room   r;
            commerce_count  click p0;
        }

        location = /p9 {
            commerce_room   r;
            commerce_count  click p9;
        }
    }
}
CONF

sub refused_calls {
    my ($n) = $redis->call('INFO', 'commandstats')
              =~ /cmdstat_hgetall:.*rejected_calls=(\d+)/;

    return $n || 0;
}

# what is held is asked for again with each subscription

ok(subscribed(), 'subscribed');
is(http('POST', '/p0')->{status}, 204, 'the room and a product are known');

$redis->call('ACL', 'SETUSER', 'default', '-hgetall');

my $answer = http('POST', '/p9');

is($answer->{status}, 503, 'another product can not be learned');
like($answer->{content}, qr/"reason":"store_away"/, '... which is said');
cmp_ok(refused_calls(), '<', 10, '... and it is not asked for again and again');

$answer = http('GET', '/room');

is($answer->{status}, 200, 'three hundred of the shelf can not be learned');
like($answer->{content}, qr/"shelf":\[\{"product":"p0"[^{]*\]/,
     '... and are left out');
cmp_ok(refused_calls(), '<', 2 * 301 + 10, '... and none is asked for for long');
is(http('POST', '/p0')->{status}, 204, 'what is known goes on');

$redis->call('ACL', 'SETUSER', 'default', '+hgetall');
product("p$_") for 1 .. 9;

ok(wait_for(5, sub { http('POST', '/p9')->{status} == 204 }),
   'allowed again, it is learned');

finish();
