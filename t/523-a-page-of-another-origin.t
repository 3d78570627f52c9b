# A page of another site, as the README has it, plays a room that is not for
# everybody, shows what is pinned and what it costs now, and counts clicks; its
# viewer's session is renewed while he watches: by a cookie, and, in hls.js, Shaka
# and video.js, by addresses where no cookies are sent.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Env qw(build root);
use Commerce::Scenario;
use Commerce::Token qw(viewer_token);
use File::Copy qw(copy);
use Test::More;
use Time::HiRes qw(time);

my $key = 'the-key-of-the-host';
my $readme = read_file(root() . '/README.md');
my ($chapter) = $readme =~ /^## Your page\n(.*?)^## /ms;
my ($html) = $chapter =~ /^```html\n(.*?)^```/ms;
my ($map, $headers) = $chapter =~ /^```nginx\n(.*?)^```/msg;
my $lines = () = $html =~ /\n/g;

cmp_ok($lines, '<=', 36, 'the example is short');

host('h1');
room('demo', key => sha($key), visibility => 'unlisted');
product('tea', title => 'Gaiwan', price => 5900, currency => 'CNY',
        link => 'https://shop.example.com/tea');
redis()->call('ZADD', 'commerce:{demo}:shelf', 0, 'tea');

my $conf = example('single.conf');
my $page = 'http://127.0.0.1:' . port('PAGE');
my $edge = 'http://localhost:' . port('HTTP');

$map =~ s{https://shop\.example\.com}{$page} or die 'no origin to replace';
$html =~ s{https://live\.example}{$edge} or die 'no edge to replace';

$conf =~ s/(commerce \{\n)/$1    session  30s;\n/;
$conf =~ s/limit_req .*//g;
$conf =~ s/commerce_enter;/commerce_enter  samesite=none partitioned secure=on;/;
$conf =~ s/commerce_hls        on;/$& commerce_hls_token on;/;
$conf =~ s{^(\s*location ~ "\^/(?:enter|live|cart|rooms)/.*\n)}
          {$1 include %%DIR%%/cors.conf;\n}mg;
$conf =~ s/(http \{\n)/$1$map server { listen %%PAGE%%; root %%DIR%%\/page; }\n/;

write_file(dir() . '/cors.conf', $headers);
write_file(dir() . '/page/example.html', $html);
write_file(dir() . '/page/empty.html', "<!doctype html>\n<title>page</title>\n");

my $modules = build() . '/node_modules';

copy($_, dir() . '/page/') or die "$_: $!\n"
    for glob(root() . '/conf.example/www/commerce-*.js'),
        "$modules/hls.js/dist/hls.min.js", "$modules/video.js/dist/video.min.js",
        "$modules/shaka-player/dist/shaka-player.compiled.js";

nginx($conf, workers => 1);

my $ffmpeg = publish(url => rtmp_url('live', "demo?key=$key"));

ok(wait_for(30, sub { () = glob(dir() . '/live/demo/*.ts') }), 'the show is on')
    or BAIL_OUT($ffmpeg->log);

my $shelf = sub { http('GET', '/rooms/demo', headers => { Origin => shift })
                  ->{headers}{'access-control-allow-origin'} };

is($shelf->($page), $page, 'a page that is on the list');
is($shelf->('https://other.example'), undef, 'one that is not');

my $token = viewer_token('demo', 'u42', expires => int(time) + 30,
                         secret => 'a secret of this test alone');
my $found = eval { browse('helper-origin.js', $page, $edge, $token, 50) };

ok($found, 'they come') or diag($@);
$found ||= { example => {}, players => {}, refused => [] };

my $example = $found->{example};

ok($example->{before}, 'nothing is pinned');
is($example->{card}, 'Gaiwan 59 CNY', 'a card');
is($example->{click}, 204, 'a click');
is($example->{price}, '49 CNY', 'another price');
cmp_ok($example->{changed} // 1e9, '<=', 2000, 'within two seconds');
note("the price is on the page after $example->{changed} ms");

for my $name (qw(example hls shaka videojs)) {
    my $player = $found->{players}{$name} || {};

    ok($player->{goes}, "$name: it plays on when the first session is over");

    next if $name eq 'example';

    is("@{$player->{told} || []}", 'tea', "$name: the pin is told");
    cmp_ok($player->{renewed} // 0, '>=', 3, "$name: entered and renewed");
}

is("@{$found->{refused}}", '', 'nothing was refused');
wait_for(10, sub {
    redis()->call('HGET', 'commerce:{demo}:1:counts', 'c:click:tea')
});
is(redis()->call('HGET', 'commerce:{demo}:1:counts', 'c:click:tea'), 1,
   'the click is in Redis');

finish();
