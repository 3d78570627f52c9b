# A room that is banned, closed or given to another host stops at once.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

use Commerce::RTMP;

redis();
host('h1');
host('h2');
room('demo', key => sha('k'));
live();

# that the room is open again takes a moment to be known

sub on_air {
    my $rtmp;

    ok(wait_for(5, sub {
        $rtmp = Commerce::RTMP->new(port => port('RTMP'));
        $rtmp->publish('demo?key=k');
        said($rtmp->status(5)) =~ /^Start/;
    }), 'the room is live');

    return $rtmp;
}

for my $state (qw(banned closed scheduled)) {
    my $rtmp = on_air();

    room('demo', state => $state);
    is(said($rtmp->status(2)), "Unauthorized room_$state", "then $state");
    ok($rtmp->closed(4), 'it is closed');

    room('demo');
}

my $rtmp = on_air();
room('demo', title => 'Another title');
is(said($rtmp->status(1)), 'nothing', 'a new title cuts nobody');

room('demo', host => 'h2');
is(said($rtmp->status(2)), 'Unauthorized proof_wrong', 'another host does');

finish();
