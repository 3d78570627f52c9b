# A crowd enters a room for followers at once: for each viewer Redis is asked
# once, none who follows is refused, and none who doesn't is let in, while
# workers come and go.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Entering;
use Commerce::Scenario;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use constant { FOLLOWERS => 5000, VIEWERS => 600 };

my $redis = redis();
my $nginx = entrance();

write_followers('anna', FOLLOWERS);

my $seen = enter(viewers => VIEWERS, seconds => 1, strangers => 10);

diag($_) for summary($seen);
is_deeply([@{$seen}{qw(entered refused again)}],
          [VIEWERS * 0.9, VIEWERS * 0.1, VIEWERS * 0.9],
          'who follows enters, and is seen again');
is_deeply($seen->{other}, {}, '... nobody got another answer');
is(questions(), VIEWERS, '... each was asked for once');

# a reload while they come: who waits for an answer gets it from the worker
# that he asked

my $pid = fork // die "fork: $!\n";

if ($pid == 0) {
    sleep 0.7;
    kill 'HUP', $nginx->pid;
    POSIX::_exit(0);
}

$seen = enter(viewers => VIEWERS, seconds => 1);
waitpid $pid, 0;

cmp_ok($seen->{entered}, '>=', VIEWERS - ($seen->{other}{closed} // 0),
       'over a reload, too');
is($seen->{refused}, 0, '... nobody was refused');

finish();
