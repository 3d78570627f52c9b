# A change in Redis that is told reaches all workers of a node, over reloads
# and after the death of workers; what can't be read is said once by each.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Test::More;

my $redis = redis();

room('r', title => 'one');

my $nginx = nginx(<<'CONF', modules => 'http', workers => 4);
events { }
http {
    access_log off;
    keepalive_timeout 0;
    server {
        listen %%HTTP%% reuseport;
        location ~ ^/rooms/(?<room>.+)$ {
            commerce_room $room;
            commerce_shelf;
        }
    }
}
# the block may come after what uses it
commerce { redis unix:%%REDIS%%; ledger %%LEDGER%% 1m; zone 8m; }
CONF

title_is('one', 'the room is known');

$redis->line('HSET commerce:{r} title two');
$redis->line('PUBLISH commerce:changed:{r} 2');
title_is('two', 'a change that is told');

$nginx->reload;
title_is('two', 'it is known after a reload');

$redis->line('HSET commerce:{r} title three version 0');
$redis->line('PUBLISH commerce:changed:{r} 0');
title_is('three', 'with a lower version too: Redis has the last word');

kill 'KILL', $nginx->workers;
allow_fault(qr/exited on signal 9/);
title_is('three', 'it is known when all workers died');

$redis->line('HSET commerce:{r} title four');
$redis->line('PUBLISH commerce:changed:{r} 4');
title_is('four', 'and they listen again');

$redis->line('DEL commerce:{r}');
$redis->line('PUBLISH commerce:changed:{r} 5');
ok(wait_for(10, sub { status('r') == 404 }), 'a room that is deleted is gone');

$redis->line('SET commerce:{bad} x');
is(status('bad'), 404, 'a room of a wrong type is unknown') for 1 .. 20;

my $lines = () = log_text() =~ /room "bad" in redis can't be read/g;
ok($lines >= 1 && $lines <= 4, "each worker says it once: $lines times");

finish();

sub status { http('GET', "/rooms/$_[0]")->{status} }

sub title_is {
    my ($wanted, $what) = @_;

    # asked often enough to meet all workers

    ok(wait_for(10, sub {
        for (1 .. 24) {
            my $answer = http('GET', '/rooms/r');
            return 0 unless ($answer->{content} // '') =~ /"title":"$wanted"/;
        }
        return 1;
    }), $what);
}
