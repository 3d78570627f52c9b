# Each script names all the keys that it touches, and they are of one slot: all
# works on a Redis that has slots.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(read_file);
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

# what stands where a command has its key

for my $file (glob 'src/redis/scripts/*.lua') {
    my $text = read_file($file) =~ s/--[^\n]*//gr;
    my %of_keys = map { $_ => 1 } 'key';

    $of_keys{$_} = 1
        for map { split /\s*,\s*/ } $text =~ /local ([\w, ]+) =\s*(?=unpack\(KEYS|KEYS\[)/g;

    my @others = grep { !/^KEYS\[[^.]*\]$/ && !$of_keys{$_} }
                 $text =~ /redis\.p?call\('(?!PUBLISH|TIME)\w+',\s*([^,)]+)/g;

    is("@others", '', "$file has all its keys from KEYS");
}

redis(args => ['--cluster-enabled', 'yes', '--cluster-port', free_port()]);
redis()->line('CLUSTER ADDSLOTSRANGE 0 16383');
ok(wait_for(10, sub {
    redis()->line('CLUSTER INFO') =~ /cluster_state:ok/
}), 'a Redis with slots');

live(server => <<'CONF');
location /api/ { commerce_api; }
location ~ ^/cart/(?<room>[^/]+)/(?<product>[^/]+)$ {
    commerce_room   $room;
    commerce_count  click $product;
}
CONF

sub api {
    my ($method, $path, $body) = @_;

    return http($method, "/api/$path", body => $body,
                headers => { 'Content-Type' => 'application/json' })->{status};
}

ok(wait_for(5, sub {
    api('PUT', 'hosts/anna', '{"state": "approved"}') == 201
}), 'a host is put');
is(api('PUT', 'products/tea', '{"state": "approved", "title": "Tea",
                                "link": "http://s.example/"}'), 201,
   'a product');
is(api('PUT', 'rooms/demo', '{"host": "anna", "state": "open",
                              "key": "key-number-one-1"}'), 201, 'a room');
is(api('PATCH', 'rooms/demo', '{"key": "key-number-two-2"}'), 200,
   'another key');
is(api('PUT', 'rooms/demo/shelf/tea'), 201, 'a shelf');
is(api('PUT', 'rooms/demo/pin', '{"product": "tea"}'), 200, 'a pin');

my $ffmpeg = publish(url => rtmp_url('live', 'key-number-two-2'));

ok(segments_after('demo', 1), 'the room is live');
is(record_of('demo')->{show}, 1, 'in its first show');
is(http('POST', '/cart/demo/tea')->{status}, 204, 'a click');

# that the show has begun takes a moment to be known

ok(wait_for(5, sub {
    http('POST', '/cart/demo/tea');
    redis()->call('HGET', 'commerce:{demo}:1:counts', 'c:click:tea') // 0
}), 'is counted');
is(http('GET', '/api/rooms/demo')->{status}, 200, 'the room is read');

$ffmpeg->stop;
ok(wait_for(5, sub { redis()->call('HGET', 'commerce:{demo}:shows', '1:ended') }),
   'the show ends');
is(api('DELETE', 'rooms/demo/shelf/tea'), 200, 'and the shelf is empty');

unlike(log_text(), qr/CROSSSLOT|non local key|not of one slot/,
       'no script touched keys of several slots');

finish();
