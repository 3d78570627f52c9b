# The node of a room that is live is killed and does not come back: another
# finds out that its claim ran out, and ends the show.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;

redis();
host('h1');
room('demo', key => sha('k'));
room('other', key => sha('k'));

my $origin = live(name => 'origin', workers => 1);

my $edge = nginx(<<'CONF', name => 'edge', modules => 'http', workers => 1);
commerce { redis unix:%%REDIS%%; ledger %%LEDGER%%-edge 1m; }
events { }
http {
    access_log off;
    server {
        listen 127.0.0.1:%%PORT_EDGE%%;
        location ~ ^/rooms/(?<room>[^/]+)$ {
            commerce_room $room;
            commerce_shelf;
        }
    }
}
CONF

sub shelf {
    my $answer = http('GET', "/rooms/$_[0]", port => port('EDGE'));

    return decode_json($answer->{content});
}

sub show_of {
    my ($room) = @_;

    return { @{redis()->call('HGETALL', "commerce:{$room}:shows")} };
}

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'live');
ok(wait_for(5, sub { shelf('demo')->{live} }), 'as the edge knows');

# a room whose publisher is well: its claim is renewed by who knows whom

redis()->call('SET', 'commerce:{other}:live', 'elsewhere/1');
room('other', show => 1, seen => time * 1000);
redis()->call('HSET', 'commerce:{other}:shows', '1:started', time * 1000);
ok(wait_for(5, sub { shelf('other')->{live} }), 'another is live elsewhere');

$origin->kill;
my $version = record_of('demo')->{version};
is(redis()->call('EXISTS', 'commerce:{demo}:live'), 1, 'its claim remains');

# it runs out without anybody being told

redis()->call('DEL', 'commerce:{demo}:live');
ok(shelf('demo')->{live}, 'the edge takes it for live');

ok(wait_for(15, sub { !shelf('demo')->{live} }), 'until it has asked');
ok(wait_for(15, sub { show_of('demo')->{'1:ended'} }), 'the show has ended');
is(show_of('demo')->{'1:ended'}, record_of('demo')->{seen},
   'when its publisher was last heard');
is(record_of('demo')->{version}, $version + 1, 'which was told once');

ok(shelf('other')->{live}, 'the other is live');
ok(!show_of('other')->{'1:ended'}, 'and goes on');

# the edge may learn that the claim is gone before it asks for its end

redis()->call('DEL', 'commerce:{other}:live');
redis()->call('PUBLISH', 'commerce:changed:{other}', 1);
ok(wait_for(15, sub { !shelf('other')->{live} }), 'a claim that is gone');
ok(wait_for(15, sub { show_of('other')->{'1:ended'} }), 'ends a show, too');

$origin->start;
$rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'a host who comes back in time');
is(record_of('demo')->{show}, 1, 'goes on with his show');
ok(!show_of('demo')->{'1:ended'}, 'which has not ended then');
$rtmp->leave;

finish();
