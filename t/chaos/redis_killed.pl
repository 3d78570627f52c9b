# Redis is killed again and again under clicks; it keeps what it has written,
# or, where it syncs each second only, lacks the end of it as after a power
# failure.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

my $redis = redis(append => 1);
my ($nginx, $proxy) = outage();
my $film = on_air('film');

sub append_file { (glob dir() . '/redis0/appendonlydir/*.incr.aof')[-1] }
sub written { -s append_file() }

for my $sync (qw(always everysec)) {
    my $crowd = crowd(2, "/cart/r-$sync/p1", "/cart/r-$sync/p2");
    my ($killed, $lost) = (0, 0);

    every(0.5, seconds(3, 20), sub {
        $redis->call('CONFIG', 'SET', 'appendfsync', $sync);

        my $written = written();

        wait_for(5, sub { written() > $written });
        $redis->kill;

        if ($sync eq 'everysec') {
            $lost += written() - $written;
            truncate append_file(), $written or die "truncate: $!\n";
        }

        $redis->run;
        $killed++;
    });

    cmp_ok($killed, '>=', 3, "Redis was killed: $killed");
    cmp_ok($lost, '>', 0, "bytes lost: $lost") if $sync eq 'everysec';

    undisturbed($film, $sync);
    tell($sync);
    $crowd->compare(exact => 1);
}

conclude();
