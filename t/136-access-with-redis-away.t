# With Redis away who is known is let in or refused as before; what is not
# known passes by itself.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Commerce::Token;
use Test::More;

write_secret(dir() . '/secret');
write_file(dir() . '/in', "in\n");

my $redis = redis();
room('open');
room('demo', visibility => 'unlisted');
room('later', state => 'open');

my $nginx = hls(<<'CONF', commerce => 'secret %%DIR%%/secret;');
    server {
        listen %%HTTP%%;

        location ~ ^/(?<name>[\w-]+)/x$ {
            alias            %%DIR%%/in;
            commerce_room    $name;
            commerce_access  on;
        }

        location ~ ^/off/(?<name>[\w-]+)/x$ {
            alias            %%DIR%%/in;
            commerce_room    $name;
        }
    }
CONF

my $token = viewer_token('demo', 'u42');

sub ask {
    my ($path) = @_;
    my $answer = http('GET', $path);
    my ($reason) = $answer->{content} =~ /"reason":"(\w+)"/;

    return join ' ', $answer->{status}, $reason // (),
                     $answer->{headers}{'retry-after'} ? 'later' : ();
}

is(ask('/open/x'), '200', 'a public room');
is(ask("/demo/x?viewer=$token"), '200', 'an unlisted one, with a token');
is(ask('/demo/x'), '401 proof_missing', '... without');
is(ask('/none/x'), '401 proof_missing', 'an unknown one');

sub asked {
    return join ' ', $redis->call('INFO', 'commandstats')
                     =~ /cmdstat_(?:eval\w*|sismember):calls=(\d+)/g;
}

# what a node holds is checked again when the subscription begins

ok(wait_for(10, sub {
    my $before = asked();

    for (1 .. 20) {
        http('GET', "/demo/x?viewer=$token");
        http('GET', '/open/x');
    }

    return asked() eq $before;
}), 'what is known asks Redis nothing');

$redis->stop;

for my $time ('Redis away', 'after a reload') {
    is(ask('/open/x'), '200', "$time: a public room");
    is(ask("/demo/x?viewer=$token"), '200', '... an unlisted one');
    is(ask('/demo/x'), '401 proof_missing', '... without a token');
    is(ask('/demo/x?viewer=x'), '403 proof_wrong', '... with a wrong one');
    is(ask('/later/x'), '503 store_away later', '... one that is not known');
    is(ask("/later/x?viewer=$token"), '503 store_away later',
       '... whatever is proved');
    is(ask('/off/later/x'), '200', '... but without access control');

    $nginx->reload if $time eq 'Redis away';
}

$redis->run;
ok(wait_for(15, sub { room('later'); ask('/later/x') eq '200' }),
   'Redis is back');

finish();
