# An edge that has no RTMP: it takes the video from an origin that knows
# nothing of products, puts them in, and counts.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Env qw(root);
use Commerce::Scenario;
use Test::More;

host('h1');
room('demo', key => sha('the-key-of-the-host'));
product('tea', link => 'https://shop.example.com/tea');
redis()->call('ZADD', 'commerce:{demo}:shelf', 0, 'tea');

my $single = example('single.conf');

$single =~ s/commerce_hls\w* .*//g;
nginx($single, workers => 1, name => 'origin');

my $edge = read_file(root() . '/conf.example/cdn.conf');

$edge =~ s/^(?:load_module|user|worker_processes|pid|error_log)\b.*\n//mg;
$edge =~ s{redis  .*}{redis unix:%%REDIS%%;};
$edge =~ s{/run/nginx-commerce\.ledger  64m}{%%DIR%%/edge.ledger 1m};
$edge =~ s{/var/(?:log|cache)/nginx/}{%%DIR%%/edge-}g;
$edge =~ s{origin\.internal\.example:8080}{127.0.0.1:%%HTTP%%};
$edge =~ s{/etc/nginx/commerce\.secret}{%%DIR%%/secret};
$edge =~ s{listen  80;}{listen  %%PORT_EDGE%%;};
nginx($edge, modules => 'http', name => 'edge');

sub at_edge { http(@_, port => port('EDGE')) }

my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=the-key-of-the-host'));
my $pinned = sub {
    my $list = at_edge('GET', '/live/demo/index.m3u8');
    $list->{status} == 200
        && $list->{content} =~ /^#EXT-X-DATERANGE:.*PRODUCT="tea"/m && $list
};

ok(wait_for(30, sub {
    at_edge('GET', '/live/demo/index.m3u8')->{content} =~ /\.ts/
}), 'the edge has the playlist') or diag($ffmpeg->log);

is(http('PUT', '/api/rooms/demo/pin',
        headers => { 'Content-Type' => 'application/json' },
        body => '{"product": "tea"}')->{status}, 200, 'a pin at the origin');

my $list = wait_for(10, $pinned);

ok($list, 'is a cue in the playlist of the edge');
unlike(http('GET', '/live/demo/index.m3u8')->{content}, qr/DATERANGE/,
       'and not in that of the origin');

my ($segment) = ($list || {})->{content} =~ /^(\d+\.ts)/m;

is(at_edge('GET', "/live/demo/$segment")->{status}, 200,
   'a segment of it is there');
like(at_edge('GET', '/rooms/demo')->{content}, qr/"live":\s*true/,
     'the edge tells that the room is live');

at_edge('POST', '/cart/demo/tea') for 1 .. 3;
http('POST', '/cart/demo/tea');

my $count = sub {
    redis()->call('HGET', 'commerce:{demo}:1:counts', 'c:click:tea') || 0
};

wait_for(10, sub { $count->() >= 4 });
is($count->(), 4, 'clicks at the edge and at the origin add up');

finish();
