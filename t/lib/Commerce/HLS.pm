package Commerce::HLS;

# What tests of playlists share, on top of Commerce::Scenario.
#
#   hls('more of http {}', %options)
#                  nginx with a commerce block, which has what the option
#                  commerce says, too; other options as of nginx()
#   listing(n)     a media playlist of n segments of four seconds, the first
#                  at BASE, named as nginx-rtmp does by the system's clock
#   dated(n)       the same with a PROGRAM-DATE-TIME of its own
#   pin(room, ms after BASE, product)
#                  the room's next cue, with its notice
#   cues(text)     what is pinned by the text's cues, e.g. "p-1 p-2 -"
#   plain(text)    the text without cues and the dates that names gave
#   get(path, header => value...), head(...)
#                  the response, as http() gives it
#   cued(path, cues)
#                  waits until the playlist has them: notices take a moment
#   BASE           ms, 2025-11-22T20:00:00Z

use strict;
use warnings;

use Commerce::Scenario;
use Exporter qw(import);
use POSIX qw(strftime);

our @EXPORT = qw(hls listing dated pin cues plain get head cued BASE);

use constant BASE => 1763841600000;

my %pinned;

sub hls {
    my ($conf, %options) = @_;
    my $commerce = delete $options{commerce} // '';

    return nginx(<<"CONF", modules => 'http', %options);
events { }

commerce {
    redis  unix:%%REDIS%%;
    ledger %%LEDGER%% 1m;
    $commerce
}

http {
    access_log off;
    default_type text/plain;

    map \$uri \$room {
        ~^/[^/]+/(?<name>[\\w-]+)/ \$name;
    }

$conf
}
CONF
}

sub listing { return playlist(shift, 0) }
sub dated { return playlist(shift, 1) }

sub playlist {
    my ($n, $dated) = @_;
    my $text = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:7\n" .
               "#EXT-X-TARGETDURATION:4\n";

    if ($dated) {
        $text .= '#EXT-X-PROGRAM-DATE-TIME:' .
                 strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(BASE / 1000)) . "\n";
    }

    return join '', $text,
        map { "#EXTINF:4.000,\n" . (BASE + 4000 * $_) . ".ts\n" } 0 .. $n - 1;
}

sub pin {
    my ($room, $after, $product) = @_;
    my $id = ++$pinned{$room};

    redis()->call('XADD', "commerce:{$room}:cues", "$id-1", 'at',
                  BASE + $after, 'show', 1,
                  defined $product ? ('product', $product, 'version', 1,
                                      'title', $product) : ());
    room($room);
}

sub cues {
    my $text = shift;

    return join ' ', map { length ? $_ : '-' }
           $text =~ /^#EXT-X-DATERANGE:.*-PRODUCT="([^"]*)"/mg;
}

sub plain {
    my $text = shift;

    $text =~ s/^#EXT-X-DATERANGE:.*CLASS="nginx-commerce\.product".*\n//gm;
    $text =~ s/^#EXT-X-PROGRAM-DATE-TIME:.*\.\d{3}Z\r?\n//gm;
    $text =~ s/^\#NGINX-COMMERCE-DATES\r?\n
               (?:\#EXT-X-DISCONTINUITY-SEQUENCE:.*\n)?//mx;

    return $text;
}

sub get {
    my ($path, %headers) = @_;

    return http('GET', $path, headers => \%headers);
}

sub head {
    my ($path, %headers) = @_;

    return http('HEAD', $path, headers => \%headers);
}

sub cued {
    my ($path, $wanted) = @_;

    return wait_for(5, sub { cues(get($path)->{content}) eq $wanted });
}

1;
