# Another price, another stock, sold out: the shelf has it within a second, and
# with renew_cues the playlists, by a new cue.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(sleep time);

my $redis = redis();

for my $room (qw(demo plain)) {
    $redis->line("HSET commerce:{$room} host h1 state open version 5 show 3");
    $redis->line("HSET commerce:{$room}:shows 3:started 3000");
    $redis->line("SET commerce:{$room}:live x");
    $redis->line("ZADD commerce:{$room}:shelf 1 tea 2 pot");
}

$redis->line("HSET commerce:product:{$_} state approved title $_ price 300 version 4 " .
             'stock 9 link http://s.example/') for qw(tea pot);

sub conf {
    my ($name, $renew, $prefix) = @_;

    return <<"CONF";
commerce {
    redis unix:%%REDIS%%;
    ledger %%LEDGER%%.$name;
    node $name;
    $renew
}
events { }
http {
    server {
        listen %%PORT_$name%%;
        location /api/ { commerce_api; }
        location ~ ^/rooms/(?<room>\\w+)\$ { commerce_room \$room; commerce_shelf; }
    }
}
CONF
}

nginx(conf($_, 'renew_cues on;'), modules => 'http', name => $_, workers => 2)
    for qw(one two);

my %json = ('Content-Type' => 'application/json');

sub ms { sprintf '%.0f', time * 1000 + shift }

sub shelf { decode_json(http('GET', "/rooms/$_[0]", port => port($_[1]))->{content}) }

sub pin {
    my ($product, %more) = @_;
    my $more = join '', map { qq(, "$_": $more{$_}) } keys %more;

    return http('PUT', '/api/rooms/demo/pin', port => port('one'), headers => \%json,
                body => qq({"product": "$product"$more}));
}

sub change {
    my ($product, $fields) = @_;

    is(http('PATCH', "/api/products/$product", port => port('one'),
            headers => { 'Content-Type' => 'application/merge-patch+json' },
            body => $fields)->{status}, 200, "$product changes: $fields");
}

sub cues {
    return map { my %fields = (id => $_->[0], @{$_->[1]}); \%fields }
           @{$redis->call('XRANGE', 'commerce:{demo}:cues', '-', '+')};
}

sub price_of {
    my ($product, $node) = @_;
    my ($card) = grep { $_->{product} eq $product } @{shelf('demo', $node)->{shelf}};

    return $card->{price} // '';
}

is(pin('tea')->{status}, 200, 'tea is pinned');
ok(wait_for(5, sub { (shelf('demo', $_)->{cue} || {})->{card} }), "$_ sees it") for qw(one two);

# within a second, on both nodes

my $then = time;

change('tea', '{"price": 250}');
ok(wait_for(5, sub { price_of('tea', 'one') eq 250 && price_of('tea', 'two') eq 250 }),
   'the shelf has the new price');
cmp_ok(time - $then, '<', 1, 'within a second');

ok(wait_for(5, sub { cues() == 2 }), 'a cue follows');

my ($first, $second) = cues();

is($second->{product}, 'tea', 'of the same product');
is($second->{price}, 250, 'with its new price');
is($second->{stock}, 9, 'and its stock');
is($second->{version}, 5, 'its version');
is($second->{show}, 3, 'in the show');
is($second->{link}, 'http://s.example/', 'and its link');
cmp_ok($second->{at}, '>', $first->{at}, 'later than the first');
ok(wait_for(5, sub { (shelf('demo', 'two')->{cue}{card}{price} // '') eq 250 }),
   'and is in the spotlight');
is($redis->call('ZCARD', 'commerce:{demo}:3:cues'), 2, 'kept with its show');

# many changes at once: one cue a second, and the last one counts

change('tea', qq({"stock": $_})) for reverse 0 .. 5;
ok(wait_for(10, sub { ((cues())[-1]{stock} // '') eq '0' }), 'sold out in the end');

my @cues = cues();

cmp_ok(scalar @cues, '<=', 5, 'by some cues, not by six');

my @added = map { $_->{id} =~ /^(\d+)/ } @cues;

cmp_ok($added[$_] - $added[$_ - 1], '>=', 1000, 'a second apart') for 2 .. $#cues;

my $n = @cues;

sleep 1.5;
is(scalar cues(), $n, 'both nodes have seen it, and nothing more comes');

# what is not in the spotlight

change('pot', '{"price": 10}');
sleep 0.5;
is(scalar cues(), $n, 'another product: no cue');

# what is to come, when it begins

is(pin('pot', at => ms(3000))->{status}, 200, 'pot is to come');
change('pot', '{"price": 20}');
ok(wait_for(10, sub { ((cues())[-1]{price} // '') eq 20 }), 'its card changes as it begins');
@cues = cues();
is($cues[-2]{product} . $cues[-2]{price}, 'pot10', 'after the cue that was to come');
cmp_ok($cues[-1]{at}, '>', $cues[-2]{at}, 'not before it');

# the show has ended

$n = @cues;
$redis->call('HSET', 'commerce:{demo}:shows', '3:ended', ms(0));
$redis->call('DEL', 'commerce:{demo}:live');
$redis->call('PUBLISH', 'commerce:changed:{demo}',
             $redis->call('HINCRBY', 'commerce:{demo}', 'version', 1));
change('pot', '{"price": 30}');
ok(wait_for(5, sub { price_of('pot', 'two') eq 30 }), 'the shelf has it');
sleep 0.5;
is(scalar cues(), $n, 'nobody is live: no cue');

finish();
