# Only an approved host publishes; the reason is told to who proved himself.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

redis();
live();

my %said = (applied => 'host_applied', suspended => 'host_suspended',
            banned => 'host_banned');

for my $state (sort keys %said) {
    host("h-$state", state => $state);
    room("r-$state", host => "h-$state", key => sha('k'));

    is(attempt("r-$state?key=k"), "Unauthorized $said{$state}",
       "a host who is $state");
    is(attempt("r-$state?key=x"), 'Unauthorized proof_wrong',
       'who proves nothing learns nothing');
}

room('r-nobody', host => 'nobody', key => sha('k'));
is(attempt('r-nobody?key=k'), 'Unauthorized host_unknown', 'an unknown host');

host('h-back', state => 'suspended', until => (time - 1) * 1000);
room('r-back', host => 'h-back', key => sha('k'));
like(attempt('r-back?key=k'), qr/^Start/, 'a suspension that is over');

host('h-soon', state => 'suspended', until => (time + 60) * 1000);
room('r-soon', host => 'h-soon', key => sha('k'));
is(attempt('r-soon?key=k'), 'Unauthorized host_suspended', 'one that is not');

host('h-odd', state => 'emperor');
room('r-odd', host => 'h-odd', key => sha('k'));
unlike(attempt('r-odd?key=k'), qr/^Start/, 'a state that there is not');

host('h-applied');
like(attempt('r-applied?key=k'), qr/^Start/, 'once approved, he may');

finish();
