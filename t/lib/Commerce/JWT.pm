package Commerce::JWT;

# JSON Web Tokens, made by jwcrypto, of Debian's Python: another library than the
# one that verifies them here.
#
#   my $keys = Commerce::JWT->new;        # a key of each kind, their kid being
#                                         # their alg: HS256 RS256 PS256 ES256
#                                         # ES384
#   write_file(..., $keys->set);          # as "jwks" reads it; set('ES256'):
#                                         # these alone
#   my ($a, $b) = $keys->tokens([ES256 => {claims}],
#                               [HS256 => {claims}, {header}]);
#   claims(more => ...)                   # good ones, of a viewer of room demo

use strict;
use warnings;

use Exporter qw(import);
use IPC::Open2 qw(open2);
use JSON::PP qw(decode_json encode_json);

our @EXPORT = qw(claims);

my $python = <<'END';
import json, sys
from jwcrypto import jwk, jws

todo = json.load(sys.stdin)
made = []

for kind in todo.get("kinds", []):
    alg = kind.pop("alg")
    key = jwk.JWK.generate(alg=alg, kid=alg, **kind)
    public = key if kind["kty"] == "oct" else key.public()
    made.append({"private": json.loads(key.export()),
                 "public": json.loads(public.export())})

keys = {kid: jwk.JWK(**key) for kid, key in todo.get("keys", {}).items()}

for kid, header, claims in todo.get("tokens", []):
    token = jws.JWS(json.dumps(claims))
    token.add_signature(keys[kid], None, json.dumps(header))
    made.append(token.serialize(compact=True))

json.dump(made, sys.stdout)
END

my @kinds = (
    { alg => 'HS256', kty => 'oct', size => 256 },
    { alg => 'RS256', kty => 'RSA', size => 2048 },
    { alg => 'PS256', kty => 'RSA', size => 2048 },
    { alg => 'ES256', kty => 'EC', crv => 'P-256' },
    { alg => 'ES384', kty => 'EC', crv => 'P-384' },
);

sub jwcrypto {
    my $pid = open2(my $out, my $in, '/usr/bin/python3', '-c', $python);

    print $in encode_json(shift);
    close $in;

    my $text = do { local $/; <$out> };

    waitpid $pid, 0;
    die "python3-jwcrypto failed\n" if $?;

    return @{decode_json($text)};
}

sub new {
    my $class = shift;
    my @keys = jwcrypto({ kinds => \@kinds });

    return bless { map { $_->{private}{kid} => $_ } @keys }, $class;
}

sub set {
    my ($self, @kids) = @_;

    @kids = sort keys %$self if !@kids;

    return encode_json({ keys => [map { $self->{$_}{public} } @kids] });
}

sub tokens {
    my $self = shift;

    return jwcrypto({
        keys => { map { $_ => $self->{$_}{private} } keys %$self },
        tokens => [map {
            my ($alg, $claims, $header) = @$_;

            [$alg, $header || { alg => $alg, kid => $alg }, $claims]
        } @_],
    });
}

sub claims {
    my $now = time;

    return { exp => $now + 600, iat => $now, sub => 'u42', act => 'view',
             room => 'demo', @_ };
}

1;
