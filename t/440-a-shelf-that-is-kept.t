# A shelf is written once, and again when something of it has changed: whatever
# that is, in whatever worker.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use IO::Socket::INET;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);

my $redis = redis();

room('demo', title => 'First');
room('empty');
room('long', title => 'Long');

for my $id (qw(cup pot tea)) {
    product($id, title => ucfirst $id, link => "https://s.example/$id");
    $redis->call('ZADD', 'commerce:{demo}:shelf', length $id, $id);
}

for my $n (1 .. 1000) {
    product("p$n", title => 'x' x 100, link => "https://s.example/p$n");
    $redis->call('ZADD', 'commerce:{long}:shelf', $n, "p$n");
}

# another platform's room of that name

$redis->call('HSET', 'other:{demo}', 'host', 'h', 'state', 'open',
             'title', 'Other', 'version', 1);

nginx(<<'CONF', modules => 'http');
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
}
commerce other {
    redis      unix:%%REDIS%%;
    namespace  other;
    ledger     %%LEDGER%%-other 1m;
}
events { }
http {
    server {
        listen %%HTTP%%;
        sendfile off;

        location ~ ^/rooms/(?<room>[^/]+)$ {
            commerce_room  $room;
            commerce_shelf;
        }

        location ~ ^/other/(?<room>[^/]+)$ {
            commerce_tenant  other;
            commerce_room    $room;
            commerce_shelf;
        }

        location ~ ^/slow/(?<room>[^/]+)$ {
            limit_rate     60k;
            commerce_room  $room;
            commerce_shelf;
        }
    }
}
CONF

sub shelf {
    my $path = shift // '/rooms/demo';

    return decode_json(http('GET', $path)->{content});
}

# each worker has said so in ten answers of which none differs

sub everywhere {
    my $same = shift;

    return wait_for(5, sub {
        for (1 .. 10) {
            return 0 if !$same->(shelf());
        }
        return 1;
    });
}

sub titles { join ' ', map { $_->{title} } @{$_[0]{shelf}} }

ok(everywhere(sub { titles($_[0]) eq 'Cup Pot Tea' }), 'a shelf');
is(shelf('/other/demo')->{title}, 'Other', 'another platform has its own');
is(shelf()->{title}, 'First', '... and this one too');
is_deeply(shelf('/rooms/empty')->{shelf}, [], 'an empty one') for 1, 2;

product('pot', title => 'Kettle', version => 2);
ok(everywhere(sub { titles($_[0]) eq 'Cup Kettle Tea' }),
   'a product has changed');

product('cup', state => 'down', version => 2);
ok(everywhere(sub { titles($_[0]) eq 'Kettle Tea' }), '... is down');

product('cup', state => 'approved', title => 'Cup', version => 3);
ok(everywhere(sub { titles($_[0]) eq 'Cup Kettle Tea' }), '... and back');

$redis->call('ZREM', 'commerce:{demo}:shelf', 'tea');
room('demo', title => 'Second', version => 2);
ok(everywhere(sub { titles($_[0]) eq 'Cup Kettle'
                    && $_[0]{title} eq 'Second' }), 'the room has changed');

# a cue to come is in force when its time is there, and nothing is told then

my $at = int(time() * 1000) + 2500;

$redis->call('XADD', 'commerce:{demo}:cues', '*', 'at', $at, 'show', 0,
             'product', 'pot', 'version', 2, 'title', 'Kettle');
room('demo', title => 'Third', version => 3);
ok(everywhere(sub { $_[0]{title} eq 'Third' }), 'a cue is to come');
ok(everywhere(sub { $_[0]{cue} && $_[0]{cue}{card}{product} eq 'pot' }),
   '... and comes');
cmp_ok(time() * 1000, '>=', $at, '... not before its time');

# an answer goes on though another shelf has taken its place

my $long = http('GET', '/rooms/long')->{content};

is(scalar @{decode_json($long)->{shelf}}, 1000, 'a long shelf');
cmp_ok(length $long, '>', 150000, '... of many bytes');

my $slow = run('slow', 'curl', '-sS',
               'http://127.0.0.1:' . port('HTTP') . '/slow/long');

ok(wait_for(5, sub { length $slow->log > 10000 }), 'a slow viewer has begun');

for my $version (2 .. 4) {
    product('p1', title => "new-$version", version => $version);
    ok(wait_for(5, sub {
        shelf('/rooms/long')->{shelf}[0]{title} eq "new-$version"
    }), '... it changes meanwhile');
}

ok($slow->running, '... he is not through');
ok(wait_for(20, sub { !$slow->running }), '... he is');
ok($slow->log eq $long, '... and has what he asked for');

finish();
