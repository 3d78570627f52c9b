# What nginx-rtmp plays in order to push it is not asked for; what it pulls for
# a player is pulled when he has been let in.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(log_count);
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use IO::Select;
use Test::More;

redis();
host('h1');
room('shy', key => sha('k'), visibility => 'unlisted');
room('far', visibility => 'unlisted');

my $target = Commerce::RTMP->listener(port('TARGET'));
my $source = Commerce::RTMP->listener(port('SOURCE'));

live(log => 'info', workers => 1, application => <<'APPLICATION');
            commerce_play on;
            push rtmp://127.0.0.1:%%PORT_TARGET%%/x;
            pull rtmp://127.0.0.1:%%PORT_SOURCE%%/y name=far;
APPLICATION

# pushed

my $host = Commerce::RTMP->new(port => port('RTMP'));
$host->publish('shy?key=k');
like(said($host->status(5)), qr/^Start/, 'an unlisted room is live');

my $peer = Commerce::RTMP->accept($target);
is($peer->{asked}[0], 'publish', 'it is pushed');
$peer->command('onStatus', \0, undef, { level => 'status',
               code => 'NetStream.Publish.Start', description => 'x' });
$host->send_flv(flv(2), 1000);
ok($peer->plays(5), 'with what it sends');

# and that server may not play by the same connection

$peer->play('shy');
ok(wait_for(5, sub { log_count(qr/a command of clients was refused/) }),
   'where it is pushed to nothing can be asked for');
ok($peer->closed(5), 'that connection is closed');

# pulled

is(scalar watch('far'), 'Failed proof_missing', 'without a proof');
ok(!IO::Select->new($source)->can_read(0.5), 'nothing is pulled');

my $player = Commerce::RTMP->new(port => port('RTMP'));
$player->play('far?viewer=' . viewer('r', 'far', 'u1'));

my $origin = Commerce::RTMP->accept($source);
is("@{$origin->{asked}}[0, 3]", 'play far', 'with one it is');
$origin->command('onStatus', \0, undef, { level => 'status',
                 code => 'NetStream.Play.Start', description => 'x' });
like(said($player->status(5)), qr/^Start/, 'he is let in');
$origin->send_flv(flv(2), 1000);
ok($player->plays(5), 'and plays it');

$_->leave for $host, $player, $origin;

finish();
