# Clients go away at any moment: before the answer, during it, after it.

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
room("r$_", key => sha("k$_")) for 1 .. 20;
my $nginx = live();
wait_for(5, sub { $nginx->workers == 2 });
my @workers = $nginx->workers;

for my $round (1 .. 5) {
    redis()->call('CLIENT', 'PAUSE', 300);

    my @clients = map {
        my $rtmp = Commerce::RTMP->new(port => port('RTMP'));
        $rtmp->publish($_ % 3 ? "r$_?key=k$_" : 'demo?key=k');
        $rtmp;
    } 1 .. 20;

    for (0 .. $#clients) {
        $clients[$_]->close_stream if $_ % 4 == $round % 4;
        $clients[$_]->leave if $_ % 2 == $round % 2;
    }

    sleep 1 if $round % 2;
    $_->leave for @clients;
}

ok(wait_for(10, sub {
    !grep { redis()->call('GET', "commerce:{$_}:live") } 'demo',
          map { "r$_" } 1 .. 20
}), 'no room is live') or diag(Commerce::Redis::text(redis()->call('KEYS', '*:live')));

is_deeply([$nginx->workers], \@workers, 'the workers live');
like(attempt("r$_?key=k$_"), qr/^Start/, "room $_ can be published") for 1 .. 3;

finish();
