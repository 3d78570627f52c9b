# Compares sides (t/bench/Sides.pm) under the same load (t/bench/Load.pm).
# In each round each side has its turn, every other round in reverse order, so
# that what else the machine does meets all alike.  A ratio is the median of
# the rounds' ratios: the CPU time of the other's worker for one request by
# ours.  A static file has the same bytes as our playlist, the plain one is the
# one that ours is made of, a fifth as large.  The last two comparisons are
# controls: the same in two places.

use strict;
use warnings;
use lib 't/lib', 't/bench';

use Commerce::Scenario ();
use Getopt::Long;
use JSON::PP;
use Load;
use Sides;

# name, ours, theirs, the bar

my @comparisons = (
    ['click_vs_return204', 'click', 'return204', 0.9],
    ['click_vs_lua_redis', 'click', 'lua_redis', 2.5],
    ['playlist_vs_static', 'playlist', 'static', 0.85],
    ['playlist_vs_lua', 'playlist', 'lua_filter', 1.2],
    ['playlist_vs_plain_file', 'playlist', 'plain_file'],
    ['click_vs_itself', 'click', 'click_again'],
    ['playlist_vs_itself', 'playlist', 'playlist_again'],
);

my ($seconds, $rounds, $json) = (1, 21);

GetOptions('seconds=i' => \$seconds, 'rounds=i' => \$rounds, 'json' => \$json)
    && $seconds > 0 && $rounds > 0
    or usage();

my %chosen = map { $_ => 1 } @ARGV;
my @chosen = grep { !@ARGV || delete $chosen{$_->[0]} } @comparisons;

usage() if %chosen;

my (%sides, %loads, %requests);

my @sides = grep { !$sides{$_}++ } map { @$_[1, 2] } @chosen;

for my $name (@sides) {
    check($name, 1);
    load($name, 1);
}

for my $round (1 .. $rounds) {
    for my $name ($round % 2 ? @sides : reverse @sides) {
        push @{$loads{$name}}, load($name, $seconds);
    }
}

check($_, $requests{$_}) for @sides;

print_heading() if !$json;

for my $comparison (@chosen) {
    my ($name, $ours, $theirs, $bar) = @$comparison;
    my $result = result($name, $loads{$ours}, $loads{$theirs});

    $json ? print_json($result) : print_row($result, $bar);
}


sub usage {
    print STDERR "usage: $0 [--json] [--seconds N] [--rounds N] [NAME...]\n",
                 map { "    $_->[0]\n" } @comparisons;
    exit 2;
}

sub load {
    my ($name, $length) = @_;
    my $side = side($name);
    my $load = Load::run($side->{node}, $side->{method}, $side->{path},
                         $side->{port}, $length);

    $requests{$name} += $load->{requests};

    return $load;
}

sub result {
    my ($name, $ours, $theirs) = @_;
    my @ratios = sort { $a <=> $b }
                 map { $theirs->[$_]{us} / $ours->[$_]{us} } 0 .. $rounds - 1;

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

    print JSON::PP->new->canonical->encode({
        name => $result->{name},
        map { $_ => 0 + sprintf $text{$_}, $result->{$_} } keys %text
    }), "\n";
}

sub print_heading {
    print "CPU time of the worker for a request, theirs divided by ours; ",
          "$rounds rounds of $seconds s\n\n";
    printf "%-22s  %5s  %4s  %11s  %13s  %15s\n", 'comparison', 'ratio',
           'bar', 'of rounds', 'us: ours, its', 'rps: ours, its';
}

sub print_row {
    my ($result, $bar) = @_;

    printf "%-22s  %5.2f  %4s  %5.2f-%5.2f  %6.1f %6.1f  %7.0f %7.0f%s\n",
           $result->{name}, $result->{ratio}, $bar || '', @{$result->{range}},
           @$result{qw(ours_us theirs_us ours_rps theirs_rps)},
           $bar && $result->{ratio} < $bar ? '  below the bar' : '';
}
