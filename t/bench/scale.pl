# What many rooms cost, and a large ledger (t/bench/Rooms.pm has the nodes).
#
# Ratios, as t/bench/Ratios.pm tells: a node that knows ten rooms against one
# that knows all of them, and is asked about ten of them, or about all.
# Requests are spread evenly over the rooms, and in clicks over the ten
# products of each, by the same script of wrk, so that the client costs both
# the same.  Those about all miss every cache: nearly every click is of another
# cell of the ledger, and no playlist was written for the same room lately.
# What a node does for Redis in its turn is part of its cost, and in a node of
# many rooms it never ends: the turns before have left it more to send than it
# sends in one turn.  A control has ten rooms on another node.
#
# Commands: all that Redis counts of its own accord, those within scripts and
# heartbeats too, while ten rooms are clicked as fast as can be.
#
# The ledger: its cells are made by clicks, one for each product of each room.
# Then Redis loses everything, is told of the rooms again, and from the first
# click on the node sends all of it once more.  Meanwhile clicks and requests
# for `return 204` on the same nginx take turns, 16 connections with pauses, so
# that neither the client nor a queue of requests is what is measured: a
# request waits for the worker if that does something else.  Both suffer from
# what else the machine does; the ratio of the 99th percentiles is the median
# of pairs of turns.  At the end what is in Redis is compared with the clicks
# that were accepted.

use strict;
use warnings;
use lib 't/lib', 't/bench';

use Commerce::Scenario;
use Getopt::Long;
use Ratios;
use Rooms;
use Time::HiRes qw(time);

use constant GENTLE => (connections => 16, pause => 8);

my ($rooms, $seconds, $rounds, $json) = (100_000, 2, 9);

GetOptions('rooms=i' => \$rooms, 'seconds=i' => \$seconds,
           'rounds=i' => \$rounds, 'json' => \$json)
    && !@ARGV && $rooms >= 1000 && $seconds > 0 && $rounds > 0
    or usage();

my $thousands = int($rooms / 1000) + 1;
my @comparisons = (
    ["click_10_of_${rooms}_vs_10", 'click_some', 'click_few', 0.9],
    ["playlist_10_of_${rooms}_vs_10", 'playlist_some', 'playlist_few', 0.9],
    ["click_${rooms}_vs_10", 'click_many', 'click_few', 0.9],
    ["playlist_${rooms}_vs_10", 'playlist_many', 'playlist_few', 0.9],
    ['click_10_vs_itself', 'click_few', 'click_again'],
    ['playlist_10_vs_itself', 'playlist_few', 'playlist_again'],
);

open_rooms($rooms);

my %nodes = (
    few => rooms_node('few', rooms => 10, zone => '32m', size => '16m'),
    again => rooms_node('again', rooms => 10, zone => '32m', size => '16m'),
    many => rooms_node('many', rooms => $rooms,
                       zone => 8 * $thousands + 32 . 'm',
                       size => 3 * $thousands + 16 . 'm'),
);

my ($few, $many) = @nodes{qw(few many)};

learn_rooms();
count_commands();
fill_ledger();
compare();
send_again();


sub usage {
    print STDERR "usage: $0 [--json] [--rooms N] [--seconds N] ",
                 "[--rounds N]\n";
    exit 2;
}

# name, value, unit, and the most that it should be, if there is a bar

sub figure {
    my ($name, $value, $unit, $bar) = @_;

    $value = sprintf '%.3g', $value if $value != int $value;

    if ($json) {
        print_object(name => $name, value => 0 + $value, unit => $unit);
        return;
    }

    printf "%-38s  %10s %-9s%s\n", $name, $value, $unit,
           !defined $bar ? '' : $value <= $bar ? "  bar: $bar"
                                               : "  bar: $bar, missed";
}

sub learn_rooms {
    my $before = $many->status->{zone}{used_bytes};

    $_->all(PLAYLIST) for values %nodes;

    my $zone = $many->status->{zone};

    die "the node has forgotten rooms\n"
        if $zone->{rooms} != $rooms || $zone->{evicted};

    figure('zone_bytes_per_room', ($zone->{used_bytes} - $before) / $rooms,
           'bytes');
}

sub count_commands {
    $few->all(CLICK);
    commands_per_click('redis_commands_per_click', $few, 0.01);
}

sub commands_per_click {
    my ($name, $node, $bar) = @_;
    my $before = commands();
    my $load = $node->load(CLICK, 2 * $seconds);

    figure($name, (commands() - $before) / $load->{requests}, 'commands',
           $bar);
}

sub commands {
    my $sum = 0;

    $sum += $_ for redis()->line('INFO commandstats') =~ /:calls=(\d+)/g;

    return $sum;
}

sub fill_ledger {
    my $start = time;

    $many->all(CLICK);

    my $clicked = time;

    wait_for(600, sub { full_rooms($rooms) == $rooms })
        or die "Redis never had all counts\n";

    my $ledger = $many->status->{ledger};

    figure('ledger_bytes_per_cell', (-s "$many->{ledger}.3")
                                    / $ledger->{total_cells}, 'bytes');
    figure('ledger_cells', $ledger->{used_cells}, 'cells');
    figure('ledger_filled', $clicked - $start, 's');
    figure('ledger_sent_after_that', time - $clicked, 's');
    commands_per_click("redis_commands_per_click_$rooms", $many);
}

sub compare {
    my %what = (click => CLICK, playlist => PLAYLIST);
    my @sides = sides_of(@comparisons);
    my $loads = take_turns($rounds, \@sides, sub {
        my ($kind, $name) = split /_/, shift;

        return $many->load($what{$kind}, $seconds, rooms => 10)
            if $name eq 'some';

        return $nodes{$name}->load($what{$kind}, $seconds);
    });

    print "\n" if !$json;
    print_ratios($json, "$rounds rounds of $seconds s", $loads, @comparisons);
    print "\n" if !$json;
}

sub send_again {
    wait_for(600, sub { counted($rooms) == accepted() })
        or die "Redis never had all counts\n";

    latencies('at_rest', sub { shift == 3 });

    redis()->line('FLUSHALL ASYNC');
    open_rooms($rooms);

    my $start = time;

    latencies('meanwhile', sub { full_rooms($rooms) == $rooms }, 2);
    figure('ledger_sent_again', time - $start, 's');

    wait_for(600, sub { counted($rooms) == accepted() });
    figure('clicks_accepted', accepted(), 'clicks');
    figure('clicks_off_in_redis', abs(accepted() - counted($rooms)), 'clicks',
           0);
}

# In pairs of turns, until there are enough.

sub latencies {
    my ($when, $enough, $bar) = @_;
    my (@click, @return204, @ratios);

    do {
        push @click, p99($many->load(CLICK, $seconds, GENTLE));
        push @return204, p99($many->load(RETURN204, $seconds, GENTLE));
        push @ratios, $click[-1] / $return204[-1];
    } until $enough->(scalar @ratios);

    figure("click_p99_$when", median(@click), 'us');
    figure("return204_p99_$when", median(@return204), 'us');
    figure("click_p99_vs_return204_$when", median(@ratios), '', $bar);
}

sub p99 { $_[0]{said}[1] }

sub accepted { $many->status->{counts}{accepted} }
