# Playlists that get no cues are counted by reason and by room, in the status,
# and the log says so once a minute: a line for each reason.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;

use constant REQUESTS => 5;

my %playlists = (
    none   => "#EXTM3U\n#EXTINF:4.000,\na.ts\n",
    broken => "#EXTM3U\n#EXTINF:x\na.ts\n",
    large  => dated(200),
    master => "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=640000\nindex.m3u8\n",
    right  => dated(3),
);

for my $room (qw(demo other unknown)) {
    write_file(dir('root') . "/live/$room/$_.m3u8", $playlists{$_})
        for keys %playlists;
}

redis();
room($_) for qw(demo other);
pin($_, 1000, 'p-1') for qw(demo other);

hls(<<'CONF', workers => 1);
    server {
        listen                 %%HTTP%%;
        root                   %%DIR%%/root;
        commerce_room          $room;
        commerce_hls           on;
        commerce_hls_max_size  1k;

        location = /status { commerce_status; }
    }
CONF

sub status {
    return decode_json(get('/status')->{content})->{playlists};
}

sub passed {
    return [sort map { "$_->{room} $_->{reason} $_->{count}" }
            @{status()->{passed}}];
}

ok(cued("/live/$_/right.m3u8", 'p-1'), "$_: a cue") for qw(demo other);
is_deeply(passed(), [], 'nothing has passed');

my $before = status();

for (1 .. REQUESTS) {
    get("/live/demo/$_.m3u8") for qw(none broken large master);
    get('/live/unknown/none.m3u8');
}

get('/live/other/none.m3u8');

my $after = status();
my %counted = map { $_ => $after->{$_} - $before->{$_} }
              grep { $_ ne 'passed' } keys %$after;

is_deeply(\%counted,
          { injected => 0, repaired => 0, encoded => 0, has_cues => 0,
            multivariant => REQUESTS, no_room => REQUESTS,
            not_parsed => REQUESTS, too_large => REQUESTS,
            no_clock => REQUESTS + 1 },
          'counted by reason');

is_deeply(passed(),
          ['demo no_clock ' . REQUESTS, 'demo not_parsed ' . REQUESTS,
           'demo too_large ' . REQUESTS, 'other no_clock 1'],
          '... and, of what an operator should know, by room');

my @lines = log_text() =~ /\[warn\].* (commerce_hls: .*?) while/g;

is_deeply([sort @lines],
          [map { "commerce_hls: a playlist of room \"demo\" is passed on " .
                 "without cues: $_; 1 since this process last said so" }
           'it is larger than commerce_hls_max_size',
           'it is not understood',
           'its segments have no time'],
          'said once of each reason, however many come in the same minute');

unlike(log_text(), qr/unknown.*passed on/, 'nothing of a room that is none');

finish();
