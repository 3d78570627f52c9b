# While Redis takes its time nothing of a stream reaches HLS, even if the
# client does not wait; afterwards nothing is missing.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

use Commerce::RTMP;

redis();
host('h1');
room('demo', key => sha('k'));
room('closed', key => sha('k'), state => 'closed');
live();

my $flv = flv(4);

redis()->call('CLIENT', 'PAUSE', 700);

my $early = Commerce::RTMP->new(port => port('RTMP'));
$early->publish('closed?key=k');
$early->send_flv($flv, 3000);

my $patient = Commerce::RTMP->new(port => port('RTMP'));
$patient->publish('demo?key=k');
$patient->send_flv($flv, 3000);

is_deeply([glob dir('hls') . '/*'], [], 'nothing is written while it is asked');

is(said($early->status(5)), 'Unauthorized room_closed', 'one is refused');
$early->send_flv($flv, 4000);
ok($early->closed(4), 'and closed');

like(said($patient->status(5)), qr/^Start/, 'the other is admitted');
$patient->send_flv($flv, 4000, pace => 5);
$patient->leave;

ok(wait_for(5, sub { segments('demo') >= 3 }), 'and written');
is_deeply([glob dir('hls') . '/*'], [dir('hls') . '/demo'],
          'of the refused one there is nothing');

# and where the codecs' headers came before the answer, they were kept

redis()->call('CLIENT', 'PAUSE', 500);

my $hasty = Commerce::RTMP->new(port => port('RTMP'));
$hasty->publish('demo?key=k');
$hasty->send_flv($flv, 500);
like(said($hasty->status(5)), qr/^Start/, 'who sent headers too early');
my $written = segments('demo');
$hasty->send_flv($flv, 4000, from => 501, pace => 5);
$hasty->leave;
ok(wait_for(5, sub { segments('demo') > $written }), 'has a picture');

finish();
