# RTMP players are admitted by the decision that all viewers are: nothing is
# played before, and whoever is refused is told why.

use strict;
use warnings;

use lib 't/lib';
use Commerce::JWT;
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex);
use Test::More;

redis();
host('h1');
host('gone', state => 'banned');
room('demo', key => sha('k'));
room('shy', key => sha('k2'), visibility => 'unlisted');
room('fans', visibility => 'followers');
room('early', state => 'scheduled');
room('bad', state => 'banned');
room('theirs', host => 'gone');
room('over', state => 'closed');

redis()->call('SADD', 'commerce:host:{h1.' . substr(sha256_hex('u1'), 0, 2)
              . '}:followers', 'u1');

# nginx-rtmp plays in the worker that receives

my $keys = Commerce::JWT->new;
my ($jwt, $theirs) = $keys->tokens(
    map { [HS256 => claims(room => 'shy', act => $_, sub => 'u1',
                           jti => undef), { alg => 'HS256' }] }
        qw(view publish));

write_file(dir() . '/tencent', "a key to play\n");
write_file(dir() . '/jwks.json', $keys->set);
chmod 0644, dir() . '/tencent', dir() . '/jwks.json';

live(log => 'info', workers => 1,
     commerce => 'signed_url tencent play %%DIR%%/tencent;'
                 . 'jwks %%DIR%%/jwks.json;', application => <<'APPLICATION', server => <<'SERVER');
            commerce_play on;
            access_log %%DIR%%/rtmp.log;
            notify_method get;
            on_play http://127.0.0.1:%%HTTP%%/on_play;
APPLICATION
        location = /status { commerce_status; }
        location = /on_play { access_log %%DIR%%/asked.log; return 204; }
SERVER

my $host = Commerce::RTMP->new(port => port('RTMP'));
$host->publish('demo?key=k');
like(said($host->status(5)), qr/^Start/, 'a public room is live');
my $shy_host = Commerce::RTMP->new(port => port('RTMP'));
$shy_host->publish('shy?key=k2');
like(said($shy_host->status(5)), qr/^Start/, 'and one that is unlisted');

my @tokens = ($jwt, $theirs);

sub r { push @tokens, viewer('r', @_); $tokens[-1] }
sub i { push @tokens, viewer('i', '', @_); $tokens[-1] }

sub url {
    my ($room, $seconds) = @_;
    my $until = sprintf '%08X', time + $seconds;

    push @tokens, 'x.' . md5_hex("a key to play$room$until");
    return 'txSecret=' . substr($tokens[-1], 2) . "&txTime=$until";
}

my @cases = (
    ['demo', qr/^Start/, 'anybody plays what is public'],
    ['demo?x=1', qr/^Start/, 'with arguments of others'],
    ['demo?viewer=nonsense', qr/^Start/, 'with a proof that proves nothing'],
    ['over', qr/^Start/, 'a closed room is not refused'],
    ['shy?viewer=' . r('shy', 'u1'), qr/^Start/, 'a proof for a room'],
    [' shy?x=1&viewer=' . r('shy', 'u1') . '&y=2', qr/^Start/, 'among others'],
    ['fans?viewer=' . r('fans', 'u2'), qr/^Start/, 'also for followers'],
    ['fans?viewer=' . i('u1'), qr/^Start/, 'who follows'],

    ['shy?' . url('shy', 60), qr/^Start/, 'a URL signed as a cloud does it'],
    ['shy?x=1&viewer=x&' . url('shy', 60), qr/^Start/, 'beside another proof'],

    ["shy?jwt=$jwt", qr/^Start/, 'a JSON Web Token'],
    ["shy?viewer=$jwt", qr/^Start/, 'in the place of a token'],
    ["shy?jwt=$theirs", 'Failed proof_other_action', "a host's"],
    ['shy?' . url('demo', 60), 'Failed proof_wrong', 'a URL of another room'],
    ['shy?' . url('shy', -60), 'Failed proof_expired', 'an old one'],
    ['shy', 'Failed proof_missing', 'an unlisted room asks for a proof'],
    ['nothing', 'Failed proof_missing', 'as if there was none'],
    ['shy?viewer=x', 'Failed proof_wrong', 'a wrong proof'],
    ['nothing?viewer=x', 'Failed proof_wrong', 'as if there was none'],
    ['shy?viewer=' . r('demo', 'u1'), 'Failed proof_wrong', "another room's"],
    ['shy?viewer=' . i('u1'), 'Failed proof_insufficient', 'an identity'],
    ['nothing?viewer=' . i('u1'), 'Failed proof_insufficient',
     'as if there was none'],
    ['nothing?viewer=' . r('nothing', 'u1'), 'StreamNotFound room_unknown',
     'with a proof it is said that there is none'],
    ['shy?viewer=' . r('shy', 'u1', seconds => -1), 'Failed proof_expired',
     'an old one'],
    ['shy?viewer=' . r('shy', 'u1', issued => int 1000 * (time + 60)),
     'Failed proof_early', 'one of tomorrow'],
    ['shy?viewer=' . r('shy', 'u1', seconds => 90000),
     'Failed proof_too_long', 'one for ever'],
    ['shy?token=' . token('shy', 'h1', 60), 'Failed proof_missing',
     "a publisher's is none"],
    ['fans', 'Failed proof_missing', 'a room for followers'],
    ['fans?viewer=' . i('u2'), 'Failed not_following', 'who does not follow'],
    ['early', 'Failed room_scheduled', 'too early'],
    ['bad?viewer=' . r('bad', 'u1'), 'Failed room_banned', 'a banned room'],
    ['theirs', 'Failed host_banned', "a banned host's"],
    ['No such name', 'StreamNotFound bad_name', 'what is no name'],
    ['', 'StreamNotFound bad_name', 'no name'],
    ['x' x 300, 'StreamNotFound bad_name', 'what is too long'],
);

