# What the API says to "why can't I go live?" and "why can't I watch?".

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Commerce::Viewers qw(viewer_token SECRET);
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(hmac_sha256);
use JSON::PP qw(decode_json encode_json);
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Time::HiRes qw(time);

use constant KEY => 'a-stream-key-of-anna';
use constant CLOUD => 'a key of a cloud';

my $redis = redis();

write_file(dir() . '/secret', SECRET . "\n");
write_file(dir() . '/cloud', CLOUD . "\n");
write_file(dir() . '/jwks', encode_json({ keys => [
    { kty => 'oct', k => encode_base64url(SECRET), kid => 'tests' }] }));
chmod 0644, map { dir() . "/$_" } qw(secret cloud jwks);

host('anna', state => 'approved');
host('eve', state => 'suspended', until => 32503680000000,
     reason => 'late three times');
room('demo', host => 'anna', state => 'open', key => sha(KEY));
room('later', host => 'anna', state => 'scheduled', key => sha('another-key'),
     starts => 32503680000000);
room('eves', host => 'eve', state => 'open', key => sha('a-key-of-eve'));
room('quiet', host => 'anna', state => 'open', visibility => 'unlisted');
room('fans', host => 'anna', state => 'open', visibility => 'followers');

my $nginx = nginx(<<'CONF', modules => 'http', log => 'debug');
commerce {
    redis       unix:%%REDIS%%;
    ledger      %%LEDGER%% 1m;
    secret      %%DIR%%/secret;
    jwks        %%DIR%%/jwks;
    signed_url  tencent push %%DIR%%/cloud;
    signed_url  tencent play %%DIR%%/cloud;
}
events { }
http {
    access_log %%DIR%%/access.log;
    server {
        listen 127.0.0.1:%%HTTP%%;
        location /api/ { commerce_api; }
    }
}
CONF

my ($now, @secrets) = (time);

sub post {
    return http('POST', '/api/explain',
                headers => { 'Content-Type' => 'application/json' },
                body => ref $_[0] ? encode_json($_[0]) : $_[0]);
}

sub why {
    my ($room, $action, $proof) = @_;

    push @secrets, $proof =~ /([^.=&?]{20,})$/ if defined $proof;

    my $answer = post({ room => $room, action => $action,
                        defined $proof ? (proof => $proof) : () });

    is($answer->{status}, 200, "$action $room");

    return decode_json($answer->{content});
}

sub host_token {
    my ($room, $host, $expires) = @_;

    return "$expires.$host." . encode_base64url(
        substr hmac_sha256("publish\n$room\n$expires\n$host", SECRET), 0, 16);
}

sub jwt {
    my $text = join '.', map { encode_base64url(encode_json($_)) }
                             { alg => 'HS256', kid => 'tests' }, { @_ };

    return "$text." . encode_base64url(hmac_sha256($text, SECRET));
}

sub signed {
    my ($url, $stream, $until) = @_;
    my $time = sprintf '%X', $until;

    return "$url?txSecret=" . md5_hex(CLOUD . $stream . $time)
           . "&txTime=$time";
}

# keys

my $said = why('demo', 'publish', KEY);
is($said->{reason}, 'allowed', 'the key lets in');
is_deeply($said->{proof}, { form => 'key', reason => 'allowed' }, 'as a key');
is_deeply($said->{room}, { state => 'open', visibility => 'public',
                           host => 'anna', has_key => JSON::PP::true,
                           live => JSON::PP::false }, 'the room');
is_deeply($said->{host}, { state => 'approved', in_force => 'approved' },
          'the host');
cmp_ok(abs($said->{clock}{now} - time() * 1000), '<', 10_000, 'the clock');
is($said->{clock}{skew}, 5000, 'what clocks may differ by');
like($said->{clock}{offset}, qr/^-?\d+$/, 'what they do');

