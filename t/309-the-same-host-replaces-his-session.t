# A host whose encoder lost its connection comes back while the old session
# still stands: it is replaced, and HLS goes on in the same playlist, written
# by one at a time.

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
live(workers => 1);

my $first = publish(url => rtmp_url('live', 'demo?key=k'));
ok(segments_after('demo', 3), 'the first is live');

my $before = playlist('demo');
my $second = publish(url => rtmp_url('live', 'demo?key=k'));

ok(wait_for(5, sub { !$first->running }), 'the first is closed');
ok(segments_after('demo', 3), 'the second is written');
ok($second->running, 'and goes on');

my $after = playlist('demo');
my %known = map { $_ => 1 } @{$after->{segments}};
ok((grep { $known{$_} } @{$before->{segments}}) || $after->{sequence} > $before->{sequence},
   'the playlist goes on');
cmp_ok($after->{sequence}, '>=', $before->{sequence}, 'in its numbering');
like($after->{text}, qr/#EXT-X-DISCONTINUITY/, 'with a discontinuity');

my @segments = @{$after->{segments}};
is_deeply([sort @segments], \@segments, 'in the order of time');

is(record_of('demo')->{show}, 1, 'it is one show');
is((events('publish_ended', 1))[0]{reason}, 'replaced', 'the first was replaced');

# told so, and again and again

$second->stop;
my @sessions = map { Commerce::RTMP->new(port => port('RTMP')) } 1 .. 4;

for my $i (0 .. $#sessions) {
    $sessions[$i]->publish('demo?key=k');
    like(said($sessions[$i]->status(5)), qr/^Start/, "session $i is in");
    is(said($sessions[$i - 1]->status(3)), 'BadName replaced',
       'the one before is told') if $i;
}

# all at once: one stays

$_->publish('demo?key=k')
    for my @crowd = map { Commerce::RTMP->new(port => port('RTMP')) } 1 .. 5;

my @said = map { said($_->status(4)) } @crowd;
my @in = grep { $said[$_] =~ /^Start/ } 0 .. $#crowd;
my @left = grep { said($crowd[$_]->status(0.5)) eq 'nothing' && !$crowd[$_]{eof} } @in;
is(@left, 1, 'of a crowd one stays') or diag("@said");
$_->leave for @sessions, @crowd;
unlike(log_text(), qr/already publishing/, 'there never were two');

finish();
