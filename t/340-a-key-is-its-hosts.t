# A stream key belongs to the host it was given to: a room that is given to
# another host, by the API or in Redis, has no key until it gets one.  Who was
# let in by what no longer holds is cut.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(state);
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

use Commerce::RTMP;
use Time::HiRes qw(time);

use constant { ONE => 'key-number-one-1', TWO => 'key-number-two-2' };

redis();
host('h1');
host('h2');
live(server => 'location /api/ { commerce_api; }
                location = /status { commerce_status; }');

sub api {
    my ($method, $room, $body) = @_;

    return http($method, "/api/rooms/$room", body => $body,
                headers => { 'Content-Type' => 'application/json' })->{status};
}

sub on_air {
    my ($name, $what) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->publish($name);
    like(said($rtmp->status(5)), qr/^Start/, $what);

    return $rtmp;
}

sub cut_at_once {
    my ($rtmp, $what) = @_;
    my $start = time;

    is(said($rtmp->status(5)), 'Unauthorized proof_wrong', $what);
    cmp_ok(time - $start, '<', patience(5), 'at once');
    ok($rtmp->closed(4), 'and closed');
}

sub answers {
    my ($name, $wanted, $what) = @_;
    my $said;

    ok(wait_for(5, sub { ($said = attempt($name)) eq $wanted }), $what)
        or diag("$name: $said");
}


# by the API

is(api('PUT', 'demo', '{"host": "h1", "state": "open", "key": "' . ONE . '"}'),
   201, 'a room of a host with his key');

my $first = on_air('demo?key=' . ONE, 'he is live');
is(api('PATCH', 'demo', '{"host": "h2"}'), 200, 'the room is given to another');
cut_at_once($first, 'the first host is cut');

answers('demo?key=' . ONE, 'Unauthorized proof_wrong', 'his key opens nothing');
answers(ONE, 'Unauthorized room_unknown', 'nor as the name');
answers('demo?token=' . token('demo', 'h1', 60), 'Unauthorized proof_wrong',
        'nor does his token');

is(api('PATCH', 'demo', '{"host": "h1"}'), 200, 'given back');
answers('demo?key=' . ONE, 'Unauthorized proof_wrong', 'it stays without a key');

is(api('PUT', 'demo', '{"host": "h2", "state": "open", "key": "' . TWO . '"}'),
   200, 'given to the other with a key');

my $second = on_air('demo?key=' . TWO, 'which opens it');
is(api('PATCH', 'demo', '{"title": "Tea", "host": "h2"}'), 200,
   'a change of something else');
is(said($second->status(1)), 'nothing', 'cuts nobody');

is(api('PATCH', 'demo', '{"key": "key-number-three-3"}'), 200, 'another key');
cut_at_once($second, 'who came by the one before is cut');

my $third = on_air('demo?key=key-number-three-3', 'the new one opens the room');
is(api('PATCH', 'demo', '{"key": null}'), 200, 'it is taken away');
cut_at_once($third, 'who came by it is cut');

my $token = on_air('demo?token=' . token('demo', 'h2', 60), 'who has a token');
is(api('PATCH', 'demo', '{"key": "' . TWO . '"}'), 200, 'and a new key');
is(said($token->status(1)), 'nothing', 'is not concerned');
is(api('PATCH', 'demo', '{"host": "h1"}'), 200, 'until the room is not his');
cut_at_once($token, 'then he is cut');


# in Redis, where the key says whose it is, or does not

room('said', key => sha(ONE), key_host => 'h1');
my $said = on_air('said?key=' . ONE, 'a key that says whose it is');
room('said', host => 'h2');
cut_at_once($said, 'ends with its host');
answers('said?key=' . ONE, 'Unauthorized proof_wrong', 'and opens nothing');
room('said', host => 'h1');
answers('said?key=' . ONE, 'Start Start publishing', 'but for him');

room('other', key => sha(TWO), host => 'h1');
my $plain = on_air('other?key=' . TWO, 'a key that does not say it');
room('other', key => sha('another'), host => 'h2');
cut_at_once($plain, 'ends when it is replaced');
answers('other?key=another', 'Start Start publishing', 'as does his successor');
is(api('PATCH', 'other', '{"host": "h1"}'), 200, 'given away by the API');
answers('other?key=another', 'Unauthorized proof_wrong', 'it has no key either');

my @reasons = map { $_->{reason} // "" } events('publish_ended', 8);
is((grep { $_ eq 'proof_wrong' } @reasons), 6, 'the events say why') or
    diag("@reasons");

finish();
