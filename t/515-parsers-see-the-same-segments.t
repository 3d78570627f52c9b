# Two parsers that others wrote see the same segments in a playlist before and
# after cues are put in: in those of t/unit/corpus, and in what ffmpeg and
# nginx-rtmp write by their settings.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Browser;
use Commerce::Env qw(root);
use Commerce::HLS qw(pin BASE);
use Commerce::Live qw(flv);
use Commerce::Scenario;
use File::Basename qw(basename);
use File::Copy qw(copy);
use Test::More;
use Time::HiRes qw(time);

my $lists = dir('lists');

# ffmpeg's, by what it is told beside the usual

my $dated = 'program_date_time';

my %settings = (
    'undated' => [],
    'dated' => ['-hls_flags', $dated],
    'window' => ['-hls_flags', "$dated+omit_endlist", '-hls_list_size', 4],
    'fmp4' => ['-hls_segment_type', 'fmp4', '-hls_flags', $dated],
    'ranges' => ['-hls_flags', "single_file+$dated"],
    'fmp4-ranges' => ['-hls_segment_type', 'fmp4',
                      '-hls_flags', "single_file+$dated"],
    'event' => ['-hls_playlist_type', 'event', '-hls_flags', $dated],
    'vod' => ['-hls_playlist_type', 'vod', '-hls_flags', $dated],
    'independent' => ['-hls_flags', "independent_segments+$dated"],
    'temporary' => ['-hls_flags', "temp_file+$dated"],
    'rounded' => ['-hls_flags', "round_durations+$dated"],
    'discontinuous' => ['-hls_flags', "discont_start+$dated"],
    'encrypted' => ['-hls_enc', 1, '-hls_enc_key', '00' x 16,
                    '-hls_enc_key_url', 'key', '-hls_flags', $dated],
);

# and nginx-rtmp's

my %applications = (
    nested => 'hls_nested on;',
    flat => 'hls_nested off;',
    event => 'hls_type event;',
    keys => "hls_keys on; hls_key_path $lists/keys; hls_key_url /keys/;",
    slicing => 'hls_fragment_slicing aligned; hls_max_fragment 3s;',
    sequential => '',
    timestamp => '',
    variant => 'hls_variant _low BANDWIDTH=64000; '
               . 'hls_variant _high BANDWIDTH=128000;',
);

my @undated = qw(groups/main.m3u8 undated/index.m3u8 variants/main.m3u8
                 rtmp-sequential-s.m3u8 rtmp-timestamp-s.m3u8
                 rtmp-variant-s.m3u8);

dir('lists/keys');

nginx(<<"CONF", workers => 1);
events { }

commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
}

rtmp {
    server {
        listen 127.0.0.1:%%RTMP%%;

@{[map { application($_) } sort keys %applications]}
    }
}

http {
    access_log off;

    server {
        listen 127.0.0.1:%%HTTP%%;

        location /plain/ { alias $lists/; }

        location ~ "^/(?<room>past|now)/(?<file>.+)\$" {
            alias               $lists/\$file;
            commerce_room       \$room;
            commerce_hls        on;
            commerce_hls_clock  name;
        }
    }
}
CONF

sub application {
    my $name = shift;
    my $hls = dir("hls_$name");
    my $naming = $applications{$name} ? 'system' : $name;

    return <<"CONF";
        application $name {
            live on;
            hls on;
            hls_path $hls;
            hls_fragment 1s;
            hls_playlist_length 6s;
            hls_fragment_naming $naming;
            $applications{$name}
        }
CONF
}

host('h1');
room($_) for qw(past now);
pin('past', 1500 * $_, $_ % 3 ? "p-$_" : undef) for 1 .. 9;

# Each of what is the same writes; nginx-rtmp in real time, meanwhile.

my $begin = time;
my $video = flv(12);
my @live = map {
    publish(input => ['-re', '-i', $video], output => ['-c', 'copy'],
            url => rtmp_url($_, $_ eq 'variant' ? 's_low' : 's'))
} sort keys %applications;

sub ffmpeg {
    my $name = shift;
    my $log = dir() . "/$name.log";

    mkdir "$lists/$name";
    system("cd $lists/$name && exec ffmpeg -hide_banner -nostdin "
           . "-loglevel error -i $video -c copy -f hls -hls_time 2 "
           . "-hls_list_size 0 @_ > $log 2>&1") == 0
        or die "ffmpeg $name: ", read_file($log), "\n";
}

ffmpeg($_, @{$settings{$_}}, 'index.m3u8') for keys %settings;
ffmpeg('variants', '-map 0:v -map 0:v -map 0:a -map 0:a',
       '-var_stream_map "v:0,a:0 v:1,a:1"', '-master_pl_name main.m3u8',
       "-hls_flags $dated", 'v%v.m3u8');
ffmpeg('groups', '-map 0:v -map 0:a',
       '-var_stream_map "a:0,agroup:a v:0,agroup:a"',
       '-master_pl_name main.m3u8', "-hls_flags $dated", 'v%v.m3u8');

my @made = map { s{^\Q$lists/}{}r } glob "$lists/*/*.m3u8";

# What there is of each while it is live.

sub snapshots {
    my $name = shift;

    for my $path (glob dir("hls_$name") . '/*.m3u8 '
                       . dir("hls_$name") . '/s/*.m3u8')
    {
        copy($path, "$lists/rtmp-$name-" . basename($path));
    }

    return map { s{^\Q$lists/}{}r } glob "$lists/rtmp-$name-*.m3u8";
}

ok(wait_for(30, sub { time > $begin + 9 && !grep { !$_->running } @live }),
   'nginx-rtmp has lists of all kinds');

push @made, map { snapshots($_) } sort keys %applications;
$_->stop for @live;

copy($_, "$lists/") for glob root() . '/t/unit/corpus/*.m3u8';

my @corpus = map { basename($_) } glob root() . '/t/unit/corpus/*.m3u8';

# what ffmpeg wrote at once begins with the time of its writing, and goes on

wait_for(20, sub { time > $begin + 16 });
pin('now', int(1000 * $begin) - BASE + 1500 * $_, $_ % 3 ? "p-$_" : undef)
    for 1 .. 8;

my $origin = 'http://127.0.0.1:' . port('HTTP');

sub judge {
    my ($room, @files) = @_;
    my $found = browse('parse.js', "$origin/plain", "$origin/$room", @files);

    for my $file (@files) {
        my $one = $found->{$file};

        ok(!@{$one->{wrong}}, sprintf '%s: %d cues, %s and %s segments', $file,
           $one->{cues}, map { $one->{segments}{$_} // 'no' }
                             'm3u8-parser', 'hls-parser')
            or diag(map { "$_\n" } @{$one->{wrong}});
    }

    return $found;
}

judge('past', @corpus);

my $found = judge('now', @made);
my @without = grep { !$found->{$_}{cues} } @made;

is("@without", "@undated", 'what has dates, or names that tell them, has cues');

finish();
