# What is done through the API and over RTMP is told to the audit; nothing that
# is secret gets there, or into a log.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;

use constant KEY => 'the-secret-stream-key';

redis();
live(log => 'info', proofs => 'key token', server => <<'CONF');
        location /api/ { commerce_api; }
        location ~ ^/enter/(?<room>[^/]+)$ {
            commerce_room $room;
            commerce_enter;
        }
        location ~ ^/rooms/(?<room>[^/]+)$ {
            commerce_room $room;
            commerce_access on;
            commerce_shelf;
        }
CONF

sub api {
    my ($method, $path, $body) = @_;
    my %headers = (Authorization => 'Basic bWFyeTpsYW1i');    # mary:lamb

    $headers{'Content-Type'} = $method eq 'PATCH' ? 'application/merge-patch+json'
                                                  : 'application/json';

    my $answer = http($method, "/api/$path", headers => \%headers,
                      body => $body // '');

    like($answer->{status}, qr/^20[01]$/, "$method $path")
        or diag($answer->{content});

    return decode_json($answer->{content});
}

api('PUT', 'hosts/anna', '{"state": "approved"}');
api('PUT', 'products/pot', '{"state": "approved", "title": "Pot", '
                           . '"link": "https://shop.example/"}');
api('PUT', 'rooms/demo', '{"host": "anna", "state": "open", '
                         . '"visibility": "unlisted", "key": "' . KEY . '"}');
api('PUT', 'rooms/demo/shelf/pot');
api('PUT', 'rooms/demo/pin', '{"product": "pot"}');
api('DELETE', 'rooms/demo/pin');

my $pin = api('PUT', 'rooms/demo/pin', '{"product": "pot", "at": '
                                       . (time + 3600) * 1000 . '}');
api('DELETE', "rooms/demo/pins/$pin->{id}");

my $until = (time + 3600) * 1000;
my $code = api('POST', 'rooms/demo/codes', qq({"until": $until}));
my $entered = http('POST', '/enter/demo', body => qq({"code": "$code->{code}"}),
                   headers => { 'Content-Type' => 'application/json' });
is($entered->{status}, 200, 'entered by the code');
my $session = decode_json($entered->{content})->{token};
my $viewer = decode_json($entered->{content})->{viewer};

sub watching {
    my $proof = shift;

    return http('GET', '/rooms/demo', headers => {
        $proof ? (Authorization => "Bearer $proof") : ()
    })->{status};
}

is(watching($session), 200, 'and watches');
is(watching(), 401, 'nobody does without a proof');
is(watching('r.1795381200.1795374000123.u42.a-wrong-mac'), 403,
   'nor with a wrong one');
api('PUT', "rooms/demo/out/$viewer");
ok(wait_for(5, sub { watching($session) == 403 }), 'nor who is banned');

is(http('POST', '/enter/demo', body => '{"code": "ABCD-EFGH"}',
        headers => { 'Content-Type' => 'application/json' })->{status}, 403,
   'not by another');
api('DELETE', "rooms/demo/codes/$code->{id}");

my $token = token('demo', 'anna', 60);
is(attempt("demo?key=" . KEY), 'Start Start publishing', 'by the key');
is(attempt("demo?token=$token"), 'Start Start publishing', 'by a token');
is(attempt('demo?key=a-wrong-key-of-his'), 'Unauthorized proof_wrong',
   'not by another key');

api('PATCH', 'rooms/demo', '{"visibility": "public"}');
api('PATCH', 'products/pot', '{"state": "down"}');
api('PATCH', 'hosts/anna', '{"state": "suspended", "reason": "late"}');

# what is told

events('publish_ended', 2);
ok((grep { $_->{state} eq 'suspended' } events('state', 5)),
   'the last of it is there');

my @all = map { +{ @{$_->[1]} } }
          @{redis()->call('XRANGE', 'commerce:events', '-', '+')};

# those that several workers tell at a time have no order

sub told {
    my ($type, @fields) = @_;

    return join ', ', sort map {
        my $entry = $_;
        join ' ', map { $entry->{$_} // '-' } @fields
    } grep { $_->{type} eq $type } @all;
}

is(told('state', qw(host room product state before reason actor)),
   join(', ', sort 'anna - - approved - - mary', '- - pot approved - - mary',
        'anna demo - open - - mary', '- - pot down approved - mary',
        'anna - - suspended approved late mary'), 'states');
is(told('visibility', qw(room host visibility before actor)),
   'demo anna public unlisted mary, demo anna unlisted - mary', 'visibility');
like(told('pinned', qw(room host show product actor begins)),
     qr/^demo anna 1 pot mary \d{13}, demo anna 1 pot mary \d{13}$/, 'pins');
is(told('unpinned', qw(room host product)), 'demo anna -', 'unpinned');
is(told('pin_cancelled', qw(room host cue show)), "demo anna $pin->{id} 1",
   'a pin taken back');
is(told('code_made', qw(room host code until actor)),
   "demo anna $code->{id} $until mary", 'a code made');
is(told('code_withdrawn', qw(room host code actor)),
   "demo anna $code->{id} mary", 'and withdrawn');
is(told('publish_started', qw(room host show actor)),
   'demo anna 1 anna, demo anna 1 anna', 'publishes');
is(told('publish_refused', qw(room host reason client)),
   'demo  proof_wrong 127.0.0.1', 'and refusals');
like(told('view_refused', qw(room reason viewer client)),
     qr/^demo proof_wrong - 127.0.0.1(, demo viewer_banned $viewer 127.0.0.1)+$/,
     'of viewers, too');
is(told('viewer_banned', qw(room host viewer actor)), "demo anna $viewer mary",
   'a ban');
is((grep { !$_->{node} || $_->{at} !~ /^\d{13}$/ || !$_->{client} } @all), 0,
   'each with node, time and address');

# and what is not

my $text = JSON::PP->new->canonical->encode(\@all);
my ($mac) = $token =~ /\.([^.]+)$/;
my ($session_mac) = $session =~ /\.([^.]+)$/;

for my $secret (KEY, 'a-wrong-key-of-his', $mac, $session_mac, $code->{code},
                $code->{code} =~ s/-//r, 'a-wrong-mac', 'ABCD', 'lamb', 'bWFyeTpsYW1i',
                SECRET)
{
    unlike($text, qr/\Q$secret/i, 'no secret in the audit');
    unlike(log_text(), qr/\Q$secret/i, 'nor in the log');
}

# of many refusals ten a second are told; the next one says of the others

my @guesses = map { Commerce::RTMP->new(port => port('RTMP')) } 1 .. 60;
$_->publish('demo?key=guess') for @guesses;
$_->status(10) for @guesses;
$_->leave for @guesses;

my $left = 0;

ok(wait_for(10, sub {
    attempt('demo?key=guess');
    my @refused = events('publish_refused');
    $left = 0;
    $left += $_->{left_out} // 0 for @refused;
    return $left;
}), 'some were left out');

my $refused = () = events('publish_refused');
my ($logged) = log_text();
$logged = () = $logged =~ /was refused: proof_wrong/g;
cmp_ok($refused + $left, '<=', $logged, 'no more than there were');
cmp_ok($refused + $left, '>=', $logged - 10, 'nor less');

finish();
