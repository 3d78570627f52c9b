# Playlists, publishes, signed URLs, replies of Redis, what is posted: the same
# thousand inputs each time (t/fuzz/run goes on with new ones).

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(root);
use File::Basename qw(basename);
use Test::More;

for my $file (sort glob root() . '/t/fuzz/*_fuzz.c') {
    my $target = basename($file, '_fuzz.c');
    my $run = root() . '/t/fuzz/run';
    my $output = `$run --runs 1000 $target 2>&1`;

    is($?, 0, "$target is fuzzed without a finding") or diag($output);
    note($output);
}

done_testing();
