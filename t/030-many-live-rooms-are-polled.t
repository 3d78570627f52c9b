# With Redis there but no subscription, all rooms that are live are asked for
# in turns, however many they are.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;

my $rooms = 700;
my $redis = redis();

$redis->line('ACL SETUSER deaf on >deaf ~commerce:* resetchannels +@all');
host('h1');

for my $n (1 .. $rooms) {
    $redis->call('HSET', "commerce:{r$n}", host => 'h1', state => 'open',
                 title => 'before', version => 1);
    $redis->call('SET', "commerce:{r$n}:live", 'x');
}

edge('unix:%%REDIS%% user=deaf password=deaf');

ok(connected(), 'connected');
is(scalar(grep { shelf("r$_")->{content} =~ /"before"/ } 1 .. $rooms), $rooms,
   'all rooms are known');
ok(!state()->{redis}{subscribed}, 'but there is no subscription');

# What was used is asked for anew, too: so nobody uses them meanwhile.

my $script = 'for n = 1, ARGV[1] do
    local key = "commerce:{r" .. n .. "}"
    redis.call("HSET", key, "title", "after")
    redis.call("HINCRBY", key, "version", 1)
end';

$redis->call('EVAL', $script, 0, $rooms);

my $loads = state()->{redis}{loads};

ok(wait_for(60, sub { state()->{redis}{loads} >= $loads + 3 * ($rooms + 2) }),
   'rooms are polled');
is(scalar(grep { shelf("r$_")->{content} =~ /"after"/ } 1 .. $rooms), $rooms,
   'all of them, before anybody asks');

finish();
