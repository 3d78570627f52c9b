# Each write raises the version and publishes it on the record's channel.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use IO::Socket::UNIX;
use Test::More;

redis();

nginx(<<'CONF', modules => 'http', name => 'node');
commerce {
    redis      unix:%%REDIS%%;
    namespace  shop;
    ledger     %%LEDGER%% 1m;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        location / { commerce_api; }
    }
}
CONF

my $listener = IO::Socket::UNIX->new(Peer => redis()->socket)
    or die "no Redis: $!\n";
my $heard = '';

print $listener "PSUBSCRIBE shop:changed:*\r\n";

sub told {
    my ($channel, $version) = @_;

    return wait_for(5, sub {
        my $ready = '';
        vec($ready, fileno $listener, 1) = 1;

        sysread($listener, $heard, 4096, length $heard)
            if select($ready, undef, undef, 0.05);

        $heard =~ s/\A.*?\Q$channel\E\r\n\$\d+\r\n\Q$version\E\r\n//s;
    });
}

ok(wait_for(5, sub { http('GET', '/hosts/x')->{status} == 404 }), 'ready');

for my $write (
    ['PUT', 'hosts/anna', '{"state": "approved"}', 'host:{anna}', 1],
    ['PATCH', 'hosts/anna', '{"state": "banned"}', 'host:{anna}', 2],
    ['PUT', 'products/tea', '{"state": "approved", "title": "T", '
     . '"link": "http://s.example/"}', 'product:{tea}', 1],
    ['PUT', 'rooms/r1', '{"host": "anna", "state": "open"}', '{r1}', 1],
    ['PUT', 'rooms/r1/shelf/tea', '', '{r1}', 2],
    ['PUT', 'rooms/r1/pin', '{"product": "tea"}', '{r1}', 3],
    ['DELETE', 'rooms/r1/pin', '', '{r1}', 4],
    ['DELETE', 'rooms/r1/shelf/tea', '', '{r1}', 5],
) {
    my ($method, $path, $body, $channel, $version) = @$write;
    my $answer = http($method, "/$path", body => $body,
                      headers => { 'Content-Type' => 'application/json' });

    like($answer->{content}, qr/"version":$version\b/, "$method $path");
    ok(told("shop:changed:$channel", $version), '... is told');
}

finish();
