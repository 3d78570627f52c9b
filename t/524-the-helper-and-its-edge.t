# What the page's helper makes of an edge's answers: clicks, the shelf, sessions,
# playlists that it reads itself.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Env qw(root);
use Test::More;

my $wrong = browse('helper-edge.js', root() . '/conf.example/www');

is_deeply($wrong, [], 'all as it should be') or diag(map { "$_\n" } @$wrong);

done_testing();
