package Commerce::Chaos;

# Failure scenarios: viewers click while something is broken, and what they
# know of their clicks is compared with what Redis has at the end.  With
# Commerce::Scenario and Commerce::Clicks:
#
#   my $nginx = clicking();
#   my $crowd = crowd(3, '/cart/r1/p1', '/cart/r2/p1');
#                     opens these rooms with these products and, once the
#                     first path of each room has answered 204, lets three
#                     viewers click; with { ports => ['A', 'B'] } as the last
#                     argument on the nodes at port('A'), port('B') by turns;
#                     with { from => ['127.0.0.2'] } of these addresses
#   every(0.2, seconds(3, 40), sub { ... });
#                     calls it again and again, three times at least, however
#                     loaded the machine is; seconds(short, long): how long, in
#                     t/run and with t/chaos/run --long
#   let_click(seconds(1, 10));
#                     so long the viewers just click
#   kill_worker($nginx, $pid);
#                     SIGKILL; that this one was killed may be in the log
#   $crowd->compare(exact => 1);
#                     stops the viewers, waits until all is sent, compares:
#                     accepted <= counted <= sent less what was refused, for
#                     each path; exact: accepted = counted; lossy: where
#                     accepted clicks were destroyed, counted <= sent alone
#   $crowd->settle    waits until all that was counted is sent
#   $crowd->counted   what Redis has
#   $crowd->begin_anew(3);
#                     after compare(): what was counted so far is left out from
#                     now on; three viewers click again
#   conclude();       instead of finish(): besides, no log has a [crit]
#                     that was not allowed by allow_fault()
#
#   $crowd->stop;     the viewers stop; compare() does it, too
#   $crowd->stock;    writes rooms and products to Redis once more
#   $crowd->wait_until_open;
#                     until each room is known on each node
#   $crowd->more(2);  two more viewers, on the same paths
#   $crowd->on('A', 'B');
#                     from now on these are the nodes
#   $crowd->sums;     after stop: { sent, accepted, refused }
#   private_mounts();
#                     first of all: the script in a mount namespace of its
#                     own, where tmpfs(name, size) makes such a disk in dir();
#                     where that can't be, the test is skipped and says why
#   figures('text', 'p50 3', ...);
#                     a row of other figures, five at most
#   tell('text')      what compare() calls the row of its figures: the file's
#                     name and this
#
# Accepted is answered by 204, refused by anything else; a click that was sent
# and not answered may have been counted or not.  The rows go to the file that
# is named by CHAOS_ROWS, for t/chaos/run's table.

use strict;
use warnings;

use Commerce::Clicks ();
use Commerce::Env qw(reported);
use Commerce::Scenario ();
use Exporter qw(import);
use File::Basename qw(basename);
use Test::More ();
use Time::HiRes qw(sleep time);

our @EXPORT = qw(crowd every let_click seconds kill_worker conclude tell figures
                 private_mounts tmpfs);

# What a node has due after a failure is sent within this, s.

use constant DUE => 40;

my (@rows, @allowed, $told);

sub seconds { $ENV{CHAOS_LONG} ? $_[1] : $_[0] }

sub tell { $told = shift }

sub figures {
    my ($text, @figures) = @_;
    my $name = basename($0, '.pl') . " $text";

    Test::More::diag("$name: @figures");
    push @figures, '-' while @figures < 5;
    push @rows, [$name, @figures];
}

sub let_click { sleep $_[0] }

sub every {
    my ($pause, $seconds, $break) = @_;
    my $end = time + $seconds;
    my $times = 0;

    while (time < $end || $times < 3) {
        sleep $pause;
        $break->();
        $times++;
    }
}

sub kill_worker {
    my ($nginx, $pid) = @_;

    return 0 if !grep { $_ == $pid } $nginx->workers;

    # who dies of it first may be told so by the other, or by the master

    Commerce::Scenario::allow_fault(
        qr/process $pid exited on signal 9/,
        qr/shared memory zone "[^"]+" was locked by $pid$/,
        qr/sendmsg\(\) failed .*(?:Broken pipe|Connection refused)/);
    kill 'KILL', $pid;
}

