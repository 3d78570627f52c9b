# Compares sides (t/bench/Sides.pm) under the same load (t/bench/Load.pm), as
# t/bench/Ratios.pm tells.  A static file has the same bytes as our playlist,
# the plain one is the one that ours is made of, a fifth as large.  As for a
# popular room, all requests are for one playlist: ours is written once, and
# its file not read again; but one with a token is asked for with a proof, and
# written for its viewer; and cold ones are 10,000 of 30 segments in turn, each
# read and written anew.  A shelf has four products, a long
# one a thousand; an old one is a long one of which the page has what is there:
# 304.  With a JWT, or a token, each of 50,000 viewers has one of his own; a JWT is
# signed by ES256, and the worker has seen it before.  A public room is asked for
# without any.  The last two comparisons are controls: the same in two places.

use strict;
use warnings;
use lib 't/lib', 't/bench';

use Commerce::Scenario ();
use Getopt::Long;
use Load;
use Ratios;
use Sides;

# name, ours, theirs, the bar

my @comparisons = (
    ['click_vs_return204', 'click', 'return204', 0.9],
    ['click_vs_lua_redis', 'click', 'lua_redis', 2.5],
    ['playlist_vs_static', 'playlist', 'static', 0.95],
    ['playlist_vs_lua', 'playlist', 'lua_filter', 1.2],
    ['playlist_token_vs_static', 'playlist_token', 'token_file', 0.7],
    ['playlist_vs_plain_file', 'playlist', 'plain_file'],
    ['600_segments_vs_static', 'show_600', 'show_600_file', 0.8],
    ['10000_segments_vs_static', 'show_10000', 'show_10000_file', 0.3],
    ['cold_playlist_vs_static', 'cold', 'cold_file', 0.5],
    ['shelf_vs_static', 'shelf', 'shelf_file', 0.8],
    ['long_shelf_vs_static', 'long_shelf', 'long_shelf_file', 0.8],
    ['old_shelf_vs_static', 'old_shelf', 'old_shelf_file', 0.8],
    ['jwt_vs_secure_link', 'jwt', 'secure_link', 0.85],
    ['access_vs_secure_link', 'token', 'secure_link', 0.95],
    ['public_vs_no_access', 'access_on', 'access_off', 0.97],
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

my %requests;
my @sides = sides_of(@chosen);

for my $name (@sides) {
    check($name, 1);
    load($name, side($name)->{proofs} ? 8 : 1);
}

my $loads = take_turns($rounds, \@sides, sub { load(shift, $seconds) });

check($_, $requests{$_}) for @sides;

print_ratios($json, "$rounds rounds of $seconds s", $loads, @chosen);


sub usage {
    print STDERR "usage: $0 [--json] [--seconds N] [--rounds N] [NAME...]\n",
                 map { "    $_->[0]\n" } @comparisons;
    exit 2;
}

sub load {
    my ($name, $length) = @_;
    my $side = side($name);
    my $load = Load::run($side->{node}, $side->{port}, $length,
                         path => $side->{path}, script => $side->{script},
                         connections => $side->{connections},
                         args => $side->{args} || [$side->{method},
                                                   $side->{etag} // ()]);

    $requests{$name} += $load->{requests};

    return $load;
}
