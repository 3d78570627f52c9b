# A JSON Web Token proves a host until it expires; it is for nobody else: neither
# for the hooks of others nor for a log.

use strict;
use warnings;

use lib 't/lib';
use Commerce::JWT;
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

my $keys = Commerce::JWT->new;

write_file(dir() . '/jwks.json', $keys->set);
chmod 0644, dir() . '/jwks.json';

redis();
host('h1');
host('h2');
room($_) for qw(demo demo2);

my $nginx = live(proofs => 'jwt', log => 'info', workers => 1,
                 application => 'access_log %%DIR%%/rtmp.log;',
                 commerce => 'jwks %%DIR%%/jwks.json;');

# sub, act, exp and iat suffice; more is for whoever has the room for it

sub publish_claims {
    my %claims = %{claims(sub => 'h1', act => 'publish', @_)};

    delete @claims{grep { !defined $claims{$_} } keys %claims};

    return \%claims;
}

my $any = publish_claims(room => undef);
my $now = time;

my @good = (
    ['HS256, of a room'              => HS256 => publish_claims()],
    ['HS256, of any room'            => HS256 => $any],
    ['ES256'                         => ES256 => publish_claims()],
    ['ES256, of any room'            => ES256 => $any],
    ['ES256 without a kid'           => ES256 => $any, { alg => 'ES256' }],
    ['ES384 without a kid'           => ES384 => $any, { alg => 'ES384' }],
    ['from a clock that is ahead'    => ES256
                                     => publish_claims(iat => $now + 4)],
);

my @bad = (
    ['proof_expired', 'an expired one',
     HS256 => publish_claims(exp => $now - 1)],
    ['proof_early', 'one to come', HS256 => publish_claims(iat => $now + 300)],
    ['proof_early', 'one that begins later',
     HS256 => publish_claims(room => undef, nbf => $now + 300)],
    ['proof_other_room', 'of another room',
     HS256 => publish_claims(room => 'demo2')],
    ['proof_other_action', 'a viewer\'s', HS256 => publish_claims(act => 'view')],
    ['proof_wrong', 'without act', HS256 => publish_claims(act => undef)],
    ['proof_wrong', 'another host\'s', HS256 => publish_claims(sub => 'h2')],
    ['proof_wrong', 'exp as a text', HS256 => publish_claims(exp => "$now")],
    ['proof_wrong', 'with the kid of another kind of key',
     HS256 => $any, { alg => 'HS256', kid => 'RS256' }],
    ['proof_wrong', 'crit', HS256 => $any,
     { alg => 'HS256', crit => ['b64'], b64 => JSON::PP::true() }],
);

my @tokens = $keys->tokens((map { [@$_[1 .. $#$_]] } @good),
                           (map { [@$_[2 .. $#$_]] } @bad),
                           [RS256 => $any]);

for my $good (@good) {
    my $name = 'demo?jwt=' . shift @tokens;

    like(attempt($name), qr/^Start/, "$good->[0] (" . length($name) . ' bytes)');
}

my $right = ($keys->tokens([HS256 => publish_claims()]))[0];

for my $bad (@bad) {
    is(attempt('demo?jwt=' . shift @tokens), "Unauthorized $bad->[0]",
       $bad->[1]);
}

is(attempt('demo?jwt=' . shift @tokens), 'BadName bad_name',
   'RS256 has no room in the name');
is(attempt('demo'), 'Unauthorized proof_missing', 'none');
is(attempt('demo?jwt='), 'Unauthorized proof_missing', 'an empty one');
is(attempt("demo?token=$right"), 'Unauthorized proof_missing',
   'one that says it is a token');
is(attempt('demo?jwt=' . substr($right, 0, -1)), 'Unauthorized proof_wrong',
   'one that was cut');
is(attempt("demo?jwt=$right="), 'Unauthorized proof_wrong', 'padding');
is(attempt("demo?jwt=$right&jwt=x"), attempt("demo?jwt=$right"),
   'the first of two counts');
is(attempt('demo?jwt=' . token('demo', 'h1', 60)), 'Unauthorized proof_wrong',
   'a token that says it is a JWT');

my ($unknown) = $keys->tokens([HS256 => publish_claims(room => 'nosuch')]);
is(attempt("nosuch?jwt=$unknown"), 'Unauthorized room_unknown',
   'for a room that is not known');

# in the server's URL

my $rtmp = Commerce::RTMP->new(port => port('RTMP'), app => 'live',
                               tcUrl => "rtmp://h/live?jwt=$right");
$rtmp->publish('demo');
like(said($rtmp->status(5)), qr/^Start/, "of the server's URL");
$rtmp->leave;

# who came by one stays while the room is his

my $until = time + 2;
my ($short) = $keys->tokens([HS256 => publish_claims(exp => $until)]);

$rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish("demo?x=1&jwt=$short");
like(said($rtmp->status(5)), qr/^Start/, 'he is live');
wait_for(5, sub { time > $until });

room('demo', key => sha('another'));
is(said($rtmp->status(1)), 'nothing', 'when it expires, or the key is new');

room('demo', host => 'h2');
is(said($rtmp->status(5)), 'Unauthorized proof_wrong',
   'the room is given to another host: he is cut');
ok($rtmp->closed(4), 'and closed');
$rtmp->leave;
room('demo');

ok(wait_for(5, sub { read_file(dir() . '/rtmp.log')
                         =~ /PUBLISH "live" "demo" "x=1"/ }),
   'other arguments are left');

# other keys than before

write_file(dir() . '/jwks.json', $keys->set(qw(RS256 ES384)));
$nginx->reload;
is(attempt("demo?jwt=$right"), 'Unauthorized proof_wrong',
   'after a reload its key is gone');

$nginx->term;

my $log = log_text() . read_file(dir() . '/rtmp.log');
like($log, qr/room "nosuch" was refused: room_unknown/,
     'the name of a room that a JWT was made for is logged');
unlike($log, qr/eyJ|jwt=/, 'no log has a JWT');

like(refused(live_conf(proofs => 'jwt')) // 'it starts',
     qr/\[emerg\].* JWTs are taken.*no "jwks" in \S+nginx.conf:\d+/,
     'whoever takes JWTs has to say whose');
is(refused(live_conf(proofs => 'key')), undef, 'keys need none');

finish();
