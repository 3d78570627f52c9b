# A connection publishes one stream at a time, and nothing once it stopped.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', key => sha('k'));
room('two', key => sha('k'));
live();

my $flv = flv(4);

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'a first publish');
$rtmp->publish('two?key=k');
is(said($rtmp->status(5)), 'BadName room_taken', 'a second is refused');
ok($rtmp->closed(4), 'with the first');
ok(!record_of('two')->{show}, 'nothing else is live');

redis()->call('CLIENT', 'PAUSE', 500);
$rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
$rtmp->publish('two?key=k');
is(said($rtmp->status(5)), 'BadName room_taken', 'also while the first is asked for');
ok($rtmp->closed(4), 'and closed');

$rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'another connection');
$rtmp->send_flv($flv, 2000, pace => 5);
ok(wait_for(3, sub { segments('demo') > 1 }), 'is written');
$rtmp->close_stream;
ok(wait_for(3, sub { !redis()->call('GET', 'commerce:{demo}:live') }), 'it ends');

my $written = join ' ', segments('demo');
$rtmp->send_flv($flv, 4000, from => 2001, pace => 5);
is(join(' ', segments('demo')), $written, 'and is written no more');

$rtmp->publish('two?key=k');
is((map { $_->{code} } grep { $_->{code} =~ /Publish/ }
    map { $rtmp->status(3) // () } 1 .. 2)[0], 'NetStream.Publish.Start',
   'it may publish again');
$rtmp->send_flv($flv, 3000, pace => 5);
ok(wait_for(3, sub { segments('two') > 1 }), 'and is written');
$rtmp->leave;

$rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->send_flv($flv, 1000);
ok(!$rtmp->closed(0.5), 'who publishes nothing');
$rtmp->leave;
is_deeply([sort map { m{([^/]+)$} } glob dir('hls') . '/*'], ['demo', 'two'],
          'is not written');

finish();
