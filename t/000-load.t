# The modules load into the nginx that Debian ships, alone and with
# nginx-rtmp, and nginx -t leaves no trace.  The image's configuration is one
# that nginx takes.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(build modules root rtmp_module);
use Commerce::Scenario;
use Test::More;

my $nginx = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
my $rest = <<'CONF';
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        location / { return 204; }
    }
}
CONF

my ($http) = modules();
my $rtmp = 'load_module ' . rtmp_module() . ";\n";
my $ours = 'load_module ' . build() . "/ngx_rtmp_commerce_module.so;\n";

my @cases = (
    ['nothing configured', $http . "events { }\n", undef],
    ['the HTTP module alone', $http . $rest, undef],
    ['all modules', $rtmp . $http . $ours . $rest, undef],
    ['nginx-rtmp without ours', $rtmp . $http . $rest, undef],
    ['the RTMP module without the HTTP one', $rtmp . $ours . $rest,
     qr/undefined symbol: ngx_(http_)?commerce/],
    ['the RTMP module without nginx-rtmp', $http . $ours . $rest,
     qr/undefined symbol: ngx_rtmp/],
);

for my $case (@cases) {
    my ($name, $conf, $error) = @$case;
    my $said = check($conf);

    if ($error) {
        like($said, $error, "$name: refused with its reason");

    } else {
        like($said, qr/test is successful/, "$name: nginx -t");
    }
}

ok(!-e ledger_file(), 'nginx -t creates no ledger');

my $image = read_file(root() . '/docker/nginx.conf');

$image =~ s/^load_module .*//mg;
$image =~ s/^(?:pid|error_log) .*//mg;
$image =~ s/ redis:6379;/ 127.0.0.1:%%REDIS_PORT%%;/;
$image =~ s{/run/nginx-commerce/}{%%DIR%%/}g;

like(check(modules('rtmp') . $image), qr/test is successful/,
     'docker/nginx.conf: nginx -t');

my $node = nginx($rest, modules => 'http', name => 'http');
is(http('GET', '/')->{status}, 204, 'nginx serves with the HTTP module alone');
ok($node->reload, 'it reloads');
is(http('GET', '/')->{status}, 204, '... and serves on');
ok($node->stop, '... and quits');

$node = nginx("rtmp { server { listen %%RTMP%%; application live { } } }\n" .
              $rest, name => 'rtmp');
is(http('GET', '/')->{status}, 204, 'nginx serves with all modules');
ok($node->reload, 'it reloads');

finish();

sub check {
    my $text = shift;
    my $file = dir('check') . '/nginx.conf';

    write_file($file, "error_log stderr;\npid " . dir('check') . "/pid;\n" .
               Commerce::Scenario::fill_in($text));

    return `$nginx -t -p @{[dir('check')]} -c $file 2>&1`;
}
