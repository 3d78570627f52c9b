# Workers are killed again and again under clicks, then all of nginx: what was
# accepted is counted, and nothing twice.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(sleep);

my $redis = redis();

shop('r1', 'p1', 'p2', 'p3');
shop('r2', 'p1');

my $nginx = clicking();

ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a first click');

my $viewers = viewers(3, '/cart/r1/p1', '/cart/r1/p2', '/cart/r1/p3',
                      '/cart/r2/p1');

for my $i (1 .. 15) {
    sleep 0.2;

    my @workers = $nginx->workers;
    kill 'KILL', $workers[$i % @workers] if @workers;
}

sleep 0.5;
$nginx->kill;

my ($sent, $accepted) = $viewers->stop;

$nginx->start;

sub all {
    return 0 + counted('r1', 'p1') + counted('r1', 'p2') + counted('r1', 'p3')
           + counted('r2', 'p1');
}

cmp_ok($accepted, '>', 100, "clicks were accepted: $accepted of $sent");
ok(wait_for(8, sub { all() >= 1 + $accepted }), 'all accepted are in Redis')
    or diag("accepted $accepted, counted " . all());
sleep 1;
cmp_ok(all(), '<=', 1 + $sent, 'and no more than were sent');

diag("sent $sent, accepted $accepted, in Redis " . (all() - 1))
    if $ENV{TEST_VERBOSE};

allow_fault(qr/exited on signal 9/, qr/sendmsg\(\) failed.*Broken pipe/);
finish();
