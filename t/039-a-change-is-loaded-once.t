# A change costs a node one load of what was changed, whoever made it, and
# whichever of its workers.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Edge;
use Commerce::Scenario;
use Test::More;

my $redis = redis();

host('anna');
product('tea');
room('r1', host => 'anna');
$redis->line('ZADD commerce:{r1}:shelf 1 tea');

nginx(edge_conf('unix:%%REDIS%%')
      =~ s/server \{/server { location \/api\/ { commerce_api; }/r,
      modules => 'http', workers => 4);

ok(subscribed(), 'subscribed');
ok(wait_for(5, sub {
    shelf('r1')->{status} == 200
    && $redis->line('PUBSUB NUMSUB commerce:changed:{r1}')->[1]
}), 'the room is known and listened to');

sub settled {
    my $loads = -1;

    wait_for(5, sub {
        my $before = $loads;
        $loads = state()->{redis}{loads} // state()->{loads};
        select undef, undef, undef, 0.3;
        $before == $loads
    });

    return $loads;
}

my $before = settled();

for my $n (1 .. 10) {
    my ($method, $body) = $n % 2 ? ('PUT', '{"product": "tea"}')
                                 : ('DELETE', undef);

    http($method, '/api/rooms/r1/pin', body => $body,
         headers => { 'Content-Type' => 'application/json' });
    settled();
}

is(settled() - $before, 10, 'ten changes by the API are loaded ten times');

$before = settled();
room('r1', title => "T$_"), settled() for 1 .. 5;
is(settled() - $before, 5, 'so are changes by others');

finish();
