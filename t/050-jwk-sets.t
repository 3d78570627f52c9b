# Keys for JSON Web Tokens: what is wrong with a set is an [emerg] with file and
# line, and never with any of a key.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Test::More;

my $secret = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY';
my $oct = qq{{"kty": "oct", "k": "$secret"}};
my $x = 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU';
my $y = 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0';
my $d = 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI';
my $ec = qq{"kty": "EC", "crv": "P-256", "x": "$x", "y": "$y"};

redis();

sub conf {
    return <<"CONF";
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
    @_
}
events { }
http { server { listen 127.0.0.1:%%HTTP%%; } }
CONF
}

sub keys_of {
    write_file(dir() . '/jwks.json', shift);

    return refused(conf("jwks %%DIR%%/jwks.json;"), modules => 'http');
}

my $file = dir() . '/jwks.json';

is(keys_of(qq{{"keys": [$oct, {$ec, "use": "sig", "kid": "a"}]}}), undef,
   'a set');
is(keys_of(qq{{"keys": [{$ec, "kid": "a"}, {$ec, "alg": "ECDH-ES",
               "use": "enc"}]}}), undef,
   'what is for encryption is left out');

my %wrong = (
    ''                             => 'line 1 is not JSON',
    qq{{"keys": [\n$oct\n$oct]}}   => 'line 3 is not JSON',
    qq{{"keys": [{"kty": "oct", "k": $secret}]}} => 'line 1 is not JSON',
    qq{{"keys": [{$ec, "k": "$secret", "k": "$secret"}]}}
                                   => 'line 1 is not JSON',
    $oct                           => 'it has no keys for signatures',
    qq{{"keys": [$oct, {$ec, "d": "$d"}]}}
        => 'key 2 is a private one, of which the public part is enough',
    qq{{"keys": [{"kty": "oct", "k": "c2hvcnQ"}]}}
        => 'key 1 is too short for its algorithm',
    qq{{"keys": [{"kty": "oct", "k": "$secret="}]}}
        => 'key 1 lacks a value, or has one that is not base64url',
    qq{{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "$x"}]}}
        => 'key 1 has not the "kty", "crv" and "alg" of HS256, RS256, PS256,'
           . ' ES256 or ES384',
    '{"keys": []}' . ' ' x 65536   => undef,
);

for my $set (sort keys %wrong) {
    my $text = keys_of($set) // 'it starts';
    my $what = $wrong{$set};

    like($text, defined $what
                ? qr/\[emerg\] .*jwks file "\Q$file\E": \Q$what\E in \S+:\d+/
                : qr/\[emerg\] .*jwks file "\Q$file\E" is too large in \S+:\d+/,
         $what // 'a file that is too large');

    unlike($text, qr/$secret|$x|$y|$d|c2hvcnQ/, 'nothing of a key is told');
}

like(refused(conf('jwks no-such-file;'), modules => 'http') // 'it starts',
     qr/\[emerg\] .*"\/\S+\/no-such-file" failed \(2: .* in \S+:\d+/,
     'no such file');

write_file($file, qq{{"keys": [$oct]}});
like(refused(conf('jwks %%DIR%%/jwks.json; jwks a;'), modules => 'http')
     // 'it starts', qr/\[emerg\] .*"jwks" directive is duplicate/,
     'a second one');
like(refused(conf('jwks;'), modules => 'http') // 'it starts',
     qr/invalid number of arguments in "jwks"/, 'none');

finish();
