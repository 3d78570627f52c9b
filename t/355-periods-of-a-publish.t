# What a publish brings is a period: Redis has when it began by the stream's own
# clock, how far its dates are moved to go on where those before it ended, and
# when it ended.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(time);

my $redis = redis(append => 1);

host('h1');
room($_, key => sha('k')) for qw(demo jumps short audio away full taken);

my $nginx = live(commerce => 'stale_hosts 1h;', workers => 1);
my $file = flv(4);

my @pictures = sort { $a <=> $b }
               map { $_->{time} }
               grep { $_->{type} == 9 && substr($_->{data}, 1, 1) eq "\x01" }
               Commerce::RTMP->tags($file);

# timestamps of the first frame, and at which the last one up to $ms ends

sub first_frame { $pictures[0] }
sub last_ends { 40 + (grep { $_ <= $_[0] } @pictures)[-1] }

sub periods {
    my $room = shift;

    return map {
        my %period;

        @period{qw(number at began epoch shift frame)} = split;
        \%period;
    } @{$redis->call('ZRANGE', "commerce:{$room}:periods", 0, -1)};
}

sub text_of { join ' ', @{$_[0]}{qw(number at began epoch shift frame)} }

sub go_live {
    my $room = shift;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

    $rtmp->publish("$room?key=k");
    like(said($rtmp->status(8)), qr/^Start/, "$room is live");

    return $rtmp;
}

sub ended { $redis->call('HGET', "commerce:{$_[0]}", 'period_ended') }

sub leave {
    my ($room, $rtmp) = @_;

    $rtmp->leave;
    ok(wait_for(5, sub { ended($room) }), 'it ends');
}

sub near {
    my ($got, $wanted, $within, $what) = @_;

    $within = patience($within);
    cmp_ok(abs($got - $wanted), '<=', $within, "$what: " . ($got - $wanted));
}


# timestamps may begin anywhere

my $rtmp = go_live('demo');
my $before = record_of('demo')->{version};
my $zero = 1000 * $rtmp->send_live($file, 1500, add => 70000);
my ($one, @more) = periods('demo');

is(scalar @more, 0, 'one period is there while it goes on');
is("@$one{qw(number shift)}", '0 0', 'the first, and nothing is moved');
is($one->{epoch}, $one->{began} - 70000 - first_frame(),
   'the date of timestamp 0');
is($one->{frame}, 40, 'how long a frame lasts');
near($one->{epoch} + 70000, $zero, 50, 'it begins by its own clock');
cmp_ok($one->{at}, '>=', $one->{began}, 'what arrives is not early');
is($redis->call('ZSCORE', 'commerce:{demo}:periods', text_of($one)), $one->{at},
   'found by when it arrived');
is(ended('demo'), undef, 'it has not ended');
is(record_of('demo')->{version}, $before + 1, 'the room has another version');

leave('demo', $rtmp);
is(ended('demo'), $one->{epoch} + 70000 + last_ends(1500), 'with its last frame');

# he comes back

my $ended = ended('demo');
$rtmp = go_live('demo');
$zero = 1000 * $rtmp->send_live($file, 1000);
my (undef, $two) = periods('demo');

is($two->{number}, 1, 'the second one');
is($two->{shift}, $two->{began} - $ended, 'goes on where the first one ended');
near($two->{epoch}, $zero, 50, 'and begins by a clock of its own');
is(ended('demo'), undef, 'and has not ended');
is((periods('demo'))[0]{at}, $one->{at}, 'the first one stays');
leave('demo', $rtmp);

# after a pause it is another day's

$redis->call('DEL', 'commerce:{demo}:periods');
$two->{$_} -= 11 * 60_000 for qw(at began epoch);
$redis->call('ZADD', 'commerce:{demo}:periods', $two->{at}, text_of($two));
$redis->call('HSET', 'commerce:{demo}', 'period_ended', $two->{began} + 1000);
$rtmp = go_live('demo');
$rtmp->send_live($file, 1000);
my $three = (periods('demo'))[1];

is("@$three{qw(number shift)}", '2 0', 'eleven minutes are not made up for');
leave('demo', $rtmp);

# whoever is replaced has ended before the next one begins

$rtmp = go_live('taken');
$rtmp->send_live($file, 1000);
my $next = go_live('taken');
ok(wait_for(5, sub { $rtmp->closed(1) }), 'the first one is replaced');
ok(wait_for(5, sub { ended('taken') }), 'and has ended');
$ended = ended('taken');
$next->send_live($file, 1000);
($one, $two) = periods('taken');
is($ended, $one->{epoch} + last_ends(1000), 'with its last frame');
is($two->{shift}, $two->{began} - $ended, 'the next one goes on there');
leave('taken', $next);


