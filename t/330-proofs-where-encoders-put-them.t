# Encoders have fields for a server and a stream, and some for nothing else: a
# proof is taken wherever it was put.  Whatever nginx logs of it, at info and
# in nginx-rtmp's own log, has no secret.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

my $key = 's3cret.KEY-1';

redis();
host('h1');
room('demo', key => sha($key));

my $nginx = live(log => 'info', workers => 1, application => <<'APPLICATION');
            access_log %%DIR%%/rtmp.log;
            push rtmp://127.0.0.1:%%PORT_TARGET%%/x;
APPLICATION

sub attempt_by {
    my ($app, $name, %options) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'), app => $app,
                                   %options);

    $rtmp->publish($name);

    my $said = said($rtmp->status(5));
    $rtmp->leave;

    return $said;
}

my $token = token('demo', 'h1', 60);
my %places = (
    'an argument of the name'          => ['live', "demo?key=$key"],
    'the name'                         => ['live', $key],
    'an argument of the application'   => ["live?key=$key", 'demo'],
    'the same, behind a slash'         => ["live/?key=$key", 'demo'],
    'the same, before one'             => ["live?x=1&key=$key/", 'demo'],
    'a token of the application'       => ["live?token=$token", 'demo'],
    'a token as an argument'           => ['live', "demo?token=$token"],
    'a token as the name'              => ['live', "demo.$token"],
    'a name with a prefix'             => ['live', "mp4:demo?key=$key"],
    'a key with a prefix'              => ['live', "flv:$key"],
    'what was pasted with a blank'     => ['live', " demo?key=$key \r\n"],
    'a key that was'                   => ['live', "\t$key\n"],
    'a token that was'                 => ['live', " demo.$token "],
);

for my $place (sort keys %places) {
    like(attempt_by(@{$places{$place}}), qr/^Start/, $place);
}

like(attempt_by('live', 'demo', tcUrl => "rtmp://h/live?key=$key"),
     qr/^Start/, "the server's URL alone");
like(attempt_by('live', 'demo', swfUrl => "rtmp://h/live?key=$key",
                pageUrl => "http://u:$key\@h/?token=$token"),
     qr/^Start/, 'and whatever else is called a URL');

# a wrong one is as wrong there, and of two the name's counts

is(attempt_by('live?key=x', 'demo'), 'Unauthorized proof_wrong',
   'a wrong key of the application');
is(attempt_by("live?key=$key", 'demo?key=x'), 'Unauthorized proof_wrong',
   'a wrong key of the name');
is(attempt_by('live', 'demo.' . token('demo', 'h2', 60)),
   'Unauthorized proof_wrong', "another's token as the name");
is(attempt_by('live', 'demo.' . token('demo', 'h1', -1)),
   'Unauthorized proof_expired', 'an old token as the name');

# ffmpeg

for my $url (rtmp_url("live?key=$key", 'demo'), rtmp_url('live', "demo.$token"),
             rtmp_url('live', "demo?key=$key"))
{
    my $ffmpeg = publish(url => $url);

    ok(segments_after('demo', 2), 'ffmpeg: ' . $url =~ s/\Q$key\E|\Q$token\E/…/r);
    $ffmpeg->stop;
}

$nginx->term;

my $log = log_text() . read_file(dir() . '/rtmp.log');

like($log, qr/commerce: connect: app="live" args="x=1"/,
     'what else a connect has is logged');
like($log, qr/PUBLISH "live" "demo" ""/, 'and nginx-rtmp logs the room');
unlike($log, qr/s3cret/, 'no log has the key');
unlike($log, qr/\Q$token\E/, 'nor the token');

my @written = split /\n/, `find '${\ dir('hls')}'`;
ok(!grep(/s3cret|\Q$token\E/, @written), 'nor has the name of a file');

finish();
