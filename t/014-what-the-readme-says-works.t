# The README's synopsis, its curl and redis-cli lines and its ACL user, taken
# from the README as they stand.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(root read_file);
use Commerce::Scenario;
use Test::More;

my $readme = read_file(root() . '/README.md');
my $redis = redis();

my ($synopsis) = $readme =~ /```nginx\n(.*?)```/s or die "no synopsis\n";
my ($acl) = $readme =~ /^    (ACL SETUSER .*?)\n\n/ms or die "no ACL\n";
my ($writes) = $readme =~ /^    redis-cli <<'END'\n(.*?)^    END$/ms
    or die "no redis-cli lines\n";
my @curls = $readme =~ /^    (curl -X P(?:(?!\n\n|^    curl).)*)/gms;

# the user of the README, who has no right but those

$acl =~ s/\s+/ /g;
$acl =~ s/PASSWORD/edge-password/;
$redis->line($acl);

# the synopsis, with this test's places

$synopsis =~ s/^load_module.*\n//mg;
$synopsis =~ s/^events \{ \}\n//m;
$synopsis =~ s{127\.0\.0\.1:6379}
              {unix:%%REDIS%% user=edge password=edge-password};
$synopsis =~ s{/run/nginx-commerce\.ledger}{%%LEDGER%%};
$synopsis =~ s{listen 1935}{listen 127.0.0.1:%%RTMP%%};
$synopsis =~ s{listen 80;}{listen 127.0.0.1:%%HTTP%%;};
$synopsis =~ s{include mime\.types}{include /etc/nginx/mime.types};

my $hls = dir('hls');
mkdir "$hls/live";
chmod 0777, "$hls/live";
$synopsis =~ s{/var/live}{$hls/live};
$synopsis =~ s{root (\s+)/var;}{root $1$hls;};

my $nginx = nginx("events { }\n$synopsis", workers => 1);

# the writes by redis-cli

for my $line (split /\n/, $writes) {
    $line =~ s/^\s+//;
    $redis->line($line);
}

ok(wait_for(10, sub {
    http('GET', '/rooms/demo')->{content} =~ /"cue":\{.*"product":"pot"/
}), 'what redis-cli wrote is on the shelf and pinned');

is(http('POST', '/cart/demo/pot')->{status}, 204, 'and counts clicks');

$redis->call('FLUSHDB');
$redis->line('PUBLISH commerce:changed x');

ok(wait_for(10, sub { http('GET', '/rooms/demo')->{status} == 404 }),
   'a message on commerce:changed alone has all checked again');

# the writes by curl

my $base = 'http://127.0.0.1:' . port('HTTP');
my @answers;

for my $curl (@curls) {
    next if $curl =~ m{/(pin|cart|explain|codes)\b|PATCH};

    $curl =~ s{localhost/}{$base/};
    $curl =~ s/^curl/curl -sS -o \/dev\/null -w '%{http_code}'/;
    push @answers, `$curl`;
}

is_deeply(\@answers, [(201) x 4], 'the curl lines are taken')
    or diag("@answers");

my ($url) = $readme =~ m{'rtmp://localhost/live/(demo\?key=[^']+)'};
my $ffmpeg = publish(url => rtmp_url('live', $url));

ok(wait_for(30, sub {
    http('GET', '/live/demo/index.m3u8')->{status} == 200
}), 'the host goes live');

my ($why) = grep { m{/explain\b} } @curls;
$why =~ s{localhost/}{$base/};
$why =~ s/^curl/curl -sS/;
like(`$why`, qr/^\{"reason":"allowed",.*"live":true/, 'the API says why');

# who follows, as redis-cli writes it

my ($kk, $add) = $readme =~ /^    (kk=\$\(.*?)\n    redis-cli (SADD .*?)$/ms
    or die "no follower\n";
$redis->line(`$kk; echo $add`);
is($redis->call('SISMEMBER', 'commerce:host:{anna.d4}:followers', 'u42'), 1,
   'the viewer follows');

my ($pin) = grep { m{/pin\b} && !/"at"/ } @curls;
$pin =~ s{localhost/}{$base/};
$pin =~ s/^curl/curl -sS/;
like(`$pin`, qr/"id"/, 'the pin is taken');

ok(wait_for(30, sub {
    http('GET', '/live/demo/index.m3u8')->{content}
        =~ /DATERANGE:.*X-NGINX-COMMERCE-PRODUCT="pot"/
}), 'the product is in the playlist');

is(http('POST', '/cart/demo/pot')->{status}, 204, 'a click is taken');
ok(wait_for(10, sub {
    ($redis->call('HGET', 'commerce:{demo}:1:counts', 'c:click:pot') // 0) == 1
}), 'and reaches Redis');

$ffmpeg->stop;

ok(wait_for(10, sub {
    grep { /publish_ended/ } map { ref $_ ? @{$_->[1]} : () }
        @{$redis->call('XRANGE', 'commerce:events', '-', '+')}
}), 'events are written');

my ($status) = http('GET', '/status')->{content} =~ /"redis":(\{[^}]*\})/;
like($status, qr/"connected":true,"subscribed":true/, 'Redis is there');
unlike(log_text(), qr/NOPERM|forbid/i, 'the rights of the ACL user suffice');

finish();
