# Viewers in a real browser enter an unlisted room by a code, are renewed, put
# out, signed out; read that they were removed, signed out, or that the room is
# closed, each in its words; and wait for a show that has not begun.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Scenario;
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Time::HiRes qw(time);

my $key = 'the-key-of-the-host';

host('h1');
room('demo', title => 'Friends', key => sha($key), visibility => 'unlisted');
room('soon', title => 'Soon', state => 'scheduled',
     starts => int(time + 1800) * 1000);

my $conf = example('single.conf');

$conf =~ s/(commerce \{\n)/$1    session  30s;\n/;
$conf =~ s/limit_req .*//g;
nginx($conf, workers => 1, log => 'info');

my $ffmpeg = publish(url => rtmp_url('live', "demo?key=$key"));
my $origin = 'http://localhost:' . port('HTTP');

ok(wait_for(30, sub {
    glob(dir() . '/live/demo/*.ts')
}), 'the show is on') or BAIL_OUT($ffmpeg->log);

is(http('GET', '/live/demo/index.m3u8')->{status}, 401,
   'nobody sees it without a code');

my $answer = http('POST', '/api/rooms/demo/codes',
                  body => encode_json({ until => int(time + 3600) * 1000 }),
                  headers => { 'Content-Type' => 'application/json' });
my $code = decode_json($answer->{content})->{code};
my $found = eval { browse('enter.js', "$origin/", "$origin/api", $code,
                          pictures()) };

ok($found, 'viewers come') or diag($@);
$found ||= {};

my %words = (
    door => qr/^This room has a door/,
    wrong => qr/^This code does not open/,
    removed => qr/^You were removed/,
    signedOut => qr/^You were signed out/,
    closed => qr/^This room is closed/,
    scheduled => qr/^\x{76f4}\x{64ad}\x{8fd8}.*\b00:[23]\d:\d\d/,
    begins => qr/^\x{76f4}\x{64ad}\x{5373}/,
    language => qr/^zh$/,
);

like($found->{$_} // '', $words{$_}, $_) for sort keys %words;
ok($found->{$_}, $_) for qw(plays renewed stopped linked back);

unlike(log_text() . read_file(dir() . '/access.log'), qr/\Q$code\E/i,
       'the code gets into no log');

finish();
