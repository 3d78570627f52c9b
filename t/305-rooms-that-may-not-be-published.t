# Only an open room is published.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
live();

for my $state (qw(scheduled closed banned)) {
    room("r-$state", state => $state, key => sha('k'));
    is(attempt("r-$state?key=k"), "Unauthorized room_$state",
       "a room that is $state");
}

is(attempt('nowhere?key=k'), 'Unauthorized room_unknown', 'an unknown room');

room('keyless');
is(attempt('keyless?key='), 'Unauthorized proof_missing',
   'an empty key opens nothing');
is(attempt('keyless?key=k'), 'Unauthorized proof_wrong',
   'nor any a room without one');

redis()->call('SET', 'commerce:{odd}', 'text');
unlike(attempt('odd?key=k'), qr/^Start/, 'a key of a wrong type');

room('r-scheduled');
like(attempt('r-scheduled?key=k'), qr/^Start/, 'once open, it is');

finish();
