# The script that merges counts, called as a bad network and a Redis that
# forgets would have it called: again, late, out of order, half of it lost, by
# two ledgers, over lives of cells, restarts and copies of ledgers, with Redis
# going back in time.  The sums are exact.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Env qw(read_file);
use Commerce::Redis;
use List::Util qw(sum0 shuffle);
use Test::More;

use constant KEY => 'commerce:{r1}:7:counts';
use constant KEEP => 7776000000;

# So far Redis goes back at most, and so long a cell rests that is given away,
# in steps of the model.

use constant BACK => 12;

my $seed = $ENV{TEST_SEED} || time ^ $$;
my $rounds = $ENV{TEST_ROUNDS} || 60;
my $redis = Commerce::Redis->start;
my $script = $redis->call('SCRIPT', 'LOAD',
                          read_file('src/redis/scripts/flush.lua'));

srand $seed;
note("TEST_SEED=$seed");

# A call's cells are lists: generation, epoch, field, total, acknowledged, expired.

sub flush {
    return $redis->call('EVALSHA', $script, 1, KEY, KEEP, map { @$_ } @_);
}

sub held { $redis->call('HGET', KEY, $_[0]) // '' }

sub is_answer {
    my ($answer, $raised, $lost, $behind, $what) = @_;

    is_deeply($answer, [$raised, $lost, $behind], $what)
        or diag(Commerce::Redis::text($answer));
}


# One by one.

is_answer(flush(['G', 5, 'f', 3, 0, 0], ['G', 6, 'g', 1, 0, 0]),
          2, 0, [], 'what is new');
is(held('c:f') . held('s:G:f'), '33 5', 'is in the sum');
is_answer(flush(['G', 5, 'f', 3, 3, 0]), 0, 0, [], 'again: nothing');
is_answer(flush(['G', 5, 'f', 2, 0, 0]), 0, 0, [1, 5, 3],
          'late: it is behind');
is_answer(flush(['G', 5, 'f', 4, 3, 0]), 1, 0, [], 'one more');
is_answer(flush(['G', 8, 'f', 2, 0, 0]), 1, 0, [], 'another life');
is(held('c:f') . held('s:G:f'), '62 8', 'adds up, in the same place');
is_answer(flush(['G', 5, 'f', 9, 4, 0]), 0, 0, [1, 8, 2],
          'a life that has ended is not heard any more');
is_answer(flush(['H', 1, 'f', 5, 0, 0]), 1, 0, [], 'another ledger');
is(held('c:f'), 11, 'adds up');
is_answer(flush(['G/1.2', 0, 'f', 4, 0, 0]), 1, 0, [], 'without epochs');
is(held('c:f') . ' ' . held('s:G/1.2'), '15 4', 'adds up');
is($redis->call('HLEN', KEY), 6, 'each ledger has one field a count');
cmp_ok($redis->call('PTTL', KEY), '>', KEEP - 60000, 'for ninety days');
is_answer(flush(['G', 6, 'g', 3, 2, 0], ['G', 8, 'f', 2, 2, 0]),
          1, 1, [], 'lost: one that had more acknowledged');
$redis->call('DEL', KEY);
is_answer(flush(['G', 8, 'f', 5, 4, 4]), 1, 0, [],
          'what has expired is not missed');
is(held('c:f'), 1, 'nor counted again');
is_answer(flush(['G', 8, 'f', 6, 5, 4]), 1, 0, [], 'then it goes on');
is(held('c:f'), 2, 'from there');

for my $wrong ('c:f x', 'c:f -1', 'c:f', 's:G:f 1', 's:G:f', 'c:f 1 2',
               's:G:f 1  2', 's:G:f 12345678901234567', 'c:f 9007199254740991')
{
    my ($field, $value) = split / /, $wrong, 2;

    $redis->call('DEL', KEY);
    $redis->call('HSET', KEY, $field, $value // '');
    $redis->call('HSET', KEY, 'c:g', 1);

    my $answer = flush(['G', 6, 'g', 3, 0, 0], ['G', 8, 'f', 2, 0, 0]);

    if ($wrong eq 's:G:f 1') {
        is_answer($answer, 2, 0, [], 'a total without an epoch is an old one');
        next;
    }

    like(Commerce::Redis::text($answer), qr/commerce: "\Q$field\E" in/,
         "\"$field\" of \"" . ($value // '') . '" is refused');
    is(held('c:g'), 1, 'and nothing is written');
}


# At random.  A ledger is a hash of cells by field; a cell is what the file
# holds of it.

my ($now, $epoch, $generation, @ledgers, @under_way, @states, %truth);
my $ended = 0;

sub begin {
    $redis->call('DEL', KEY);
    ($now, $epoch, $generation) = (0, 0, 0);
    @under_way = %truth = ();
    @states = ([]);
    @ledgers = map { { generation => 'G' . ++$generation, cells => {},
                       old => [], unsure => undef } } 1 .. 2;
}

sub click {
    my $ledger = shift;
    my $field = 'p' . int rand 9;
    my $cell = $ledger->{cells}{$field} ||= {
        generation => $ledger->{generation}, epoch => ++$epoch,
        field => $field, total => 0, sent => 0, changed => $now };
    my $n = 1 + int rand 3;

    $cell->{total} += $n;
    $truth{$field} += $n;
}

sub cells { my $ledger = shift; (values %{$ledger->{cells}}, @{$ledger->{old}}) }

# What is sent is a copy; a call may go out twice, its answer may not come back.

sub collect {
    my ($ledger, $all) = @_;
    my @cells = grep { $all || $_->{total} > $_->{sent} } cells($ledger);

    return if !@cells;

    push @under_way, { ledger => $ledger,
                       cells => [map { { cell => $_, total => $_->{total},
                                         sent => $_->{sent},
                                         generation => $_->{generation},
                                         epoch => $_->{epoch} } } @cells] };
}

sub deliver {
    my ($call, $answered) = @_;
    my $answer = flush(map { [$_->{generation}, $_->{epoch},
                              $_->{cell}{field}, $_->{total}, $_->{sent}, 0] }
                       @{$call->{cells}});

    die Commerce::Redis::text($answer) if ref $answer ne 'ARRAY';
    return if !$answered;

    for my $item (@{$call->{cells}}) {
        my $cell = $item->{cell};

        next if $cell->{epoch} != $item->{epoch}
                || $cell->{generation} ne $item->{generation};

        if ($item->{total} > $cell->{sent}
            || may_be_forgotten($call->{ledger}, $cell))
        {
            $cell->{changed} = $now;
        }

        $cell->{sent} = $item->{total} if $item->{total} > $cell->{sent};
    }

    $call->{ledger}{unsure} //= $now if $answer->[1];

    return $answer->[1];
}

sub may_be_forgotten {
    my ($ledger, $cell) = @_;

    return defined $ledger->{unsure}
           && $cell->{changed} + BACK >= $ledger->{unsure};
}

# A cell that rests is given away: its next life, for whatever field, comes
# with a click.

sub give_away {
    my $ledger = shift;
    my $until = $ledger->{unsure} // $now;
    my $rests = sub {
        my $cell = shift;

        $cell->{total} == $cell->{sent} && $cell->{changed} + BACK < $until
    };

    for my $field (grep { $rests->($ledger->{cells}{$_}) }
                   keys %{$ledger->{cells}})
    {
        delete $ledger->{cells}{$field};
        $ended++;
    }

    @{$ledger->{old}} = grep { !$rests->($_) } @{$ledger->{old}};
}

# The file was not in use for a moment; or it was copied, and the copy is used
# beside it for its old cells.

sub restart {
    my ($ledger, $copied) = @_;

    if ($copied) {
        push @ledgers, { generation => 'G' . ++$generation, cells => {},
                         unsure => $ledger->{unsure},
                         old => [map { { %$_ } } cells($ledger)] };
        return;
    }

    push @{$ledger->{old}}, values %{$ledger->{cells}};
    $ledger->{cells} = {};
    $ledger->{generation} = 'G' . ++$generation;
}

sub go_back {
    my $to = $now - 1 - int rand BACK;
    my $state = $states[$to > 0 ? $to : 0];

    $redis->call('DEL', KEY);
    $redis->call('HSET', KEY, @$state) if @$state;
    @states[($to > 0 ? $to : 0) .. $now - 1] = ($state) x $now;
    $_->{unsure} //= $now for @ledgers;
}

# A flusher that knows of a new connection sends all; until it has been
# answered nothing that was counted lately is given away.

sub send_all {
    my $ledger = shift;

    collect($ledger, 1) or return;

    # what was lost on the way may have been lost behind it, too

    my $lost = deliver(pop @under_way, 1);

    return send_all($ledger) if $lost;

    $ledger->{unsure} = undef;
}

sub step {
    my $ledger = $ledgers[rand @ledgers];
    my $dice = rand;

    $now++;

    if ($dice < 0.4) {
        click($ledger);
    } elsif ($dice < 0.6) {
        collect($ledger);
    } elsif ($dice < 0.85 && @under_way) {
        my $i = int rand @under_way;

        deliver($under_way[$i], rand() < 0.7);
        splice @under_way, $i, 1 if rand() < 0.6;
    } elsif ($dice < 0.88) {
        go_back();
    } elsif ($dice < 0.93) {
        send_all($ledger);
    } elsif ($dice < 0.99) {
        give_away($_) for @ledgers;
    } elsif (@ledgers < 5) {
        restart($ledger, rand() < 0.3);
    }

    push @states, $redis->call('HGETALL', KEY);
    splice @under_way, 0, @under_way - 40 if @under_way > 40;
}

my ($calls, $fields, @wrong) = (0, 0);

for my $round (1 .. $rounds) {
    begin();
    step() for 1 .. 300;

    send_all($_) for @ledgers;

    # whatever is still under way comes now, in any order

    deliver($_, 1) for shuffle(@under_way, @under_way);

    my %held = @{$redis->call('HGETALL', KEY)};

    for my $field (keys %truth) {
        my $got = $held{"c:$field"} // 0;

        push @wrong, "round $round, $field: $got, not $truth{$field}"
            if $got != $truth{$field};
    }

    my $most = keys(%truth) * ($generation + 1);

    push @wrong, "round $round: " . keys(%held) . " fields, at most $most"
        if keys %held > $most;

    $calls += sum0(values %truth);
    $fields += keys %held;
}

is_deeply(\@wrong, [], "$calls clicks in $rounds rounds are exactly counted")
    or diag("TEST_SEED=$seed");

cmp_ok($ended, '>', $rounds, "$ended lives ended");

done_testing();