for my $case (@cases) {
    my ($name, $expected, $what) = @$case;
    my ($said, $rtmp) = watch($name);

    ref $expected ? like($said, $expected, $what)
                  : is($said, $expected, $what);
    $rtmp->leave;
}

for my $app ('live?viewer=' . r('shy', 'u1'), 'live?' . url('shy', 60), 'live') {
    my ($said, $rtmp) = watch('shy', app => $app,
        tcUrl => 'rtmp://127.0.0.1/live?viewer=' . r('shy', 'u1'));

    like($said, qr/^Start/, "a proof in the server's URL");
    $rtmp->leave;
}

is(scalar watch('shy?viewer=x', app => 'live?viewer=' . r('shy', 'u1')),
   'Failed proof_wrong', "of two the name's counts");

# what is played

my ($said, $player) = watch('demo');
$host->send_flv(flv(2), 500);
ok($player->plays(5), 'who is admitted gets video');
$player->play('shy');
is(said($player->status(5)) =~ s/^Stop.*//r || said($player->status(5)),
   'Failed proof_missing', 'another room over the connection is asked for');
$shy_host->send_flv(flv(2), 500);
ok(!$player->plays(0.5), 'and not played');
ok($player->closed(4), 'it is closed');

($said, $player) = watch('demo');
$player->play2('shy');
my @said = map { said($player->status(3)) } 1 .. 3;
ok((grep { $_ eq 'Failed proof_missing' } @said), 'nor by play2')
    or diag(@said);
$player->leave;

($said, $player) = watch('demo');
$player->publish('demo?key=k');
is(said($player->status(5)) =~ s/^Data.*//r || said($player->status(5)),
   'Failed room_taken', 'who plays does not publish over it');
$player->leave;

# at the same time as the answer is waited for

redis()->call('CLIENT', 'PAUSE', 700);
$player = Commerce::RTMP->new(port => port('RTMP'));
$player->play('late?viewer=' . r('late', 'u1'));
is(said($player->status(0.2)), 'nothing', 'a room that is asked for is waited for');
is(said($player->status(5)), 'StreamNotFound room_unknown', 'and then judged');
$player->leave;

my $status = http('GET', '/status')->{content};
my ($play) = $status =~ /"play":\s*(\{.*?\}\s*\})/s;
like($play, qr/"admitted":\s*1[0-9]\b/, 'the status counts players');
like($play, qr/"proof_missing":\s*[3-9]\b/, 'and refusals');

my ($event) = grep { $_->{reason} eq 'not_following' } events('play_refused', 15);
is($event->{room}, 'fans', 'a refusal is an event');
like($event->{client}, qr/^127\.0\.0\.1/, 'with the address');

my $log = log_text() . read_file(dir() . '/rtmp.log')
          . read_file(dir() . '/asked.log');

like($log, qr/playing room "shy" was refused: proof_missing/, 'it is logged');
unlike($log, qr/"nothing" was refused/, 'but no name that may be a key');
like($log, qr/on_play\?.*name=shy.*&x=1&y=2/, 'later modules have what is left');
like($log, qr/PLAY "live" "demo" "x=1"/, 'and nginx-rtmp logs it');
ok(!(grep { index($log, (split /\./)[-1]) >= 0 } @tokens),
   'no log has a token');

$_->leave for $host, $shy_host;

finish();