sub private_mounts {
    return if $ENV{CHAOS_MOUNTS};

    my @apart = qw(unshare --mount --propagation private);
    my ($trouble) = `@apart mount -t tmpfs tmpfs /tmp 2>&1` =~ /(.+)/;

    if ($? != 0) {
        $trouble ||= 'unshare is not there';
        Test::More::plan(skip_all => "mounts of its own are needed: $trouble");
    }

    local $ENV{CHAOS_MOUNTS} = 1;

    exec @apart, $^X, $0 or die "unshare: $!\n";
}

# The disk is not to be in the way when dir() is removed.

my $owner = $$;
my @disks;

sub tmpfs {
    my ($name, $size) = @_;
    my $disk = Commerce::Scenario::dir($name);

    system('mount', '-t', 'tmpfs', '-o', "size=$size,mode=0777", 'tmpfs',
           $disk) == 0 or die "a tmpfs can't be mounted: root can\n";
    push @disks, $disk;

    return $disk;
}

END {
    local ($?, $!);

    if ($$ == $owner) {
        system('umount', '--lazy', $_) for @disks;
    }
}

sub conclude {
    Commerce::Scenario::finish(qr/\[crit\]/);

    my $verdict = Test::More->builder->is_passing && !reported()
                  ? 'ok' : 'FAILED';
    my $file = $ENV{CHAOS_ROWS} or return;

    open my $out, '>>', $file or die "$file: $!\n";
    print $out join("\t", @$_, $verdict), "\n" for @rows;
    close $out or die "$file: $!\n";
}


sub crowd {
    my ($n, @paths) = @_;
    my %options = ref $paths[-1] ? %{pop @paths} : ();
    my $self = bless { paths => \@paths,
                       ports => $options{ports} || ['HTTP'],
                       from => $options{from} || ['127.0.0.1'],
                       known => {}, before => {}, viewers => [] },
                     __PACKAGE__;

    $self->stock;
    $self->wait_until_open;
    $self->more($n);

    return $self;
}

sub parts { $_[0] =~ m{^/cart/([^/]+)/([^/]+)$} }

sub stock {
    my $self = shift;
    my %rooms;

    for my $path (@{$self->{paths}}) {
        my ($room, $product) = parts($path);
        push @{$rooms{$room}}, $product;
    }

    # a product of each room that only settle() clicks on

    Commerce::Clicks::shop($_, @{$rooms{$_}}, 'settle') for sort keys %rooms;
}

sub on {
    my ($self, @ports) = @_;

    $self->{ports} = \@ports;
}

sub wait_until_open {
    my $self = shift;

    my %first = map { (parts($_))[0] => $_ } reverse @{$self->{paths}};

    for my $port (@{$self->{ports}}) {
        for my $path (map { $first{$_} } sort keys %first) {
            Commerce::Env::wait_for(DUE, sub { $self->click($port, $path) })
                or die "$path is not open at $port\n";
        }
    }
}

# A click of ours, known like those of the viewers.

sub click {
    my ($self, $port, $path) = @_;
    my $known = $self->{known}{$path} ||= {};
    my $status = Commerce::Scenario::http('POST', $path, timeout => 3,
        port => Commerce::Scenario::port($port))->{status};

    $known->{sent}++;
    $known->{$status == 204 ? 'accepted' : 'refused'}++ if $status != 599;

    return $status == 204;
}

sub more {
    my ($self, $n) = @_;
    my @ports = @{$self->{ports}};
    my @from = @{$self->{from}};

    for my $i (0 .. $n - 1) {
        push @{$self->{viewers}},
             Commerce::Clicks::viewers(1, @{$self->{paths}},
                                       { port => $ports[$i % @ports],
                                         from => $from[$i % @from] });
    }
}

