# A reload that makes the zone anew does not make anybody forget who writes a
# room: who comes then waits until the old worker's session has stopped.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', key => sha('k'));

my %changed = (
    'another size'      => sub { s/zone   4m/zone 5m/ },
    'another db'        => sub { s/(redis  \S+);/$1 db=1;/ },
    'another namespace' => sub {
        s/(zone   4m;)/$1 namespace other;/;
        s/(%%LEDGER%%)/$1-other/;      # a ledger has one namespace
    },
);

for my $db (0, 1) {
    redis()->call('SELECT', $db);

    for my $name ('commerce', 'other') {
        redis()->call('HSET', "$name:host:{h1}", state => 'approved',
                      version => 1);
        redis()->call('HSET', "$name:{demo}", host => 'h1', state => 'open',
                      key => sha('k'), version => 1);
    }
}

my $conf = live_conf();
my $nginx = nginx($conf, log => 'notice', workers => 1);

sub go_live {
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->publish('demo?key=k');
    like(said($rtmp->status(8)), qr/^Start/, 'live');

    return $rtmp;
}

for my $what (sort keys %changed) {
    my $before = go_live();

    local $_ = $conf;
    $changed{$what}->();
    $nginx->conf($_);
    ok($nginx->reload, "reloaded with $what");

    # that he was told is known when the other is: no time is allowed for it

    my $after = go_live();
    $before->poll;
    is(said($before->status(0)), 'BadName replaced',
       'who was on air has stopped before');

    $_->leave for $before, $after;
}


# Nobody tells the old worker of changes any more: each second it asks for room
# and host itself, not only when what it has of them is no longer current.

sub asked {
    my $stats = redis()->call('INFO', 'commandstats');

    return $stats =~ /^cmdstat_hgetall:calls=(\d+)/m ? $1 : 0;
}

redis()->call('SELECT', 0);

my $alone = go_live();

$nginx->conf($conf =~ s/zone   4m/zone 6m/r);
ok($nginx->reload, 'reloaded, and nobody goes live');

my $asked = asked();
ok(wait_for(6, sub { asked() >= $asked + 9 }), 'room and host are asked for');
redis()->call('HSET', 'commerce:host:{h1}', 'state', 'banned');
redis()->call('HINCRBY', 'commerce:host:{h1}', 'version', 1);
is(said($alone->status(5)), 'Unauthorized host_banned', 'a ban is found out');

finish();
