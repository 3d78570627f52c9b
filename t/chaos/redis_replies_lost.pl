# The connection is cut in the middle of a flush: before Redis has all of it,
# when it was carried out but the answer is lost, or with half the answer
# there.  Each click is counted once.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Outage;
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my ($nginx, $proxy) = outage();
my $film = on_air('film');

# a reply to a flush is "*2\r\n:N\r\n:N\r\n"

my @ways = ([lose => 'answers lost'], [cut => 'commands cut off'],
            map { [half => "answers cut off after $_ bytes", bytes => $_] }
                1, 4, 7);

for my $i (0 .. $#ways) {
    my ($does, $what, @bytes) = @{$ways[$i]};
    my $crowd = crowd(2, map { "/cart/r$i/p$_" } 1 .. 3);
    my $before = $proxy->figures->{hits};
    my $hits = sub { $proxy->figures->{hits} - $before };
    my $wanted = seconds(4, 30);

    # now and then one, or nothing would ever arrive

    while ($hits->() < $wanted) {
        my $n = $hits->();

        $proxy->on(":counts\r\n", $does, times => 1, @bytes);
        wait_for(20, sub { $hits->() > $n })
            or BAIL_OUT('nothing is flushed');
    }

    undisturbed($film, $what);
    tell("($what)");
    $crowd->compare(exact => 1);
}

conclude();
