# Two encoders of one host that both come back would replace each other for
# ever: after a while the one on air stays, and the other is refused.

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
live();

my ($on_air, $status);
my $replaced = 0;

for (1 .. 10) {
    my $next = Commerce::RTMP->new(port => port('RTMP'));

    $next->publish('demo?key=k');
    $status = said($next->status(5));

    if ($status !~ /^Start/) {
        $next->leave;
        last;
    }

    if ($on_air) {
        is(said($on_air->status(3)), 'BadName replaced', 'he is replaced');
        $on_air->leave;
        $replaced++;
    }

    $on_air = $next;
}

is($status, 'BadName room_taken', 'then the other is refused');
is($replaced, 5, 'after five replacements');
is(said($on_air->status(1)), 'nothing', 'and who is on air notices nothing');

my @refused = log_text() =~ /(publishing room "demo" was refused: room_taken)/g;
is(@refused, 1, 'one line of the log tells of it');
is((events('publish_refused', 1))[0]{reason}, 'room_taken', 'and one event');

# as it would be if he sent something

redis()->call('HSET', 'commerce:{demo}', 'seen', time * 1000);
is(attempt('demo?key=k'), 'BadName room_taken', 'he is refused again');

# the one on air is heard no more, as when his network is gone

redis()->call('HSET', 'commerce:{demo}', 'seen', (time - 8) * 1000);

like(attempt('demo?key=k'), qr/^Start/, 'a silent one is replaced all the same');
is(said($on_air->status(3)), 'BadName replaced', 'as he is told');
$on_air->leave;

ok(wait_for(5, sub { !redis()->call('GET', 'commerce:{demo}:live') }), 'it ends');
like(attempt('demo?key=k'), qr/^Start/, 'a free room is open to him');

finish();
