# Many who play one room over RTMP: while nothing changes they cost their workers
# next to nothing, and a ban of the room cuts them all.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Edge qw(subscribed);
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use IO::Select;
use Test::More;
use Time::HiRes qw(sleep time);

use constant { PLAYERS => seconds(100, 1000), LOOK => seconds(1, 10) };

redis();
host('h1');
room('demo', visibility => 'unlisted');

my $conf = live_conf(application => 'commerce_play on;',
                     server => 'location = /status { commerce_status; }');

$conf =~ s/events \{ \}/events { worker_connections 4096; }/;

my $nginx = nginx($conf, log => 'notice', workers => 2);

ok(subscribed(), 'subscribed');

# ms of CPU that the workers take in a second

sub cpu {
    my $sum = 0;

    for my $pid ($nginx->workers) {
        $sum += (split ' ', read_file("/proc/$pid/schedstat"))[0];
    }

    return $sum / 1e6;
}

sub cost {
    my $before = cpu();
    my $begin = time;

    sleep LOOK;

    return (cpu() - $before) / (time - $begin);
}

my $idle = cost();
my @players;

for my $n (1 .. PLAYERS) {
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->play('demo?viewer=' . viewer('r', 'demo', "u$n", seconds => 3600));
    push @players, $rtmp;
}

my @in = grep { said($_->status(20)) =~ /^Start/ } @players;

is(scalar @in, PLAYERS, 'all play');

my $watched = cost();

# each change of the room is looked at for each of them, once

my $before = cpu();

room('demo', title => "Title $_"), sleep 0.2 for 1 .. 5;

my $changed = (cpu() - $before) / 5;

$_->poll for @players;
is(scalar grep({ $_->{eof} } @players), 0, 'nobody is cut');

# what comes next is why

my $select = IO::Select->new(map { $_->{socket} } @players);
my ($first, $last);
my $begin = time;
my $until = $begin + patience(30);

room('demo', state => 'banned');

while ($select->count && time < $until) {
    my @ready = $select->can_read(1) or next;

    $last = time;
    $first //= $last;
    $select->remove(@ready);
}

is(scalar grep({ said($_->status(1)) eq 'Failed room_banned' } @players),
   PLAYERS, 'a ban of the room cuts them all');

figures(PLAYERS . ' players', sprintf('idle %.1f', $idle),
        sprintf('watch %.1f', $watched), sprintf('change %.1f', $changed),
        sprintf('first %.0f', 1000 * ($first - $begin)),
        sprintf('last %.0f', 1000 * ($last - $begin)));

# what is watched is one record for all: a worker looks ten times a second

cmp_ok($watched - $idle, '<', 20, 'who plays costs next to nothing, ms/s');

conclude();
