# ffmpeg, and so OBS's media source, ffplay and mpv, plays what it may, with the
# proof wherever it can put one; it is told why it may not, and when it is cut.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(subscribed);
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

my $redis = redis();

host('h1');
room('shy', key => sha('k'), visibility => 'unlisted');

live(log => 'info', workers => 1, application => <<'APPLICATION', server => <<'SERVER');
            commerce_play on;
            access_log %%DIR%%/rtmp.log;
APPLICATION
        location = /status { commerce_status; }
SERVER

ok(subscribed(), 'subscribed');

my $host = publish(url => rtmp_url('live', 'shy?key=k'));
ok(segments_after('shy', 1), 'a room is live');

my $n = 0;

sub play {
    my ($app, $name, @limit) = @_;
    my $file = dir() . '/played' . $n++ . '.flv';
    my $ffmpeg = run('player', 'ffmpeg', '-hide_banner', '-nostdin', '-y',
                     '-loglevel', 'info', '-rw_timeout', '20000000', '-i',
                     rtmp_url($app, $name), '-c', 'copy', @limit, $file);

    return ($ffmpeg, $file);
}

sub ended {
    my ($ffmpeg) = @_;

    return wait_for(30, sub { !$ffmpeg->running });
}

my @tokens = map { viewer(@$_) } ['r', 'shy', 'u1'], ['r', 'shy', 'u2'],
                                 ['i', '', 'u1'];

for my $url (['live', "shy?viewer=$tokens[0]"],
             ["live?viewer=$tokens[0]", 'shy'],
             ['live', "shy?x=1&viewer=$tokens[0]"])
{
    my ($ffmpeg, $file) = play(@$url, '-t', 1);

    ok(ended($ffmpeg), 'ffmpeg plays ' . ($n - 1));
    is($ffmpeg->status, 0, 'to the end that it set itself') or diag($ffmpeg->log);
    cmp_ok(-s $file // 0, '>', 5000, 'and has it');
}

for my $case (['shy', 'proof_missing'], ['nothing', 'proof_missing'],
              ["shy?viewer=$tokens[2]", 'proof_insufficient'],
              ["nothing?viewer=" . viewer('r', 'nothing', 'u1'),
               'room_unknown'])
{
    my ($ffmpeg) = play('live', $case->[0], '-t', 1);

    ok(ended($ffmpeg), 'ffmpeg ends');
    like($ffmpeg->log, qr/Server error: $case->[1]/, "it says $case->[1]");
}

my ($ffmpeg, $file) = play('live', "shy?viewer=$tokens[1]");
ok(wait_for(10, sub { -s $file }), 'ffmpeg plays');

my $version = $redis->call('HINCRBY', 'commerce:{shy}:out', 'version', 1);

$redis->call('HSET', 'commerce:{shy}:out', 'b:u2', 0);
$redis->call('PUBLISH', 'commerce:changed:out:{shy}', $version);

ok(ended($ffmpeg), 'until the viewer is banned');
like($ffmpeg->log, qr/Server error: viewer_banned/, 'which it says');
ok($host->running, 'the host goes on');
$host->stop;

my $log = log_text() . read_file(dir() . '/rtmp.log');

ok(!(grep { index($log, (split /\./)[-1]) >= 0 } @tokens), 'no log has a token');

finish();
