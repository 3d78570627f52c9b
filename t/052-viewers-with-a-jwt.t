# A viewer shows a JSON Web Token where he would show a token of ours; one that
# was verified before is judged anew at each request.

use strict;
use warnings;

use lib 't/lib';
use Commerce::JWT;
use Commerce::Scenario;
use Test::More;

my $keys = Commerce::JWT->new;
my $now = time;

write_file(dir() . '/jwks.json', $keys->set);
write_file(dir() . '/in', "in\n");
chmod 0644, map { dir() . "/$_" } qw(jwks.json in);

my $redis = redis();
host('h1');
room('demo', visibility => 'unlisted');
room('other', visibility => 'unlisted');

my $nginx = nginx(<<'CONF', modules => 'http', workers => 1, log => 'info');
events { }

commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
    jwks    %%DIR%%/jwks.json;
}

http {
    access_log off;

    server {
        listen 127.0.0.1:%%HTTP%%;

        location ~ "^/(?<room>[^/]+)/in$" {
            alias            %%DIR%%/in;
            commerce_room    $room;
            commerce_access  on;
        }
    }
}
CONF

sub answer {
    my ($token, $room, %headers) = (@_);
    my $answer = http('GET', '/' . ($room || 'demo') . '/in'
                      . (defined $token ? "?viewer=$token" : ''),
                      headers => \%headers);
    my ($reason) = $answer->{content} =~ /"reason":"(\w+)"/;

    return $answer->{status} . ($reason ? " $reason" : '');
}

my @algorithms = qw(HS256 RS256 PS256 ES256 ES384);

my @bad = (
    ['403 proof_expired', claims(exp => $now - 1)],
    ['403 proof_early', claims(iat => $now + 300)],
    ['403 proof_early', claims(nbf => $now + 300)],
    ['403 proof_too_long', claims(exp => $now + 90000)],
    ['403 proof_other_room', claims(room => 'other')],
    ['403 proof_other_action', claims(act => 'publish')],
    ['403 proof_wrong', claims(act => 'admin')],
    ['403 proof_wrong', claims(sub => 7)],
    ['403 proof_wrong', claims(sub => 'a b')],
    ['403 proof_wrong', claims(exp => "$now")],
    ['403 proof_wrong', claims(room => undef)],
    ['403 proof_wrong', claims(padding => 'x' x 3000)],
);

my $identity = claims();
delete $identity->{room};

my ($none, $who, @tokens)
    = $keys->tokens([ES256 => claims(), { alg => 'ES256', kid => '../k' }],
                    [ES256 => $identity],
                    (map { [$_ => claims()] } @algorithms),
                    (map { [HS256 => $_->[1]] } @bad));
my %of;

is(answer(), '401 proof_missing', 'no proof');

for my $alg (@algorithms) {
    $of{$alg} = shift @tokens;
    is(answer($of{$alg}), '200', $alg);
    is(answer($of{$alg}), '200', '... again');
}

is(answer(undef, 'demo', Authorization => "Bearer $of{ES256}"), '200',
   'as a Bearer');
is(answer(undef, 'demo', Cookie => "commerce-demo=$of{ES256}"), '200',
   'as a cookie');

is(answer($of{ES256}, 'other'), '403 proof_other_room', 'for another room');
is(answer($who), '403 proof_insufficient', 'who he is, is not enough');

for my $bad (@bad) {
    is(answer(shift @tokens), $bad->[0],
       join ', ', map { "$_ " . substr($bad->[1]{$_} // 'null', 0, 20) }
                  sort keys %{$bad->[1]});
}

is(answer($none), '403 proof_wrong', 'a path as kid');
is(answer("$of{ES256}%00"), '403 proof_wrong', 'a NUL');
is(answer("$of{ES256}="), '403 proof_wrong', 'padding');
is(answer("$of{ES256}A"), '403 proof_wrong', 'extended');
is(answer(substr $of{ES256}, 0, -4), '403 proof_wrong', 'truncated');
is(answer(substr($of{ES256}, 0, -4) . "AAAA&viewer=$of{HS256}"), '200',
   'of two the right one counts');

# what was verified is judged anew

my ($short) = $keys->tokens([ES256 => claims(exp => time + 2)]);
is(answer($short), '200', 'one that expires soon');
ok(wait_for(5, sub { answer($short) eq '403 proof_expired' }),
   'expires though it is known');

$redis->call('HSET', 'commerce:{demo}:out', 's:u42', ($now + 60) * 1000,
             'version', 1);
$redis->call('PUBLISH', 'commerce:changed:out:{demo}', 1);

ok(wait_for(5, sub { answer($of{ES256}) eq '403 viewer_signed_out' }),
   'a viewer who is signed out is out');

$redis->call('HSET', 'commerce:{demo}:out', 's:u42', ($now - 60) * 1000,
             'version', 2);
$redis->call('PUBLISH', 'commerce:changed:out:{demo}', 2);

ok(wait_for(5, sub { answer($of{ES256}) eq '200' }),
   'a later token brings him back');

room('demo', visibility => 'unlisted', state => 'banned');
ok(wait_for(5, sub { answer($of{ES256}) eq '403 room_banned' }),
   'a banned room has nobody');

room('demo', visibility => 'unlisted');
ok(wait_for(5, sub { answer($of{ES256}) eq '200' }), 'until it is open');

# and by the keys of now

write_file(dir() . '/jwks.json', $keys->set(qw(HS256 RS256)));
$nginx->reload;

ok(wait_for(5, sub { answer($of{HS256}) eq '200' }), 'a key that stays');
is(answer($of{ES256}), '403 proof_wrong', 'one that went');

# a set that is wrong is not taken

write_file(dir() . '/jwks.json', '{"keys":[{"kty":"oct","k":"A="}]}');
kill 'HUP', $nginx->pid;
allow_fault(qr/\[emerg\].*jwks file ".*": key 1 lacks a value/);
ok(wait_for(5, sub { log_text() =~ /key 1 lacks a value/ }),
   'a wrong set is told of');
is(answer($of{HS256}), '200', 'and the former one stays');

unlike(log_text(), qr/eyJ/, 'no log has a JWT');

finish();