# A jump is where nginx-rtmp writes a discontinuity.

sub discontinuities {
    my $room = shift;
    my $text = (playlist($room) // { text => '' })->{text};

    return scalar(() = $text =~ /^#EXT-X-DISCONTINUITY$/mg);
}

$rtmp = go_live('jumps');
$rtmp->send_live($file, 2400, add => 2 ** 32 - 1200);    # wraps after 1.2 s
$rtmp->send_live($file, 2400, add => 500_000);           # far ahead
$rtmp->send_live($file, 2400, add => 100);               # and back
$rtmp->send_live($file, 1000, add => 3000);              # a gap that is borne
leave('jumps', $rtmp);

my @periods = periods('jumps');

is_deeply([map { $_->{number} } @periods], [0 .. 3], 'a jump begins a period');
is(discontinuities('jumps'), 4, 'as many as there are discontinuities');

for my $i (1 .. 3) {
    my ($was, $is) = @periods[$i - 1, $i];

    cmp_ok($is->{shift} - $was->{shift}, '>=', -100, 'they do not overlap');
    near($is->{shift}, $was->{shift}, 1000, 'and lie close to each other');
}

near($periods[1]{epoch}, $periods[0]{epoch} + 2 ** 32, 50,
     'a wrap leaves the clock alone');


# shorter than it takes to measure a clock; and after it

$rtmp = go_live('short');
$zero = 1000 * $rtmp->send_live($file, 160);
leave('short', $rtmp);
($one) = periods('short');
near($one->{epoch}, $zero, 50, 'a short one begins');
is(ended('short'), $one->{epoch} + last_ends(160), 'and ends');

$rtmp = go_live('short');
$rtmp->leave;
ok(wait_for(5, sub { !$redis->call('GET', 'commerce:{short}:live') }),
   'one without media ends');
is(scalar(() = periods('short')), 1, 'and is no period');

# audio alone

$rtmp = go_live('audio');
$zero = 1000 * $rtmp->send_live($file, 1000, only => 8);
($one) = periods('audio');
near($one->{epoch}, $zero, 50, 'audio alone has a period');
near($one->{frame}, 23, 1, 'of frames of audio');
leave('audio', $rtmp);

# as many as are kept

$redis->call('EVAL', 'for i = 0, 9999 do redis.call("ZADD", KEYS[1], i,
              string.format("%d %d %d %d 0 40", i, i, i, i)) end', 1,
             'commerce:{full}:periods');
$rtmp = go_live('full');
$rtmp->send_live($file, 1000);
is($redis->call('ZCARD', 'commerce:{full}:periods'), 10000, 'no more are kept');
is((periods('full'))[9999]{number}, 10000, 'but all are counted');
is((periods('full'))[0]{number}, 1, 'the oldest one goes');
leave('full', $rtmp);


# A publisher whose node died was last seen then.

$rtmp = go_live('demo');
$rtmp->send_live($file, 1000);
is(scalar(() = periods('demo')), 3, 'there is another one');
$nginx->kill;
$nginx->start;
ok(wait_for(20, sub { !$redis->call('GET', 'commerce:{demo}:live') }),
   'its claim runs out');
is(ended('demo'), undef, 'nobody has said when it ended');

my $seen = record_of('demo')->{seen};
$rtmp = go_live('demo');
$rtmp->send_live($file, 1000);
my ($four, $five) = (periods('demo'))[2, 3];
my $known = $seen > $four->{began} ? $seen : $four->{began};
is($five->{shift} - $four->{shift}, $five->{began} - $known,
   'when he was seen is known');
leave('demo', $rtmp);


# With Redis away it is written when that is back.

go_live('away')->leave;
ok(wait_for(5, sub { !$redis->call('GET', 'commerce:{away}:live') }),
   'the room is known');
$redis->stop;

$rtmp = go_live('away');
$zero = 1000 * $rtmp->send_live($file, 1000);
$redis->run;
$rtmp->send_live($file, 3000, add => 1040);
ok(wait_for(10, sub { periods('away') }), 'it is there');
($one) = periods('away');
near($one->{epoch}, $zero, 50, 'as it began');
$rtmp->leave;
ok(wait_for(10, sub { ended('away') }), 'and ends');

allow_fault(qr/exited on signal 9/);
finish();
