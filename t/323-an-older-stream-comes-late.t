# Two nodes admit one host while Redis is away.  When it is back, the stream
# that began last stays, whichever node is heard first.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

my $redis = redis(append => 1);
my %node;

host('h1');
room('demo', key => sha('k'));

for my $name ('a', 'b') {
    my $conf = live_conf(commerce => "node $name; stale_hosts 1h;");

    $conf =~ s/%%RTMP%%/%%PORT_$name%%/;
    $conf =~ s/%%HTTP%%/%%PORT_H$name%%/;
    $conf =~ s/%%LEDGER%%/%%LEDGER%%-$name/;
    $conf =~ s{/hls;}{/hls-$name;};
    dir("hls-$name");
    $node{$name} = nginx($conf, name => $name, log => 'notice', workers => 1);
}

sub go_live {
    my $name = shift;
    my $rtmp = Commerce::RTMP->new(port => port($name));

    $rtmp->publish('demo?key=k');
    like(said($rtmp->status(8)), qr/^Start/, "live on $name");

    return $rtmp;
}

sub holder { $redis->call('GET', 'commerce:{demo}:live') // '' }

# signals to a node's worker: one that is stopped does not get at Redis

sub stall { kill 'STOP', $node{$_[0]}->workers }
sub wake { kill 'CONT', $node{$_[0]}->workers }

# both nodes have to know the room, and nobody is to have it

for my $name ('a', 'b') {
    go_live($name)->leave;
    ok(wait_for(5, sub { !holder() }), 'it ends');
}

for my $late ('a', 'b') {
    $redis->call('HDEL', 'commerce:{demo}', 'contests');
    $redis->stop;

    my $older = go_live('a');
    my $newer = go_live('b');

    stall($late);
    $redis->run;

    my $first = $late eq 'a' ? 'b' : 'a';
    ok(wait_for(10, sub { holder() =~ m{^$first/} }), "$first is heard first");
    wake($late);

    is(said($older->status(10)), 'BadName replaced', 'the older one goes');
    ok(wait_for(10, sub { holder() =~ m{^b/} }), 'the newer one has the room');
    is(said($newer->status(1)), 'nothing', 'and stays');

    $_->leave for $older, $newer;
    ok(wait_for(10, sub { !holder() }), 'it ends');
}

finish();
