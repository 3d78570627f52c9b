# With commerce_dry_run all is decided, logged and counted, and nobody is kept
# out.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(subscribed);
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', key => sha('k'));
room('shy', visibility => 'unlisted');

live(workers => 1, application => <<'APPLICATION', server => <<'SERVER');
            commerce_play on;
            commerce_dry_run on;
APPLICATION
        location = /status { commerce_status; }
SERVER

ok(subscribed(), 'subscribed');

my $flv = flv(2);

sub publisher {
    my ($name) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->publish($name);
    like(said($rtmp->status(5)), qr/^Start Start/, "$name is let in");

    return $rtmp;
}

sub status { http('GET', '/status')->{content} }

my $host = publisher('demo?key=k');
ok(record_of('demo')->{show}, 'who may has a claim, as always');

my $other = publisher('shy?key=wrong&x=1');
$other->send_flv($flv, 2000, pace => 2);
ok(wait_for(5, sub { segments('shy') }), 'and is written');

my $stranger = publisher('Whatever');

my ($said, $player) = watch('shy');
like($said, qr/^Start/, 'a player without a proof is let in');
$other->send_flv($flv, 500);
ok($player->plays(5), 'and plays');

for my $name ('nothing', 'demo?viewer=x') {
    my ($said, $rtmp) = watch($name);

    like($said, qr/^Start/, "$name is let in");
    $rtmp->leave;
}

# what would be cut

my ($more, $fan) = watch('demo');
like($more, qr/^Start/, 'one that may play');
room('demo', state => 'banned');
is(said($host->status(1)), 'nothing', 'a ban cuts no publisher');
$host->send_flv($flv, 500);
ok($fan->plays(5), 'and no player');
ok(!$host->closed(0.5), 'who goes on');
room('demo', state => 'banned', title => 'Again');

ok(wait_for(5, sub { status() =~ /"room_banned"/ }), 'it is counted');

my ($publish) = status() =~ /"publish":\s*(\{.*?\}\s*,\s*"no_video")/s;
my ($play) = status() =~ /"play":\s*(\{(?:[^{}]|\{[^}]*\})*\})/s;

like($publish, qr/"dry_run":\s*\{[^}]*"bad_name":\s*1/,
     'who would not publish');
like($publish, qr/"admitted":\s*1\b/, 'beside who may');
like($publish, qr/"cut":\s*\{\s*\}/, 'nobody was cut');
like($play, qr/"dry_run":\s*\{[^}]*"proof_missing":\s*2/,
     'who would not play');
like($play, qr/"dry_run":\s*\{[^}]*"room_banned":\s*1/, 'or not go on');

my ($event) = grep { $_->{reason} eq 'proof_missing' } events('play_refused', 2);
is($event->{dry_run}, 1, 'events say that it was one');

$_->leave for $host, $other, $stranger, $player, $fan;

my $log = log_text();
like($log, qr/publishing room "shy" would have been refused: proof_wrong/,
     'so does the log');
like($log, qr/playing room "demo" would have been ended: room_banned/,
     'also of what would end');
is(() = $log =~ /publishing room "demo" would have been ended/g, 1, 'once');

ok(wait_for(5, sub { !redis()->call('GET', 'commerce:{demo}:live') }),
   'a claim is given up, as always');

finish();
