# Playlists, publishes, replies of Redis, API bodies: a few seconds of fuzzing
# for each (t/fuzz/run goes on for longer).

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(root);
use File::Basename qw(basename);
use Test::More;

for my $file (sort glob root() . '/t/fuzz/*_fuzz.c') {
    my $target = basename($file, '_fuzz.c');
    my $run = root() . '/t/fuzz/run';
    my $output = `$run --seconds 5 $target 2>&1`;

    is($?, 0, "$target is fuzzed without a finding") or diag($output);
    note($output);
}

done_testing();