sub stop {
    my $self = shift;

    for my $viewers (splice @{$self->{viewers}}) {
        $viewers->stop;

        for my $path (@{$self->{paths}}) {
            my $known = $self->{known}{$path} ||= {};
            my $seen = $viewers->[0]{seen}{$path} || {};

            $known->{$_} += $seen->{$_} || 0 for qw(sent accepted refused);
        }
    }
}

sub counted {
    my $self = shift;
    my $sum = 0;

    $sum += $_ for counts_of(@{$self->{paths}});

    return $sum;
}

sub begin_anew {
    my ($self, $n) = @_;
    my @paths = @{$self->{paths}};

    $self->{known} = {};
    @{$self->{before}}{@paths} = counts_of(@paths);
    $self->more($n);
}

sub sums {
    my $self = shift;
    my %sums = (sent => 0, accepted => 0, refused => 0);

    for my $path (@{$self->{paths}}) {
        $sums{$_} += $self->{known}{$path}{$_} || 0 for keys %sums;
    }

    return \%sums;
}

# What Redis has of paths, of all shows.

sub counts_of {
    my @paths = @_;
    my $redis = Commerce::Scenario::redis();
    my (%room, %sum);

    for my $path (@paths) {
        my ($room, $product) = parts($path);
        $room{$room}{"c:click:$product"} = $path;
    }

    for my $room (keys %room) {
        for my $key (@{$redis->call('KEYS', "commerce:{$room}:*:counts")}) {
            my %counts = @{$redis->call('HGETALL', $key)};

            $sum{$room{$room}{$_}} += $counts{$_}
                for grep { $room{$room}{$_} } keys %counts;
        }
    }

    return map { $sum{$_} || 0 } @paths;
}

# A node sends what is due in rounds, one after another: when two clicks, the
# second made when the first was there, have arrived, all from before has.

sub settle {
    my $self = shift;
    my ($room) = parts($self->{paths}[0]);
    my $path = "/cart/$room/settle";

    for my $port (@{$self->{ports}}) {
        for (1, 2) {
            my ($before) = counts_of($path);

            Commerce::Env::wait_for(DUE, sub { $self->click($port, $path) })
                or return 0;
            Commerce::Env::wait_for(DUE, sub { (counts_of($path))[0] > $before })
                or return 0;
        }
    }

    return 1;
}

sub compare {
    my ($self, %options) = @_;
    my $name = basename($0, '.pl') . (defined $told ? " $told" : '');
    my $counted = 0;
    my @wrong;

    undef $told;
    $self->stop;

    Test::More::ok($self->settle, "$name: all is sent to Redis");

    my @counted = counts_of(@{$self->{paths}});

    for my $path (@{$self->{paths}}) {
        my $known = $self->{known}{$path};
        my ($sent, $accepted, $refused) =
            map { $known->{$_} || 0 } qw(sent accepted refused);
        my $n = shift(@counted) - ($self->{before}{$path} || 0);
        my $most = $options{exact} ? $accepted : $sent - $refused;

        $counted += $n;

        push @wrong, "$path: sent $sent, accepted $accepted, refused " .
                     "$refused, in Redis $n\n"
            if $n < $accepted && !$options{lossy} || $n > $most;
    }

    my $sums = $self->sums;
    my @figures = (@$sums{qw(sent accepted refused)}, $counted,
                   $counted - $sums->{accepted});

    Test::More::cmp_ok($sums->{accepted}, '>', 20, "$name: clicks accepted");
    Test::More::ok(!@wrong, "$name: " . ($options{exact}
                                         ? 'accepted = counted'
                                         : $options{lossy}
                                         ? 'counted <= sent - refused'
                                         : 'accepted <= counted <= sent - '
                                           . 'refused'))
        or Test::More::diag(@wrong);
    Test::More::diag(sprintf '%s: sent %d, accepted %d, refused %d, in Redis '
                             . '%d, difference %d', $name, @figures);

    push @rows, [$name, @figures];
}

1;
