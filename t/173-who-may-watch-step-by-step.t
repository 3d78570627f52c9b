# The chapter of the README about who may watch, followed from its top: its
# configuration, and its lines in a shell with the answers that they say.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Env qw(root read_file);
use Commerce::HLS ();
use Commerce::Live qw(SECRET);
use Commerce::Scenario;
use Test::More;

my $readme = read_file(root() . '/README.md');
my ($chapter) = $readme =~ /^## Who may watch\n(.*?)^## /ms or die "no chapter\n";
my ($conf) = $chapter =~ /```nginx\n(.*?)```/s or die "no configuration\n";
my ($steps) = $chapter =~ /```sh\n(secret=.*?)```/s or die "no steps\n";
my ($makers) = $chapter =~ /```sh\n(mac\(\).*?)```/s or die "no makers\n";

my ($secret, $locations) = $conf =~ /commerce \{\n(.*?)^\}\n(.*)/ms;
my $web = dir('web');

mkdir $_ for "$web/live", "$web/live/demo";
write_file("$web/live/demo/index.m3u8", Commerce::HLS::listing(3));
write_file(dir() . '/secret', SECRET . "\n");
chmod 0644, dir() . '/secret';

redis();
host('anna');
room('demo', host => 'anna');

$secret =~ s{/etc/nginx/commerce\.secret}{%%DIR%%/secret};
$locations =~ s{/var;}{$web;};

nginx(<<"CONF", modules => 'http');
events { }

commerce {
    redis  unix:%%REDIS%%;
    ledger %%LEDGER%% 1m;
    $secret
}

http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        location /api/ { commerce_api; }
        $locations
    }
}
CONF

ok(wait_for(10, sub {
    http('GET', '/live/demo/index.m3u8')->{status} == 200
}), 'the room is known');

# each answer goes to the file "answer", and its status to the output

my @wanted = $steps =~ /^(?:curl|api) .*# (\d{3}(?:: \w+)?)/mg;
my $base = 'http://127.0.0.1:' . port('HTTP');

$steps =~ s{http://localhost}{$base}g;
$steps =~ s{/etc/nginx/commerce\.secret}{@{[dir()]}/secret};

write_file(dir() . '/steps', <<"SH");
cd @{[dir()]}
curl() {
    command curl -sS -o answer -w '%{http_code}' "\$@"
    sed -n 's/.*"reason":"\\([a-z_]*\\)".*/: \\1/p; s/^[^:]*\$//p' answer | head -n 1
    echo
}
$makers
$steps
SH

my @got = grep { length } split /\n/, `bash @{[dir()]}/steps 2>&1`;

s/: (?!proof|code|not|viewer|room)\w.*// for @wanted;
s/^200: .*/200/ for @got;

is_deeply(\@got, \@wanted, 'each step is answered as the README says')
    or diag(join "\n", map { "$_: got $got[$_], wanted $wanted[$_]" }
                           0 .. ($#got > $#wanted ? $#got : $#wanted));
cmp_ok(scalar @wanted, '>', 20, 'and there are many');
unlike(log_text(), qr/\bAAAAA|\Q@{[SECRET]}\E/, 'nothing secret is in the log');

finish();
