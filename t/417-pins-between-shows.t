# What is pinned after a show has ended belongs to the next one: going live
# does not clear it.  What was pinned in the show before does not come back,
# nor does what was to come in it.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(time);

redis();
host('h1');
room('demo', key => sha('k'));
redis()->line('HSET commerce:product:{tea} state approved title Tea');
redis()->line('HSET commerce:product:{pot} state approved title Pot');
redis()->line('ZADD commerce:{demo}:shelf 1 tea 2 pot');
live(application => 'commerce_reconnect_window 1s;',
     server => 'location /api/ { commerce_api; }');

sub go_live {
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->publish('demo?key=k');
    like(said($rtmp->status(5)), qr/^Start/, shift);

    return $rtmp;
}

sub end {
    shift->leave;
    ok(wait_for(5, sub { !redis()->call('GET', 'commerce:{demo}:live') }),
       'it ends');
    sleep 2;
}

sub pin {
    my ($product, %more) = @_;
    my $more = join '', map { qq(, "$_": $more{$_}) } keys %more;

    my $answer = http('PUT', '/api/rooms/demo/pin',
                      headers => { 'Content-Type' => 'application/json' },
                      body => qq({"product": "$product"$more}));

    is($answer->{status}, 200, "$product is pinned") or diag($answer->{content});
}

sub api { decode_json(http('GET', "/api/rooms/demo$_[0]")->{content}) }

sub cue { my $cue = api('')->{cue}; $cue ? "$cue->{card}{product} of $cue->{show}" : '' }

sub coming { join ' ', map { $_->{card}{product} } @{api('/pins')->{pins}} }

pin('tea');

my $session = go_live('a first show');
is(cue(), 'tea of 1', 'has what was pinned before it');
pin('pot');
pin('tea', at => int(time * 1000) + 3600000);
is(coming(), 'tea', 'a pin is to come');
end($session);
is(coming(), '', 'but not when the show has ended');

$session = go_live('a second show');
is(cue(), '', 'has nothing of the first');
is(redis()->call('XLEN', 'commerce:{demo}:cues'), 3, 'nor to come');
end($session);

pin('tea');
pin('pot', at => int(time * 1000) + 3600000);
is(coming(), 'pot', 'a pin to come in the next show');

$session = go_live('a third show');
is(cue(), 'tea of 3', 'has what was pinned since the second');
is(coming(), 'pot', 'now and to come');
end($session);

# the node's own memory says the same as the API

$session = go_live('a fourth show');
is(cue(), '', 'begins with nothing');
end($session);

finish();
