# What comes in a proof's place and is none: each has its reason, and none of
# it is in the log.

use lib 't/lib';
use Commerce::Env qw(write_file);
use Commerce::Test;
use Commerce::Token;

write_secret("$ENV{TEST_NGINX_DIR}/secret");
write_file("$ENV{TEST_NGINX_DIR}/in", "in\n");

our $good = viewer_token('demo', 'u42');
our ($hour, $ms) = (time + 3600, time . '000');
our $session = viewer_token('demo', '~abcdefghijklmnopqrstuv', kind => 's');

our @wrong = (
    substr($good, 0, -1),                              # truncated
    substr($good, 0, 20),
    $good . 'A',                                       # extended
    $good . '.',
    $good =~ s/\bu42\b/u43/r,                          # of others
    viewer_token('other', 'u42'),
    viewer_token('demo', 'u42', secret => 'x' x 40),
    $good =~ s/^r/i/r,                                 # of another kind
    $good =~ s/^r/s/r,
    $good =~ s/^r/x/r,
    $good =~ s/^r/R/r,
    viewer_token('demo', '~abcdefghijklmnopqrstuv'),   # an edge's name
    viewer_token('demo', 'u42', expires => "0$hour"),
    viewer_token('demo', 'u42', issued => "0$ms"),
    viewer_token('demo', 'u42', issued => "-1"),
    viewer_token('demo', 'u 42') =~ s/ /%20/r,
    viewer_token('demo', 'u' x 65),
    '.', '....', '..', '../../etc/passwd', '%00', "$good%00", '%', '%zz',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1NDIifQ.', 'a.b.c', 'a' x 7000,
);

our %other = (
    proof_expired  => viewer_token('demo', 'u42', expires => time - 1),
    proof_early    => viewer_token('demo', 'u42', issued => $ms + 60_000),
    proof_too_long => viewer_token('demo', 'u42', expires => time + 100_000),
);

our @others = sort keys %other;

$ENV{TEST_NGINX_ROOM} = <<"CONF";
    location ~ ^/demo/ {
        alias            $ENV{TEST_NGINX_DIR}/in;
        commerce_room    demo;
        commerce_access  on;
    }
CONF

$ENV{TEST_NGINX_SECRET} = "secret $ENV{TEST_NGINX_DIR}/secret;";

run_tests();

__DATA__

=== wrong ones
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOM
--- room
demo visibility unlisted
--- request eval
[map { "GET /demo/x?viewer=$_" } @::wrong]
--- error_code eval
[(403) x @::wrong]
--- response_body_like eval
[(qr/"reason":"proof_wrong"/) x @::wrong]
--- no_error_log eval
[map { substr $_, -22 } $::good, @::wrong[6, 8]]



=== a time and a length of their own
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOM
--- room
demo visibility unlisted
--- request eval
[map { "GET /demo/x?viewer=$::other{$_}" } @::others]
--- error_code eval
[403, 403, 403]
--- response_body_like eval
[map { qr/"reason":"$_"/ } @::others]
--- response_headers eval
[(qq(WWW-Authenticate: Bearer realm="demo", error="invalid_token")) x 3]



=== nothing at all
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOM
--- room
demo visibility unlisted
--- request eval
["GET /demo/x", "GET /demo/x?viewer=", "GET /demo/x?viewer", "GET /demo/x?&&",
 "GET /demo/x?xviewer=$::good", "GET /demo/x?viewerx=$::good",
 "GET /demo/x?a=viewer=$::good"]
--- error_code eval
[(401) x 7]



=== without a secret every token is wrong
--- config: $TEST_NGINX_ROOM
--- room
demo visibility unlisted
--- request eval
"GET /demo/x?viewer=$::good"
--- error_code: 403
--- response_body_like: "reason":"proof_wrong"



=== of several the first that suffices counts
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOM
--- room
demo visibility unlisted
--- request eval
["GET /demo/x?viewer=x&viewer=$::good", "GET /demo/x?viewer=$::good&viewer=x",
 "GET /demo/x?a=b&VIEWER=$::good&c=d"]
--- error_code eval
[(200) x 3]



=== an encoded one is the same
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOM
--- room
demo visibility unlisted
--- request eval
['GET /demo/x?viewer=' . $::session =~ s/~/%7E/r,
 'GET /demo/x?viewer=' . CORE::join'', map { sprintf '%%%02x', ord } split //, $::good]
--- error_code eval
[200, 200]



=== more than eight are not looked at
--- commerce: $TEST_NGINX_SECRET
--- config: $TEST_NGINX_ROOM
--- room
demo visibility unlisted
--- request eval
['GET /demo/x?' . CORE::join('&', ('viewer=x') x 7, "viewer=$::good"),
 'GET /demo/x?' . CORE::join('&', ('viewer=x') x 8, "viewer=$::good")]
--- error_code eval
[200, 403]



=== twice
--- config
    commerce_viewer bearer;
    commerce_viewer argument;
--- must_die
--- error_log
"commerce_viewer" directive is duplicate
