# Who is not asked is a positive list: what nginx-rtmp itself pulled, under the
# name it was configured for.  Neither a server that streams are pushed to nor
# one that they are pulled from may publish another room on that connection,
# and a unix socket is a way in like any other.

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
room('victim', key => sha('its own'));
room('fetched', key => sha('its own, too'));

my $target = Commerce::RTMP->listener(port('TARGET'));
my $origin = Commerce::RTMP->listener(port('ORIGIN'));
my $elsewhere = Commerce::RTMP->listener(port('ELSEWHERE'));
my $socket = dir('sockets') . '/rtmp.sock';

my $conf = live_conf(application => <<'APPLICATION');
            push rtmp://127.0.0.1:%%PORT_TARGET%%/x;
            push_reconnect 100ms;
            pull rtmp://127.0.0.1:%%PORT_ORIGIN%%/x name=fetched static;
            pull_reconnect 100ms;
APPLICATION
$conf =~ s/(listen \S+RTMP%%;)/$1 listen unix:$socket;

        application open {
            live on;
            pull rtmp:\/\/127.0.0.1:%%PORT_ELSEWHERE%%\/x name=victim static;
            pull_reconnect 100ms;
        }
/;
my $nginx = nginx($conf, log => 'notice', workers => 1);
chmod 0666, $socket;

my $refused = qr/\[warn\].*: a command of clients was refused/;
my $flv = flv(6);

sub refusals { scalar(() = log_text() =~ /$refused/g) }

sub victim_is_untouched {
    my $what = shift;

    is_deeply([segments('victim')], [], "$what: nothing is written");
    is(record_of('victim')->{show}, undef, "$what: no show has begun");
}

# what is pulled, is pulled: under its own name, with audio, video and data

my $pulled = Commerce::RTMP->accept($origin);
is($pulled->{asked}[0], 'play', 'the origin is asked for the stream');
$pulled->send_flv($flv, 2900, pace => 2);
ok(wait_for(5, sub { segments('fetched') }), 'and it is written');

$pulled->publish('victim');
$pulled->send_flv($flv, 5900, from => 2900, pace => 2);
ok($pulled->closed(5), 'an origin that publishes is cut off');
is(refusals(), 1, 'which is logged');
victim_is_untouched('pull origin');

# the application is chosen by who configured the pull, not by the origin

my $other = eval {
    Commerce::RTMP->accept($elsewhere, connected => sub {
        shift->command('connect', \1, { app => 'live', tcUrl => 'rtmp://x/live' });
    });
};
ok(!$other, 'an origin that connects is cut off');
is(refusals(), 2, 'which is logged');
victim_is_untouched('another application');

# who is pushed to gets the stream and sends none

my $ffmpeg = publish(url => rtmp_url('live', 'demo?key=k'));
my $pushed = Commerce::RTMP->accept($target);
is_deeply([@{$pushed->{asked}}[0, 3]], ['publish', 'demo'], 'a room is pushed');

$pushed->send_flv($flv, 1000);
ok(!$pushed->{eof}, 'what the target sends unasked is dropped');
$pushed->publish('victim');
$pushed->send_flv($flv, 5900, pace => 2);
ok($pushed->closed(5), 'a target that publishes is cut off');
is(refusals(), 3, 'which is logged');
victim_is_untouched('push target');

$pushed = Commerce::RTMP->accept($target);
is($pushed->{asked}[3], 'demo', 'the room is pushed again');
ok($ffmpeg->running, 'whose publisher has noticed nothing');
$ffmpeg->stop;

# a unix socket is not a worker

sub attempt_by_socket {
    my $rtmp = Commerce::RTMP->new(unix => $socket);

    $rtmp->publish(shift);

    return ($rtmp, said($rtmp->status(5)));
}

is((attempt_by_socket('victim'))[1], 'Unauthorized proof_missing',
   'by a unix socket a proof is needed');
victim_is_untouched('unix socket');

my ($rtmp, $said) = attempt_by_socket('victim?key=its own');
like($said, qr/^Start/, 'with it the room is published');
$rtmp->send_flv($flv, 2900, pace => 2);
ok(wait_for(5, sub { segments('victim') }), 'and written');
$rtmp->leave;

$nginx->term;
finish();