is(why('demo', 'publish', $_)->{reason}, 'allowed', 'wherever it stands')
    for ' ' . KEY . "\n", 'demo?key=' . KEY, '?x=1&key=' . KEY,
        'rtmp://localhost/live/demo?a=b&key=' . KEY;

$said = why('demo', 'publish', 'no-stream-key-of-anna');
is($said->{reason}, 'proof_wrong', 'another key does not');
is_deeply($said->{proof}, { form => 'key', reason => 'proof_wrong' },
          'which is no key of the room');

$said = why('demo', 'publish');
is("$said->{reason} $said->{proof}{form}", 'proof_missing none', 'no proof');

# why not

$said = why('eves', 'publish', 'a-key-of-eve');
is($said->{reason}, 'host_suspended', 'the host may not');
is_deeply($said->{host}, { state => 'suspended', in_force => 'suspended',
                           until => 32503680000000,
                           reason => 'late three times' },
          '... until when, and why');

$said = why('later', 'publish', 'another-key');
is($said->{reason}, 'room_scheduled', 'it is too early');
is($said->{room}{starts}, 32503680000000, '... when it begins');

$said = why('nowhere', 'publish', KEY);
is($said->{reason}, 'room_unknown', 'there is no such room');
is($said->{room}, undef, '... nothing is known of it');

$redis->line('SET commerce:{demo}:live somebody');
$redis->line('PUBLISH commerce:changed:{demo} 9');
ok(wait_for(10, sub { why('demo', 'publish', KEY)->{room}{live} }),
   'somebody publishes');

# tokens

$said = why('demo', 'publish', host_token('demo', 'anna', int($now) + 60));
is($said->{reason}, 'allowed', 'a token lets in');
is($said->{proof}{form}, 'token', '... as one');
is($said->{proof}{subject}, 'anna', '... whose it is');
is($said->{proof}{expires}, (int($now) + 60) * 1000, '... until when');
cmp_ok($said->{proof}{left}, '<=', 60_000, '... how long that is');
cmp_ok($said->{proof}{left}, '>', 0, '... and that it is to come');

$said = why('demo', 'publish',
                'demo?token=' . host_token('demo', 'anna', int($now) - 60));
is($said->{reason}, 'proof_expired', 'a token that was one');
cmp_ok($said->{proof}{left}, '<=', -60_000, '... how long ago');

$said = why('demo', 'publish', host_token('demo', 'boris', int($now) + 60));
is($said->{reason}, 'proof_wrong', "another host's");
is($said->{proof}{wrong}, "its subject is not the room's host", '... it says');

$said = why('demo', 'publish', host_token('eves', 'anna', int($now) + 60));
is($said->{reason}, 'proof_wrong', "another room's");
is($said->{proof}{subject}, undef, '... of which nothing is believed');

# JSON Web Tokens

my %anna = (iat => int($now), exp => int($now) + 600, sub => 'anna',
            act => 'publish', room => 'demo');

$said = why('demo', 'publish', jwt(%anna));
is("$said->{reason} $said->{proof}{form} $said->{proof}{subject}",
   'allowed jwt anna', 'a JWT');

$said = why('demo', 'publish', jwt(%anna, iat => $now + 300));
is($said->{reason}, 'proof_early', 'one of a clock that is ahead');
cmp_ok($said->{proof}{age}, '<', -200_000, '... by how much');
ok(!$said->{proof}{proved}, '... if it is to be believed');

$said = why('demo', 'publish', jwt(%anna) . 'A');
is($said->{reason}, 'proof_wrong', 'one that is wrong');
like($said->{proof}{wrong}, qr/\w/, '... and what is wrong');

# URLs as clouds sign them

$said = why('demo', 'publish',
                signed('rtmp://localhost/live/demo', 'demo', $now + 60));
is("$said->{reason} $said->{proof}{form}", 'allowed url', 'a signed URL');

$said = why('demo', 'publish', signed('demo', 'demo', $now - 60));
is($said->{reason}, 'proof_expired', 'one that has expired');

