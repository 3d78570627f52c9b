# What a full zone has thrown away is not listened to for ever: Redis would
# need memory for each channel.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(edge_conf state shelf subscribed);
use Commerce::Scenario;
use Test::More;

my $rooms = 40;
my $redis = redis();

my $script = 'for n = 1, 1000 do
    local id = "p" .. ARGV[1] .. "-" .. n
    redis.call("ZADD", "commerce:{r" .. ARGV[1] .. "}:shelf", n, id)
    redis.call("HSET", "commerce:product:{" .. id .. "}", "state", "approved")
end';

for my $n (1 .. $rooms) {
    room("r$n");
    $redis->call('EVAL', $script, 0, $n);
}

nginx(edge_conf('unix:%%REDIS%%') =~ s/ledger/zone 4m; ledger/r,
      modules => 'http', workers => 1);
ok(subscribed(), 'subscribed');

sub channels {
    my $clients = $redis->line('CLIENT LIST TYPE pubsub');

    return $clients =~ / sub=(\d+) / ? $1 : 0;
}

# the newest is listened to last

sub listened {
    my $channel = "commerce:changed:product:{$_[0]}";

    return $redis->line("PUBSUB NUMSUB $channel")->[1];
}

my $most = 0;
my $late = 0;

for my $n (1 .. $rooms) {
    shelf("r$n");
    $late++ if !wait_for(10, sub { listened("p$n-1000") });
    $most = $_ > $most ? $_ : $most for channels();
}

is($late, 0, 'what is known is listened to');

cmp_ok(state()->{zone}{evicted}, '>', $rooms * 500, 'most had to go');
cmp_ok($most, '>', 10000, 'they were listened to');

ok(wait_for(20, sub {
    my $zone = state()->{zone};
    my $held = $zone->{rooms} + $zone->{hosts} + $zone->{products};
    my $channels = channels();

    $channels > $held / 2 && $channels <= 2 * $held + 10000
}), 'but are so no longer');

room("r$rooms", title => 'after');
ok(subscribed(), 'there is a subscription');
ok(wait_for(5, sub { shelf("r$rooms")->{content} =~ /"after"/ }),
   'changes are told as ever');

finish();
