# Encoders with one field for everything publish under the secret key: the
# room's public name replaces it before anything else sees it.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', key => sha('s3cret.KEY-1'));
live(application => 'access_log %%DIR%%/rtmp.log;');

my $ffmpeg = publish(url => rtmp_url('live', 's3cret.KEY-1?angle=2'));

ok(segments_after('demo', 2), 'HLS has the public name');

$ffmpeg->stop;

ok(wait_for(5, sub { read_file(dir() . '/rtmp.log') =~ /PUBLISH/ }),
   'nginx-rtmp logs the session');

my $log = read_file(dir() . '/rtmp.log');
like($log, qr/"demo" "angle=2"/, 'under the public name, with the other argument');
unlike($log . log_text(), qr/s3cret/, 'the key is in no log');

my @written = split /\n/, `find '${\ dir('hls')}'`;
ok(!grep(/s3cret/, @written), 'nor is it in a file name');

# a key that was moved to another room opens that one, and this no longer

room('other', key => sha('s3cret.KEY-1'));
room('demo', key => sha('new'));

like(attempt('s3cret.KEY-1'), qr/^Start/, 'a key that was moved is accepted');
ok(wait_for(5, sub { record_of('other')->{show} }), 'for its new room');
is(record_of('demo')->{show}, 1, 'not for the former');

is(attempt('s3cret.KEY-2'), 'BadName bad_name', 'a key that opens no room');
is(attempt('demo'), 'Unauthorized proof_missing', 'a room is no key');

# names that may well be keys with a letter wrong, whatever stands beside them

for my $arguments ('', '?key=', '?key=s3cret-key-1', '?token=1.h1.x',
                   '?key=&token=' . token('demo', 'h1', 60))
{
    like(attempt("s3cret-key-1$arguments"), qr/^Unauthorized room_unknown/,
         "no room, with \"$arguments\"");
}

like(attempt('nowhere?key=x'), qr/room_unknown/, 'a room that there is not');
like(attempt('nothing?token=' . token('nothing', 'h1', 60)), qr/room_unknown/,
     'nor one that a token was made for');

# a key may look like a room, and Redis may refuse to answer

room('demo', key => sha('s3cret-key-3'));
redis()->line('ACL SETUSER default -get -eval -evalsha');
like(attempt('s3cret-key-3'), qr/store_away/, 'nothing can be read');
redis()->line('ACL SETUSER default +@all');

unlike(log_text(), qr/s3cret/, 'names without a room are not in the log');
unlike(join(' ', map { %$_ } events('publish_refused', 9)), qr/s3cret/,
       'nor in the events');
like(log_text(), qr/room "$_" was refused: room_unknown/,
     'but what stands beside a key or its own token is')
    for 'nowhere', 'nothing';

finish();