$said = why('quiet', 'view', signed('/live/quiet.m3u8', 'quiet',
                                        $now + 60));
is($said->{reason}, 'allowed', 'one to watch');

# viewers

$said = why('quiet', 'view', viewer_token('quiet', 'u42'));
is("$said->{reason} $said->{proof}{form} $said->{proof}{subject}",
   'allowed viewer u42', 'a viewer');
is_deeply($said->{viewer}, { banned => JSON::PP::false }, '... is not out');

$said = why('quiet', 'view', 'https://x/live/quiet/index.m3u8?viewer='
                                 . viewer_token('quiet', 'u42',
                                                expires => int($now) - 5));
is($said->{reason}, 'proof_expired', 'whose token has expired');
is($said->{proof}{subject}, 'u42', '... whose it was');

$said = why('quiet', 'view', viewer_token('quiet', 'u1', kind => 'i'));
is($said->{reason}, 'proof_insufficient', 'who he is is not enough');

$said = why('quiet', 'publish', viewer_token('quiet', 'anna'));
is($said->{reason}, 'proof_wrong', 'viewers do not publish');
is($said->{proof}{reason}, 'proof_other_action', '... it was to view');

http('PUT', '/api/rooms/quiet/out/u42');
ok(wait_for(10, sub {
    $said = why('quiet', 'view', viewer_token('quiet', 'u42'));
    $said->{reason} eq 'viewer_banned' && $said->{viewer}{banned}
}), 'who is banned is told so');

# who follows: asked once, and again a second after a no

$said = why('fans', 'view', viewer_token('fans', 'u7', kind => 'i'));
is($said->{reason}, 'not_following', 'who does not follow');
is_deeply($said->{viewer}, { banned => JSON::PP::false,
                             follows => JSON::PP::false }, '... nor is out');

is(http('PUT', '/api/hosts/anna/followers/u7')->{status}, 201, 'he follows');
ok(wait_for(10, sub {
    why('fans', 'view', viewer_token('fans', 'u7', kind => 'i'))
        ->{reason} eq 'allowed'
}), '... and is let in');

# requests that are wrong

for (['[]', 'json_invalid'], ['{"room": "demo"}', 'field_missing'],
     [{ room => 'A/b', action => 'view' }, 'field_wrong'],
     [{ room => 'Demo', action => 'view' }, 'bad_name'],
     [{ room => 'demo', action => 'play' }, 'field_wrong'],
     [{ room => 'demo', action => 'view', proof => 1 }, 'field_wrong'],
     [{ room => 'demo', action => 'view', secret => KEY }, 'field_unknown'],
     [{ room => 'demo', action => 'view', proof => 'x' x 8193 },
      'field_wrong'])
{
    my $answer = post($_->[0]);

    is($answer->{status}, 400, $_->[1]);
    like($answer->{content}, qr/"reason":"$_->[1]"/, '... it says');
}

is(http('GET', '/api/explain')->{status}, 405, 'it is asked by POST');
is(http('POST', '/api/explain/demo')->{status}, 404, '... of no record');

is(why('demo', 'publish', $_)->{reason}, 'proof_wrong', 'garbage')
    for '.', '..', '....', 'r....', '1..', '?key=.', 'x' x 8192;
is(why('demo', 'publish', $_)->{reason}, 'proof_missing', 'nothing')
    for '', ' ', '?', '?=&&', '?key=', 'demo?a=b';

# Redis away

$redis->stop;
$said = why('unknown', 'publish', KEY);
is($said->{reason}, 'store_away', 'with Redis away');
ok($said->{passes}, '... which passes');

# no proof is anywhere

my $events = log_text() . read_file(dir() . '/access.log');
my @told = grep { index($events, $_) >= 0 } KEY, grep { !/x{99}/ } @secrets;
is_deeply(\@told, [], 'no log has a proof');

finish();
