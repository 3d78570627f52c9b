# A show keeps its cues for good, whoever writes them: the API, or a backend
# that adds to the room's cues and takes away from them.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(time);

my $redis = redis();

host('h1');
$redis->line('HSET commerce:{demo} host h1 state open version 5 show 3');
$redis->line('HSET commerce:{demo}:shows 2:started 1000 2:ended 2000 3:started 3000');
$redis->line('SET commerce:{demo}:live x');
$redis->line('HSET commerce:product:{tea} state approved title "Tea \"fine\" / ' .
             'http://x" version 8 price 300');
$redis->line('HSET commerce:product:{pot} state approved title Pot');
$redis->line('ZADD commerce:{demo}:shelf 1 tea 2 pot');

nginx(<<'CONF', workers => 2);
commerce {
    redis unix:%%REDIS%%;
    ledger %%LEDGER%%;
}
events { }
http {
    server {
        listen %%HTTP%%;
        location /api/ { commerce_api; }
        location ~ ^/rooms/(?<room>\w+)$ { commerce_room $room; commerce_shelf; }
    }
}
CONF

my %json = ('Content-Type' => 'application/json');

sub ms { sprintf '%.0f', time * 1000 + shift }

sub pin {
    my ($product, %more) = @_;
    my $more = join '', map { qq(, "$_": $more{$_}) } keys %more;
    my $answer;

    wait_for(5, sub {
        $answer = http('PUT', '/api/rooms/demo/pin', headers => \%json,
                       body => qq({"product": "$product"$more}));
        $answer->{status} != 429
    });

    is($answer->{status}, 200, "$product is pinned") or diag($answer->{content});

    return decode_json($answer->{content});
}

sub cues {
    my ($show, $from) = @_;
    my $answer = http('GET', "/api/rooms/demo/shows/$show/cues" . ($from ? "?from=$from" : ''));

    return $answer->{status} == 200 ? decode_json($answer->{content}) : $answer;
}

sub names { join ' ', map { $_->{card} ? $_->{card}{product} : '-' } @{cues(shift)->{cues}} }

sub names_become {
    my ($show, $expected, $name) = @_;

    ok(wait_for(5, sub { names($show) eq $expected }), $name)
        or diag('got: ' . names($show));
}

# by the API

my $first = pin('tea');
my $cues = cues(3);

is(@{$cues->{cues}}, 1, 'the show has its cue at once');
is_deeply($cues->{cues}[0],
          { id => $first->{id}, at => $first->{at}, show => 3,
            card => { product => 'tea', title => "Tea \x{201d}fine\x{201d} / http://x",
                      price => 300, version => 8 } },
          'as it was pinned');
is($cues->{next}, undef, 'and there is no more');
is(names(2), '', 'the show before has none');

my $member = $redis->call('ZRANGE', 'commerce:{demo}:3:cues', 0, -1)->[0];

like($member, qr/^\{"id":"\Q$first->{id}\E","at":\d{13},"show":3,"product":"tea",/,
     'it is a JSON object');
ok($redis->call('PTTL', 'commerce:{demo}:3:cues') > 89 * 86400000, 'and lasts');

my $later = pin('pot', at => ms(3600000));

is(names(3), 'tea pot', 'one to come is there');
is(http('DELETE', "/api/rooms/demo/pins/$later->{id}")->{status}, 200, 'taken back');
is(names(3), 'tea', 'it is gone');
is($redis->call('HGET', 'commerce:{demo}', 'kept') || '',
   $redis->call('EVAL', "return redis.sha1hex(ARGV[1])", 0, $first->{id}),
   'nothing is left to do for nodes');

# by a backend, as nodes see that hold the room

like(http('GET', '/rooms/demo')->{content}, qr/"product":"tea"/, 'a node holds it');

sub told {
    $redis->call('PUBLISH', 'commerce:changed:{demo}',
                 $redis->call('HINCRBY', 'commerce:{demo}', 'version', 1));
}

sub add {
    my $id = $redis->call('XADD', 'commerce:{demo}:cues', '*', @_);

    told();

    return $id;
}

my $now = ms(0);

add(at => $now, show => 3, product => 'pot', title => 'Pot');
names_become(3, 'tea pot', 'one that was added directly');

add(at => $now, show => 3, product => 'tea', title => 'Tea');
names_become(3, 'tea pot tea', 'one of the same instant');
is($redis->call('ZCARD', 'commerce:{demo}:3:cues'), 3, 'is there once');
is(cues(3)->{cues}[2]{at}, $now + 1, 'when it begins by the rules');

my $coming = add(at => ms(7200000), product => 'pot');

names_become(3, 'tea pot tea pot', 'one that says no show is in the one that goes on');
$redis->call('XDEL', 'commerce:{demo}:cues', $coming);
told();
names_become(3, 'tea pot tea', 'and is taken back');

add(at => ms(0), show => 4, product => 'pot');
names_become(4, 'pot', 'one for the next show');

is(http('GET', '/rooms/demo')->{status}, 200, 'the room is well');

# taken down: the node that notices adds an empty one, which is kept as well

$redis->call('HSET', 'commerce:product:{pot}', 'state', 'down');
$redis->call('PUBLISH', 'commerce:changed:product:{pot}',
             $redis->call('HINCRBY', 'commerce:product:{pot}', 'version', 1));
names_become(4, 'pot -', 'what is taken down leaves');

# what was to come when its show ended does not begin

pin('tea', at => ms(1800000));
names_become(3, 'tea pot tea tea', 'to come');
$redis->call('HSET', 'commerce:{demo}:shows', '3:ended', ms(0));
is(names(3), 'tea pot tea', 'the show has ended: it is not');
$redis->call('HDEL', 'commerce:{demo}:shows', '3:ended');

# many, in parts

$redis->call('ZADD', 'commerce:{demo}:5:cues', 1795000000000 + $_,
             sprintf('{"id":"1795000000000-%d","at":%d,"show":5,"product":"tea"}',
                     $_, 1795000000000 + $_))
    for 1 .. 501;
$redis->call('ZADD', 'commerce:{demo}:5:cues', 1795000000600, 'nonsense');

$cues = cues(5);
is(@{$cues->{cues}}, 500, '500 at a time');
is($cues->{next}, 1795000000501, 'and where the next begin');
is(@{cues(5, $cues->{next})->{cues}}, 1, 'nonsense is left out');
is(cues(6)->{next}, undef, 'a show that is not');

is(http('GET', '/api/rooms/none/shows/1/cues')->{status}, 404, 'a room that is not');
is(http('GET', '/api/rooms/demo/shows/x/cues')->{status}, 400, 'no number');
is(http('GET', '/api/rooms/demo/shows/1/cues?from=x')->{status}, 400, 'no instant');
is(http('GET', '/api/rooms/demo/shows/1/cue')->{status}, 404, 'no such path');
is(http('GET', '/api/rooms/demo/shows/1')->{status}, 404, 'nor this');
is(http('PUT', '/api/rooms/demo/shows/1/cues')->{status}, 405, 'they are read only');

finish();
