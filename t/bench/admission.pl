# From `publish` to NetStream.Publish.Start, of clients that come one after
# another and leave.  known: the node has room and host; unknown: it has not been
# asked about the room.  Each publish is of another room, since what a publisher
# leaves behind changes his room.  on_publish: stock
# nginx-rtmp asks a location of the same nginx, which answers 204 at once.
# bare: nothing is asked, what nginx-rtmp and the client themselves take.
# Kinds take turns, so that what else the machine does meets all alike; the
# ratios are of what is left when the median of bare is taken off.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Getopt::Long;
use List::Util qw(max);
use Time::HiRes qw(time);

my ($publishes, $json) = (500, 0);

GetOptions('publishes=i' => \$publishes, 'json' => \$json) && !@ARGV
    && $publishes >= 100
    or die "usage: $0 [--json] [--publishes N]\n";

redis();
host('h1');

for my $n (1 .. $publishes) {
    room("$_$n", host => 'h1', key => sha('a-stream-key')) for qw(known unknown);
}

live(workers => 1, proofs => 'key',
     server => 'location = /yes { return 204; }
                location ~ ^/rooms/(?<room>.+) { commerce_room $room; commerce_shelf; }', application => <<'CONF');
        }

        application admits {
            live on;
            commerce_publish key;
        }

        application bare {
            live on;
        }

        application asks {
            live on;
            on_publish http://127.0.0.1:%%HTTP%%/yes;
CONF

my %kinds = (
    known => ['admits', sub { "known$_[0]?key=a-stream-key" }],
    unknown => ['admits', sub { "unknown$_[0]?key=a-stream-key" }],
    on_publish => ['asks', sub { "room$_[0]?key=a-stream-key" }],
    bare => ['bare', sub { "room$_[0]" }],
);
my %took;

for my $n (1 .. $publishes) {
    http('GET', "/rooms/known$n")->{status} == 200 or die "known$n is not\n";
}

for my $n (1 .. $publishes) {
    push @{$took{$_}}, publish_once($kinds{$_}[0], $kinds{$_}[1]->($n))
        for sort keys %kinds;
}

my %figures = map { $_ => [quantile($_, 0.5), quantile($_, 0.99)] }
                  keys %took;
my $bare = $figures{bare}[0];

for my $kind (qw(bare on_publish known unknown)) {
    my ($p50, $p99) = @{$figures{$kind}};
    my $ratio = max($p99 - $bare, 0) / max($figures{on_publish}[1] - $bare, 1e-6);

    printf $json ? qq({"name":"%s","p50_us":%.0f,"p99_us":%.0f,"ratio":%.3f}\n)
                 : "%-12s p50 %6.0f us  p99 %6.0f us  of on_publish's p99 %.3f\n",
           $kind, 1e6 * $p50, 1e6 * $p99, $ratio;
}

finish();


sub publish_once {
    my ($application, $name) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'), app => $application);
    my $begun = time;

    $rtmp->publish($name);

    my $status = $rtmp->status(10) or die "$name: no answer\n";
    my $took = time - $begun;

    $status->{code} eq 'NetStream.Publish.Start'
        or die "$name: $status->{code} $status->{description}\n";

    $rtmp->close_stream;
    $rtmp->leave;

    return $took;
}

sub quantile {
    my ($kind, $of) = @_;
    my @sorted = sort { $a <=> $b } @{$took{$kind}};

    return $sorted[int $of * $#sorted];
}
