# Through the API of any node a publisher is told to go, and may come back; or
# his show is ended, and the next publish begins another.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;

use Time::HiRes qw(time);

redis();
host('h1');
room('demo', key => sha('k'));
room('quiet', key => sha('k'));

for my $name ('a', 'b') {
    my $conf = live_conf(commerce => "node $name;",
                         server => 'location /api/ { commerce_api; '
                                   . 'commerce_actor "boss $http_x_name"; }');

    $conf =~ s/%%RTMP%%/%%PORT_$name%%/;
    $conf =~ s/%%HTTP%%/%%PORT_H$name%%/;
    $conf =~ s/%%LEDGER%%/%%LEDGER%%-$name/;
    $conf =~ s{/hls;}{/hls-$name;};
    dir("hls-$name");
    nginx($conf, name => $name, log => 'notice');
}

sub go_live {
    my $rtmp = Commerce::RTMP->new(port => port('a'));

    $rtmp->publish('demo?key=k');
    like(said($rtmp->status(5)), qr/^Start/, 'live on a');

    return $rtmp;
}

sub api {
    my ($method, $path) = @_;
    my $answer = http($method, "/api/rooms/$path", port => port('Hb'),
                      headers => { 'X-Name' => 'jo' . '-' x 200 });

    return ($answer->{status}, decode_json($answer->{content}));
}

# told to go

my $rtmp = go_live();
my ($status, $json) = api('DELETE', 'demo/publisher');
my $start = time;

is($status, 200, 'told by b');
is($json->{show}, 1, 'of the show');
is(said($rtmp->status(5)), 'Unauthorized kicked', 'is told so');
cmp_ok(time - $start, '<', patience(1), 'at once');
ok($rtmp->closed(4), 'and closed');
is(redis()->call('GET', 'commerce:{demo}:live'), undef, 'nobody has the room');

($status, $json) = api('DELETE', 'demo/publisher');
is("$status $json->{reason}", '404 room_not_live', 'once');

# he comes back: it is the same show

$rtmp = go_live();
is(record_of('demo')->{show}, 1, 'the show goes on');
ok(!redis()->call('HGET', 'commerce:{demo}:shows', '1:ended'),
   'and has not ended');
is(said($rtmp->status(6)), 'nothing', 'also over a renewal');

# the show is ended

($status, $json) = api('POST', 'demo/end');
is($status, 200, 'ended by b');
is(said($rtmp->status(5)), 'Unauthorized show_ended', 'is told so');
ok($rtmp->closed(4), 'and closed');
ok(redis()->call('HGET', 'commerce:{demo}:shows', '1:ended'), 'it has ended');

$rtmp = go_live();
is(record_of('demo')->{show}, 2, 'the next publish begins another');
$rtmp->leave;

# within the time in which he might go on with it, too

ok(wait_for(5, sub { !redis()->call('GET', 'commerce:{demo}:live') }),
   'he has gone');
is((api('POST', 'demo/end'))[0], 200, 'ended when nobody publishes');

$rtmp = go_live();
is(record_of('demo')->{show}, 3, 'and there is another');

# nobody told of it: it is found out at the next renewal

redis()->call('HSET', 'commerce:{demo}', 'cut_reason', 'kicked', 'cut',
              redis()->call('GET', 'commerce:{demo}:live'));
redis()->call('DEL', 'commerce:{demo}:live');
is(said($rtmp->status(8)), 'Unauthorized kicked', 'also without a notice');
ok($rtmp->closed(4), 'and closed');

# what can't be done

is(join(' ', map { ref $_ ? $_->{reason} : $_ } api('POST', 'quiet/end')),
   '404 room_not_live', 'no show');
is(join(' ', map { ref $_ ? $_->{reason} : $_ } api('POST', 'none/end')),
   '404 room_unknown', 'no room');

# the audit

my ($kicked) = events('publisher_kicked', 1);
is("@$kicked{qw(room host show actor node client)}",
   'demo h1 1 boss jo' . '-' x 121 . ' b 127.0.0.1', 'who told him to go');

my ($over) = events('show_ended', 2);
is("@$over{qw(room host show actor node)}", 'demo h1 1 boss jo' . '-' x 121 . ' b',
   'who ended the show');

my @ended = events('publish_ended', 4);
is(join(' ', map { $_->{reason} || 'itself' } @ended),
   'kicked show_ended itself kicked', 'why publishes ended');
is(join(' ', map { $_->{show} } @ended), '1 1 2 3', 'and of which shows');
is("@{$ended[0]}{qw(host actor)}", 'h1 h1', 'whose they were');
like($_->{seconds}, qr/^\d+$/, 'how long it took') for $ended[0];
cmp_ok($ended[1]{seconds}, '>=', 5, 'and the second');
like($ended[0]{bytes}, qr/^\d+$/, 'how much came');

finish();
