package Ratios;

# What one side costs beside another.  In each round each side has its turn,
# every other round in reverse order, so that what else the machine does meets
# all alike.  A ratio is the median of the rounds' ratios: the CPU time of the
# other's worker for one request by ours.
#
#   my @comparisons = (['a_vs_b', 'a', 'b', 0.9], ...);
#                     name, ours, theirs, the bar, if there is one
#   sides_of(@comparisons)
#                     the names of sides, each once
#   my $loads = take_turns($rounds, \@sides, sub { my $side = shift; ... });
#                     what the sub returns (see t/bench/Load.pm), of each side
#                     a list
#   print_ratios($json, 'how long', $loads, @comparisons)
#                     a table, or an object a line
#   median(numbers), print_object(key => value...)

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;

our @EXPORT = qw(sides_of take_turns print_ratios print_object median);

sub sides_of {
    my %sides;

    return grep { !$sides{$_}++ } map { @$_[1, 2] } @_;
}

sub take_turns {
    my ($rounds, $sides, $load) = @_;
    my %loads;

    for my $round (1 .. $rounds) {
        for my $side ($round % 2 ? @$sides : reverse @$sides) {
            push @{$loads{$side}}, $load->($side);
        }
    }

    return \%loads;
}

sub print_ratios {
    my ($json, $length, $loads, @comparisons) = @_;

    print_heading($length) if !$json;

    for my $comparison (@comparisons) {
        my ($name, $ours, $theirs, $bar) = @$comparison;
        my $result = result($name, $loads->{$ours}, $loads->{$theirs});

        $json ? print_json($result) : print_row($result, $bar);
    }
}

sub result {
    my ($name, $ours, $theirs) = @_;
    my @ratios = sort { $a <=> $b }
                 map { $theirs->[$_]{us} / $ours->[$_]{us} } 0 .. $#$ours;

    return {
        name => $name,
        ratio => median(@ratios),
        range => [@ratios[0, -1]],
        map { ("ours_$_" => median(of($_, $ours)),
               "theirs_$_" => median(of($_, $theirs))) } qw(us rps)
    };
}

sub of {
    my ($what, $loads) = @_;

    return map { $_->{$what} } @$loads;
}

sub median {
    my @values = sort { $a <=> $b } @_;

    return ($values[$#values / 2] + $values[@values / 2]) / 2;
}

sub print_json {
    my $result = shift;
    my %text = (ratio => '%.3f', ours_us => '%.2f', theirs_us => '%.2f',
                ours_rps => '%.0f', theirs_rps => '%.0f');

    print_object(name => $result->{name},
                 map { $_ => 0 + sprintf $text{$_}, $result->{$_} } keys %text);
}

sub print_object {
    print JSON::PP->new->canonical->encode({ @_ }), "\n";
}

sub print_heading {
    my $length = shift;

    print "CPU time of the worker for a request, theirs divided by ours; ",
          "$length\n\n";
    printf "%-27s  %5s  %4s  %11s  %13s  %15s\n", 'comparison', 'ratio',
           'bar', 'of rounds', 'us: ours, its', 'rps: ours, its';
}

sub print_row {
    my ($result, $bar) = @_;

    printf "%-27s  %5.2f  %4s  %5.2f-%5.2f  %6.1f %6.1f  %7.0f %7.0f%s\n",
           $result->{name}, $result->{ratio}, $bar || '', @{$result->{range}},
           @$result{qw(ours_us theirs_us ours_rps theirs_rps)},
           $bar && $result->{ratio} < $bar ? '  below the bar' : '';
}

1;
