# The README's lines for JSON Web Tokens, taken from it as they stand: a key and
# its set, a viewer's token, a host's.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(root);
use Commerce::Live;
use Commerce::Scenario;
use MIME::Base64 qw(encode_base64url);
use Test::More;

my $readme = read_file(root() . '/README.md');

my ($jwks) = $readme =~ /^#### jwks\n(.*?)^####/ms or die "no jwks\n";
my ($make_key, $make_token) = $jwks =~ /^    (python3 <?.*?^    END)$/msg;
my ($publish) = $readme =~ /^    (b64\(\) .*?jwt=\$text\.\$mac")$/ms
    or die "no b64\n";

# jwcrypto is there for Debian's Python

sub shell {
    my ($lines, %set) = @_;
    my $dir = dir('shell');

    $lines =~ s/^    //mg;
    write_file("$dir/lines", "$lines\n");

    local %ENV = (%ENV, %set, PATH => "/usr/bin:/bin:$ENV{PATH}");

    my $said = `cd $dir && bash -e lines 2>&1`;

    is($?, 0, 'the lines run') or diag($said);

    return $said;
}

shell($make_key);

my $set = read_file(dir('shell') . '/jwks.json');
unlike($set, qr/"d"/, 'the set has no private key');

my $secret = 'a secret of a backend, shared with its edges';
my $k = encode_base64url($secret);

$set =~ s/^\{"keys": \[/{"keys": [{"kty": "oct", "k": "$k"}, /;
write_file(dir() . '/jwks.json', $set);
chmod 0644, dir() . '/jwks.json';

my $redis = redis();
host('anna');
room('demo', host => 'anna');
live(proofs => 'jwt', commerce => 'jwks %%DIR%%/jwks.json;');

my ($name) = shell($publish, secret => $secret)
    =~ m{^rtmp://localhost/live/(.*)$};
like(attempt($name), qr/^Start/, 'a host publishes with what the shell made');

my $token = shell($make_token);
chomp $token;
like($token, qr/^eyJ[\w-]+\.[\w-]+\.[\w-]{86}$/, 'a viewer\'s token');
is(attempt("demo?jwt=$token"), 'Unauthorized proof_other_action',
   'which is right, but lets nobody publish');

finish();
