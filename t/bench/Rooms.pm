package Rooms;

# A platform with many rooms, and nodes that know some or all of them.
#
#   open_rooms(100_000)
#                 in Redis: rooms r000000 and so on, each with ten products on
#                 its shelf, out of a catalogue of a thousand, and ten cues in
#                 the time of the playlist
#   my $node = rooms_node('name', rooms => N, zone => '32m', size => '1m')
#                 an nginx with one worker and a ledger of that size:
#                 /cart/ROOM/PRODUCT counts under its name, /none/ROOM/PRODUCT
#                 answers 204, /live/ROOM/index.m3u8 is the same playlist for
#                 all with the room's own cues, /status is the status.  It is
#                 asked about the first N rooms
#   $node->load(CLICK | RETURN204 | PLAYLIST, seconds, rooms => N, first => N,
#               pause => ms, connections => N)
#                 as of Load::run(); by default about all its rooms, at random
#                 and without pauses
#   $node->all(CLICK | PLAYLIST)
#                 each of its rooms, or each product of each, once at least;
#                 the number of requests
#   $node->status the JSON of commerce_status
#   $node->{ledger}
#                 the path
#   full_rooms(N) of the first N rooms, how many have counts of all products in
#                 Redis
#   counted(N)    what the node 'many' has counted in them, by Redis
#
# Ledgers are where the README wants them, on a tmpfs, if there is one.

use strict;
use warnings;

use Commerce::HLS ();
use Commerce::Scenario;
use Exporter qw(import);
use File::Temp qw(tempdir);
use JSON::PP;
use List::Util qw(sum);
use Load;

our @EXPORT = qw(open_rooms rooms_node full_rooms counted
                 CLICK RETURN204 PLAYLIST);

use constant {
    SHELF => 10,
    CATALOGUE => 1000,
    CUES => 10,
    SEGMENTS => 30,
    CONNECTIONS => 64,
};

use constant {
    CLICK => ['POST', '/cart/r%06d/p%03d', SHELF],
    RETURN204 => ['POST', '/none/r%06d/p%03d', SHELF],
    PLAYLIST => ['GET', '/live/r%06d/index.m3u8', 1],
};

my $ledgers;

# As in the README.

my $room = '(?<room>[a-z0-9][\w-]{0,63})';
my $product = '(?<product>[\w-]{1,64})';
my $cart = "^/cart/$room/$product\$";
my $none = "^/none/$room/$product\$";
my $live = "^/live/$room/[^/]+\\.m3u8\$";

# In portions, so that Redis answers others in between.

my $make_rooms = <<'LUA';
local first, last, shelf, catalogue, cues, base = unpack(ARGV)

for i = first, last do
    local room = string.format('commerce:{r%06d}', i)

    redis.call('HSET', room, 'host', 'h1', 'state', 'open', 'version', 1)

    for j = 0, shelf - 1 do
        local product = string.format('p%03d', (i * shelf + j) % catalogue)

        redis.call('ZADD', room .. ':shelf', j + 1, product)
    end

    for j = 1, cues do
        local product = string.format('p%03d', (i + j) % catalogue)

        redis.call('XADD', room .. ':cues', j .. '-1',
                   'at', string.format('%.0f', base + 12000 * (j - 1) + 1500),
                   'show', 1, 'product', product, 'version', 1,
                   'title', 'Product ' .. product,
                   'link', 'https://shop.example.com/' .. product)
    end
end
LUA

# Of some rooms, how many have as many fields as the counts of a whole shelf:
# for each product a sum, and what its cell has sent.

my $count_rooms = <<'LUA';
local first, last, shelf = unpack(ARGV)
local rooms = 0

for i = first, last do
    local counts = string.format('commerce:{r%06d}:0:counts', i)

    if redis.call('HLEN', counts) >= 2 * shelf then
        rooms = rooms + 1
    end
end

return rooms
LUA

# The sum of their counts of a kind.

