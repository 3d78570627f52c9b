# Going live begins a show, or goes on with the last one if that was seen
# within the reconnect window; what the last show had pinned does not stay.

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
live(application => 'commerce_reconnect_window 2s;');

sub go_live {
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->publish('demo?key=k');
    like(said($rtmp->status(5)), qr/^Start/, shift);

    return $rtmp;
}

sub end {
    shift->leave;
    ok(wait_for(3, sub { !redis()->call('GET', 'commerce:{demo}:live') }),
       'it ends');
}

sub shows { return { @{redis()->call('HGETALL', 'commerce:{demo}:shows')} } }

my $session = go_live('a first show');
is(record_of('demo')->{show}, 1, 'has the number 1');
my $started = shows()->{'1:started'};
cmp_ok(abs($started / 1000 - time), '<', 5, 'it knows when it started');
ok(!shows()->{'1:ended'}, 'it has not ended');

my $version = record_of('demo')->{version};
redis()->call('XADD', 'commerce:{demo}:cues', '*', at => time * 1000 - 5,
              show => 1, product => 'tea', version => 1);
end($session);
ok(shows()->{'1:ended'} >= $started, 'it knows when it ended');
cmp_ok(record_of('demo')->{version}, '>', $version, 'the room has a new version');

$session = go_live('coming back within the window');
is(record_of('demo')->{show}, 1, 'goes on with it');
is(shows()->{'1:started'}, $started, 'which started then');
ok(!shows()->{'1:ended'}, 'and has not ended');
is(redis()->call('XLEN', 'commerce:{demo}:cues'), 1, 'what was pinned stays');
end($session);

sleep 3;

$session = go_live('coming back after it');
is(record_of('demo')->{show}, 2, 'begins another');
ok(shows()->{'1:ended'} && shows()->{'2:started'} && !shows()->{'2:ended'},
   'the former has ended, it has not');

my $cues = redis()->call('XREVRANGE', 'commerce:{demo}:cues', '+', '-');
my %cue = @{$cues->[0][1]};
is($cue{product} // '', '', 'nothing is pinned');
is($cue{show}, 2, 'in it');
cmp_ok($cue{at}, '>=', shows()->{'2:started'}, 'from its start on');
end($session);

sleep 3;

$session = go_live('a third one, with nothing pinned before');
is(redis()->call('XLEN', 'commerce:{demo}:cues'), 2, 'needs no empty cue');
end($session);

finish();
