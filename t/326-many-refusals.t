# Whoever guesses names is told each time why he is refused, and so is the
# log; but the events in Redis are not filled with him.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

use constant MANY => 80;

redis();
host('h1');
room('demo', key => sha('k'));
live(workers => 1);

my @guesses = map { Commerce::RTMP->new(port => port('RTMP')) } 1 .. MANY;
my $began = time;

$_->publish('demo?key=guess') for @guesses;

my @said = map { said($_->status(10)) } @guesses;
my $seconds = time - $began + 2;

is(scalar(grep { $_ eq 'Unauthorized proof_wrong' } @said), MANY,
   'each is told why');
is(() = log_text() =~ /room "demo" was refused: proof_wrong/g, MANY,
   'the log has a line of each');

$_->leave for @guesses;

# an event that is written after them: then theirs have been

like(attempt('demo?key=k'), qr/^Start/, 'the host is admitted');
is(scalar(my @started = events('publish_started', 1)), 1, 'of which there is an event');

my $refused = () = events('publish_refused', 1);
cmp_ok($refused, '>=', 1, 'there are events of refusals');
cmp_ok($refused, '<=', 20 * $seconds, 'but not many in a second');

finish();
