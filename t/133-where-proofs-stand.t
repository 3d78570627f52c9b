# Proofs stand in the argument, the cookie or the Authorization header, or
# where commerce_viewer says.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Commerce::Token;
use Test::More;

write_secret(dir() . '/secret');
write_file(dir() . '/in', "in\n");

redis();
room('demo', visibility => 'unlisted');

hls(<<'CONF', commerce => 'secret %%DIR%%/secret;');
    server {
        listen %%HTTP%%;

        commerce_room    demo;
        commerce_access  on;

        location ~ ^/usual/ { alias %%DIR%%/in; }

        location ~ ^/own/ {
            alias            %%DIR%%/in;
            commerce_viewer  $http_x_viewer $arg_who argument;
        }

        location ~ ^/header/ {
            alias            %%DIR%%/in;
            commerce_viewer  bearer;
        }
    }
CONF

my $good = viewer_token('demo', 'u42');
my $session = viewer_token('demo', '~abcdefghijklmnopqrstuv', kind => 's');
my $wrong = $good =~ s/u42/u43/r;

sub status {
    my ($path, %headers) = @_;
    my $answer = http('GET', $path, headers => \%headers);

    return $answer->{status} == 200 ? 200
           : "$answer->{status} "
             . ($answer->{content} =~ /"reason":"(\w+)"/ ? $1 : '?');
}

is(status("/usual/x?viewer=$good"), 200, 'an argument');
is(status('/usual/x', cookie => "commerce-demo=$good"), 200, 'a cookie');
is(status('/usual/x', cookie => "a=b; commerce-demo=$session;c=d"), 200,
   'a session, among cookies');
is(status('/usual/x', authorization => "Bearer $good"), 200, 'a header');
is(status('/usual/x', authorization => "bearer    $good"), 200,
   '... with its scheme in small letters');

is(status('/usual/x', cookie => "commerce-demo=$wrong"), '403 proof_wrong',
   'a wrong cookie');
is(status('/usual/x', authorization => "Bearer $wrong"), '403 proof_wrong',
   'a wrong header');

is(status('/usual/x', cookie => "commerce-demo=$wrong; commerce-demo=$good"),
   200, 'two cookies of one name, the second is right');
is(status('/usual/x', cookie => ["commerce-demo=$wrong", "commerce-demo=$good"]),
   200, '... in two headers');
is(status("/usual/x?viewer=$wrong", cookie => "commerce-demo=$good"), 200,
   'a wrong argument, a right cookie');
is(status("/usual/x?viewer=$wrong", cookie => "commerce-demo=x",
          authorization => "Bearer $good"), 200, '... a right header');
is(status('/usual/x?viewer=' . viewer_token('demo', 'u42', expires => 1),
          cookie => "commerce-demo=$wrong"), '403 proof_expired',
   'of several that prove nothing the first is told');

for my $cookie ('commerce-demo=', 'commerce-demo', ';;', "commerce-demox=$good",
                "xcommerce-demo=$good", "commerce-other=$good",
                "Commerce-demo=$good")
{
    is(status('/usual/x', cookie => $cookie), '401 proof_missing',
       "no proof: $cookie" =~ s/\Q$good\E/TOKEN/r);
}

is(status('/usual/x', authorization => "Basic $good"), '401 proof_missing',
   'another scheme');
is(status('/usual/x', authorization => 'Bearer '), '401 proof_missing',
   'an empty header');

is(status('/own/x', 'x-viewer' => $good), 200, "a header of the site's own");
is(status("/own/x?who=$good"), 200, 'an argument of its own');
is(status("/own/x?viewer=$good"), 200, 'the usual one, which is named');
is(status('/own/x', cookie => "commerce-demo=$good"), '401 proof_missing',
   'the cookie, which is not');
is(status("/header/x?viewer=$good", cookie => "commerce-demo=$good"),
   '401 proof_missing', 'nor are others where one is');
is(status('/header/x', authorization => "Bearer $good"), 200, '... but that');

unlike(log_text(), qr/\Q$good\E/, 'no token is in the log');

finish();
