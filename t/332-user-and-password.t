# OBS and ffmpeg send a user and a password by Adobe's authentication, when the
# server asks for it: the user is a room, the password its key, and the room
# keeps a key_auth.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Digest::MD5 qw(md5_base64);
use Digest::SHA qw(sha256_hex);
use Test::More;

my $key = 's3cret-key-of-demo';

redis();
host('h1');
room('demo', key => sha($key));
room('plain', key => sha('k'));

my $nginx = live(log => 'info', workers => 1, proofs => 'key token login',
    application => 'access_log %%DIR%%/rtmp.log;', server => <<'SERVER');
        location /api/ {
            commerce_api;
        }
SERVER

sub api {
    my ($method, $path, $body) = @_;

    return http($method, "/api/$path", body => $body, headers => {
        'Content-Type' => $method eq 'PATCH' ? 'application/merge-patch+json'
                                             : 'application/json' });
}

# the API makes a key_auth of the key, and only of that

my $answer = api('PATCH', 'rooms/demo', '{"key_auth": true}');
is($answer->{status}, 400, 'without the key there is none to be made');
like($answer->{content}, qr/field_missing.*\/key is required/, 'which is said');

is(api('PATCH', 'rooms/demo', qq({"key": "$key", "key_auth": "x"}))->{status},
   400, 'it is true, or null');
is(api('PATCH', 'rooms/demo', qq({"key": "$key", "key_auth": true}))->{status},
   200, 'with the key it is');

sub auth_of { md5_base64($_[0], substr(sha256_hex($_[0]), 0, 8), $_[1]) . '==' }

is(record_of('demo')->{key_auth}, auth_of('demo', $key), 'as the README says');
unlike(http('GET', '/api/rooms/demo')->{content}, qr/key_auth|\Q$key\E/,
       'nobody reads it');

# ffmpeg

my $url = 'rtmp://demo:' . $key . '@127.0.0.1:' . port('RTMP') . '/live/demo';
my $ffmpeg = publish(url => $url);

ok(segments_after('demo', 2), 'ffmpeg logs in');
$ffmpeg->stop;

$ffmpeg = publish(url => $url =~ s/:\Q$key\E/:wrong-key/r);
ok(wait_for(10, sub { !$ffmpeg->running }), 'not with another password');
like($ffmpeg->log, qr/Server error: proof_wrong/, 'which it is told');

$ffmpeg = publish(url => $url =~ s/demo:/plain:/r =~ s/demo$/plain/r);
ok(wait_for(10, sub { !$ffmpeg->running }), 'nor into a room without key_auth');
like($ffmpeg->log, qr/Server error: proof_wrong/, 'which is not told apart');

# as anybody could say it

sub answer_to {
    my ($user, $auth, $opaque) = @_;
    my $response = md5_base64($auth, $opaque, 'c1') . '==';

    return "live?authmod=adobe&user=$user&challenge=c1&response=$response"
           . "&opaque=$opaque";
}

sub attempt_by {
    my ($app, $name) = @_;
    my $rtmp = eval { Commerce::RTMP->new(port => port('RTMP'), app => $app) }
        // return 'is asked';

    $rtmp->publish($name);

    my $said = said($rtmp->status(5));
    $rtmp->leave;

    return $said;
}

my $auth = auth_of('demo', $key);
my $now = sprintf '%08x', time;

like(attempt_by(answer_to('demo', $auth, $now), 'demo'), qr/^Start/, 'a right answer');
is(attempt_by(answer_to('demo', $auth, sprintf '%08x', time - 120), 'demo'),
   'Unauthorized proof_expired', 'an old one');
is(attempt_by(answer_to('demo', $auth, 'x'), 'demo'),
   'Unauthorized proof_expired', 'one to what nobody asked');
is(attempt_by(answer_to('demo', auth_of('demo', 'x'), $now), 'demo'),
   'Unauthorized proof_wrong', 'a wrong one');
is(attempt_by(answer_to('demo', $auth, $now), 'plain'),
   'Unauthorized proof_wrong', 'one for another room');
is(attempt_by(answer_to('demo', $auth, $now), 'demo?key=x'),
   'Unauthorized proof_wrong', 'a wrong key beside it');

# who brings something else in the server's URL is not asked; others are

like(attempt_by("live?key=$key", 'demo'), qr/^Start/, 'a key of the URL');
is(attempt_by('live', "demo?key=$key"), 'is asked', 'one of the name comes too late');
is(attempt_by('live?authmod=adobe&user=demo', 'demo'), 'is asked', 'a user alone');
is(attempt_by('live?authmod=adobe&user=no%20body', 'demo'), 'is asked',
   'one that can not be');

# a new key ends what was opened with the old one, and takes key_auth with it

$ffmpeg = publish(url => $url);
ok(segments_after('demo', 1), 'ffmpeg logs in again');
is(api('PATCH', 'rooms/demo', '{"key": "s3cret-key-of-later"}')->{status}, 200,
   'a new key');
ok(wait_for(5, sub { !$ffmpeg->running }), 'it is cut');
is(record_of('demo')->{key_auth}, undef, 'the old key_auth is gone');

$nginx->term;

my $log = log_text() . read_file(dir() . '/rtmp.log');

like($log, qr/connect: app="live" args="" /, 'the connect is logged');
unlike($log, qr/s3cret|authmod=|response=/, 'nothing of the login is');

finish();
