# A host who goes to another node is replaced on the first, as on one node.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

use Time::HiRes qw(time);

redis();
host('h1');
room('demo', key => sha('k'));

for my $name ('a', 'b') {
    my $conf = live_conf(commerce => "node $name;");

    $conf =~ s/%%RTMP%%/%%PORT_$name%%/;
    $conf =~ s/%%HTTP%%/%%PORT_H$name%%/;
    $conf =~ s/%%LEDGER%%/%%LEDGER%%-$name/;
    $conf =~ s{/hls;}{/hls-$name;};
    dir("hls-$name");
    nginx($conf, name => $name, log => 'notice');
}

sub go_live {
    my $name = shift;
    my $rtmp = Commerce::RTMP->new(port => port($name));

    $rtmp->publish('demo?key=k');
    like(said($rtmp->status(5)), qr/^Start/, "live on $name");

    return $rtmp;
}

my $on_a = go_live('a');
like(redis()->call('GET', 'commerce:{demo}:live'), qr{^a/}, 'says Redis');

my $on_b = go_live('b');
my $start = time;
is(said($on_a->status(3)), 'BadName replaced', 'replaced on a');
cmp_ok(time - $start, '<', patience(5), 'at once');
ok($on_a->closed(4), 'closed there');
sleep 1;

like(redis()->call('GET', 'commerce:{demo}:live'), qr{^b/}, 'Redis says b');
is(said($on_b->status(1)), 'nothing', 'b goes on');
is(record_of('demo')->{show}, 1, 'it is one show');
ok(!redis()->call('HGET', 'commerce:{demo}:shows', '1:ended'),
   'which has not ended');

is(said($on_b->status(6)), 'nothing', 'also over a renewal');

# the claim is another's, though nobody told: found out at the next renewal

redis()->call('SET', 'commerce:{demo}:live', 'elsewhere/1');
is(said($on_b->status(8)), 'BadName replaced', 'replaced by who did not tell');
is(redis()->call('GET', 'commerce:{demo}:live'), 'elsewhere/1', 'who keeps it');

$on_b->leave;
finish();
