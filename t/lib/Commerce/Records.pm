package Commerce::Records;

# Rooms, hosts and products as a backend writes them: where they stand in
# Redis is said here.
#
#   write_record($redis, room => 'demo', title => 'Tea', key => $sha);
#   write_record($redis, host => 'h1', state => 'banned');
#   write_record($redis, product => 'tea', price => 200);
#                     HSET of these fields and of those that a record has
#                     unless they are given, a version more, PUBLISH; a room
#                     that has a stream key is found by it
#   shelve($redis, 'demo', 'tea', 'lamp');
#                     these products on the room's shelf, in this order
#   write_rooms($redis, $text);
#                     rooms of approved hosts with their shelves, as text:
#
#       demo show 3 title "Autumn \"sale\""
#           tea price 29900
#           lamp state applied
#           gone -
#       empty host anna
#
#                     a room's name and its fields, quoted as in redis-cli;
#                     below it, indented, its shelf; `-`: on the shelf, but
#                     there is no such product

use strict;
use warnings;

use Commerce::Redis;
use Exporter qw(import);

our @EXPORT = qw(write_record shelve write_rooms);

my %key = (
    room    => sub { "commerce:{$_[0]}" },
    host    => sub { "commerce:host:{$_[0]}" },
    product => sub { "commerce:product:{$_[0]}" },
);

my %usual = (
    room    => sub { host => 'h1', state => 'open' },
    host    => sub { state => 'approved' },
    product => sub { state => 'approved' },
);

sub write_record {
    my ($redis, $kind, $name, %fields) = @_;
    my $key = $key{$kind}->($name);
    my $channel = $key =~ s/^commerce:/commerce:changed:/r;
    my $version = delete $fields{version};

    $redis->call('HSET', $key, $usual{$kind}->(), %fields);
    $redis->call('SET', "commerce:key:{$fields{key}}", $name)
        if $kind eq 'room' && defined $fields{key};

    # the version last: who reads in between has read the one before

    if (defined $version) {
        $redis->call('HSET', $key, 'version', $version);

    } else {
        $version = $redis->call('HINCRBY', $key, 'version', 1);
    }

    $redis->call('PUBLISH', $channel, $version);
}

sub shelve {
    my ($redis, $room, @products) = @_;
    my $key = $key{room}->($room) . ":shelf";
    my $n = $redis->call('ZCARD', $key);

    $redis->call('ZADD', $key, 'NX', map { ++$n, $_ } @products);
}

sub write_rooms {
    my ($redis, $text) = @_;
    my $room;

    for my $line (grep { /\S/ && !/^\s*#/ } split /\n/, $text) {
        my ($name, @fields) = Commerce::Redis::words($line);

        if ($line =~ /^\s/) {
            die "a product, but no room above it: $line\n" if !defined $room;

            shelve($redis, $room, $name);
            write_record($redis, product => $name, @fields)
                if "@fields" ne '-';

        } else {
            my %fields = ($usual{room}->(), @fields);

            $room = $name;
            write_record($redis, host => $fields{host});
            write_record($redis, room => $name, @fields);
        }
    }
}

1;
