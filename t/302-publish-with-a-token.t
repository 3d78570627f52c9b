# A token signed with the tenant's secret proves a host until it expires.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo');
live(proofs => 'token');

my $good = token('demo', 'h1', 60);

like(attempt("demo?token=$good"), qr/^Start/, 'a good token');

is(attempt('demo?token=' . token('demo', 'h1', -1)),
   'Unauthorized proof_expired', 'an expired one');
is(attempt('demo?token=' . token('demo', 'h1', 60, 'x' x 40)),
   'Unauthorized proof_wrong', 'one signed with another secret');
is(attempt('demo?token=' . token('other', 'h1', 60)),
   'Unauthorized proof_wrong', 'one for another room');
is(attempt('demo?token=' . token('demo', 'h2', 60)),
   'Unauthorized proof_wrong', "one for another's host");
is(attempt('demo?token=' . substr($good, 0, -1)),
   'Unauthorized proof_wrong', 'one that was cut');
is(attempt('demo?token='), 'Unauthorized proof_missing', 'an empty one');
is(attempt('demo?token=..'), 'Unauthorized proof_wrong', 'one of dots');
is(attempt('demo'), 'Unauthorized proof_missing', 'none');

room('keyed', key => sha('k'));
is(attempt('keyed?key=k'), 'Unauthorized proof_missing',
   'a key is no proof where tokens are');
is(attempt('k'), 'Unauthorized room_unknown', 'nor as the name');

is(scalar(my @refused = events('publish_refused', 10)), 10, 'each refusal is an event');
my $log = log_text();
is(() = $log =~ /was refused: proof_wrong/g, 5, 'and in the log once');

my $secret = SECRET;
unlike($log, qr/\Q$good\E|\Q$secret\E/, 'which has no tokens');

finish();