my $add_counts = <<'LUA';
local first, last, kind = unpack(ARGV)
local sum = 0

for i = first, last do
    local counts = redis.call('HGETALL', string.format(
                              'commerce:{r%06d}:0:counts', i))

    for j = 1, #counts, 2 do
        if string.find(counts[j], kind, 1, true) == 1 then
            sum = sum + counts[j + 1]
        end
    end
end

return sum
LUA

sub portions {
    my ($rooms, $script, @args) = @_;
    my @said;

    for (my $i = 0; $i < $rooms; $i += 500) {
        my $last = $i + 500 < $rooms ? $i + 499 : $rooms - 1;
        my $said = redis()->call('EVAL', $script, 0, $i, $last, @args);

        die 'Redis: ', Commerce::Redis::text($said), "\n"
            if ref $said eq 'Commerce::Redis::Error';

        push @said, $said;
    }

    return @said;
}

sub full_rooms { sum(portions(shift, $count_rooms, SHELF)) }
sub counted { sum(portions(shift, $add_counts, 'c:many:')) }

sub open_rooms {
    my $rooms = shift;

    portions($rooms, $make_rooms, SHELF, CATALOGUE, CUES, Commerce::HLS::BASE);

    for my $product (map { sprintf 'p%03d', $_ } 0 .. CATALOGUE - 1) {
        product($product, link => "https://shop.example.com/$product");
    }

    write_file(dir() . '/playlist.m3u8', Commerce::HLS::listing(SEGMENTS));
}

sub rooms_node {
    my ($name, %self) = @_;

    $ledgers ||= tempdir('nginx-commerce-bench-XXXXXX', CLEANUP => 1,
                         DIR => -d '/dev/shm' ? '/dev/shm' : dir());
    chmod 0755, $ledgers;

    my $self = bless { %self, ledger => "$ledgers/$name",
                       port => port($name) }, __PACKAGE__;

    $self->{node} = nginx(<<"CONF", name => $name, workers => 1,
commerce {
    redis   unix:%%REDIS%%;
    zone    $self->{zone};
    ledger  $self->{ledger} $self->{size};
}

events { }

http {
    access_log          off;
    keepalive_requests  100000000;
    default_type        application/vnd.apple.mpegurl;
    open_file_cache     max=100;

    server {
        listen 127.0.0.1:%%PORT_$name%%;

        location ~ "$cart" {
            commerce_room   \$room;
            commerce_count  $name \$product;
        }

        location ~ "$none" {
            return 204;
        }

        location ~ "$live" {
            alias               %%DIR%%/playlist.m3u8;
            commerce_room       \$room;
            commerce_hls        on;
            commerce_hls_clock  name;
        }

        location = /status { commerce_status; }
    }
}
CONF
        modules => 'http', log => 'warn');

    wait_for(5, sub { $self->status->{redis}{subscribed} })
        or die "$name has no subscription\n";

    return $self;
}

sub load {
    my ($self, $what, $seconds, %options) = @_;
    my ($method, $path, $shelf) = @$what;

    return Load::run($self->{node}, $self->{port}, $seconds,
                     script => 'rooms.lua',
                     connections => $options{connections} || CONNECTIONS,
                     args => [$method, $path,
                              $options{rooms} || $self->{rooms}, $shelf,
                              CATALOGUE, $options{first} // -1,
                              $options{pause} || 0]);
}

# Those that are under way when a load ends are asked for again.

sub all {
    my ($self, $what) = @_;
    my $end = $self->{rooms} * $what->[2];
    my ($first, $requests) = (0, 0);

    while ($first < $end) {
        my $load = $self->load($what, 1, first => $first);

        $requests += $load->{requests};
        $first += $load->{requests} - CONNECTIONS;
    }

    return $requests;
}

sub status {
    my $self = shift;
    my $answer = http('GET', '/status', port => $self->{port});

    return $answer->{status} == 200 ? decode_json($answer->{content})
                                    : { redis => {} };
}

1;
