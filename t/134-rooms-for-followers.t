# A room for followers takes a token for it, or who follows its host: that is
# asked once, and becomes a session.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Commerce::Token;
use Digest::SHA qw(sha256_hex);
use Test::More;

write_secret(dir() . '/secret');
write_file(dir() . '/in', "in\n");

my $redis = redis();
room('demo', host => 'anna', visibility => 'followers');
room('closed', host => 'anna', visibility => 'followers', state => 'banned');

my $nginx = hls(<<'CONF', commerce => 'secret %%DIR%%/secret;', workers => 1);
    server {
        listen %%HTTP%%;

        location ~ ^/(?<name>[\w-]+)/x$ {
            alias            %%DIR%%/in;
            commerce_room    $name;
            commerce_access  on;
            add_header       X-Viewer "$commerce_viewer" always;
        }
    }
CONF

sub follow {
    my ($subject, $command) = @_;
    my $part = substr sha256_hex($subject), 0, 2;

    $redis->call($command || 'SADD', "commerce:host:{anna.$part}:followers",
                 $subject);
}

sub ask {
    my ($proof, $room) = (@_, 'demo');
    my $answer = http('GET', "/$room/x" . ($proof ? "?viewer=$proof" : ''),
                      headers => { });

    $answer->{reason} = $answer->{content} =~ /"reason":"(\w+)"/ ? $1 : '';

    return $answer;
}

sub asked { ($redis->call('INFO', 'commandstats')
             =~ /cmdstat_sismember:calls=(\d+)/)[0] // 0 }

is(ask('')->{reason}, 'proof_missing', 'nobody');
is(ask(viewer_token('demo', 'u1'))->{status}, 200, 'a token for the room');
is(asked(), 0, '... for which nobody was asked');

follow('u2');
my $identity = viewer_token('demo', 'u2', kind => 'i',
                            issued => int(time * 1000) - 60_000);
my $answer = ask($identity);

is($answer->{status}, 200, 'who follows');
is($answer->{headers}{'x-viewer'}, 'u2', '... by his name');
is($answer->{headers}{'cache-control'}, 'no-store', '... no cache may keep');

my ($session) = ($answer->{headers}{'set-cookie'} // '')
                =~ m{^commerce-demo=(s\.\d+\.\d+\.u2\.[\w-]{22});\ Path=/;
                     \ Max-Age=\d+;\ HttpOnly;\ SameSite=Lax$}x;

ok(defined $session, '... a session in a cookie')
    or diag($answer->{headers}{'set-cookie'});
is((split /\./, $session)[2], (split /\./, $identity)[2],
   '... of the identity\'s time');

my $before = asked();
my $seen = http('GET', '/demo/x', headers => { cookie => "commerce-demo=$session" });

is($seen->{status}, 200, 'the session opens the room');
is($seen->{headers}{'set-cookie'}, undef, '... and is not set anew');
is(asked(), $before, '... without asking');

my $other = viewer_token('demo', 'u3', kind => 'i');

is(ask($other)->{status}, 403, 'who does not follow');
is(ask($other)->{reason}, 'not_following', '... is told so');
is(ask($other)->{headers}{'www-authenticate'}, undef,
   '... another proof of his would not help');

follow('u3');
ok(wait_for(5, sub { ask($other)->{status} == 200 }),
   'he follows, and tries again');

$redis->call('HSET', 'commerce:{demo}:out', 'b:u2', 0, 'version', 1);
$redis->call('PUBLISH', 'commerce:changed:out:{demo}', 1);
ok(wait_for(5, sub { ask($identity)->{reason} eq 'viewer_banned' }),
   'who is banned may follow or not');

is(ask(viewer_token('closed', 'u4', kind => 'i'), 'closed')->{reason},
   'not_following', 'a banned room tells who may not see it nothing');
is(ask($other, 'closed')->{reason}, 'room_banned', 'others that it is');

my $late = viewer_token('demo', 'u5', kind => 'i');

$redis->stop;
$answer = ask($late);
is($answer->{status}, 503, 'with Redis away nobody can tell');
is($answer->{reason}, 'store_away', '... for the moment');
ok($answer->{headers}{'retry-after'}, '... and says when to try again');
is(http('GET', '/demo/x', headers => { cookie => "commerce-demo="
        . viewer_token('demo', 'u6', kind => 's') })->{status}, 200,
   'sessions go on');

finish();
