# A worker keeps the playlists that it has written.  Whatever they were made of
# may change: the file, the cues, the settings.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;

my $file = dir('root') . '/live/demo/index.m3u8';
my $time = 1000000000;
my $path = '/live/demo/index.m3u8';

# the same time of change, whatever is written

sub save {
    my $text = shift;

    write_file($file, $text);
    utime $time, $time, $file or die "$file: $!\n";
}

save(listing(3));
write_file(dir('root') . '/live/other/index.m3u8', listing(3));

redis();
room('demo');
room('other');
pin('demo', 5000, 'p-1');
pin('other', 5000, 'p-2');

my $nginx = hls(<<'CONF', workers => 1);
    server {
        listen %%HTTP%%;
        root   %%DIR%%/root;

        commerce_room       $room;
        commerce_hls        on;
        commerce_hls_clock  name;

        location /live/ { }

        location /titles/ {
            alias                    %%DIR%%/root/live/;
            commerce_hls_attributes  title;
        }

        location /undated/ {
            alias               %%DIR%%/root/live/;
            commerce_hls_clock  off;
        }

        location /proxied/ {
            proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%/live/;
        }
    }

    server {
        listen %%PORT_ORIGIN%%;
        root   %%DIR%%/root;
    }
CONF

sub etag { get(@_)->{headers}{etag} }

# twice, so that the second one may be what was kept

sub both {
    my $path = shift;
    my ($first, $second) = (get($path), get($path));

    is($second->{content}, $first->{content}, "$path, twice");
    is($second->{headers}{etag}, $first->{headers}{etag}, '... with its ETag');

    return $second->{content};
}

ok(cued($path, 'p-1'), 'a playlist');

my $original = both($path);
my $tag = etag($path);


# The file: of the same size, changed in the same second.

(my $moved = listing(3)) =~ s/SEQUENCE:7/SEQUENCE:8/;

save($moved);
is(plain(both($path)), $moved, 'rewritten in place');
isnt(etag($path), $tag, '... has another ETag');
is(get($path, 'If-None-Match' => $tag)->{status}, 200, '... is news');

save(listing(3));
is(both($path), $original, 'as it was');
is(get($path, 'If-None-Match' => $tag)->{status}, 304, '... is no news');

rename $file, "$file.old" or die "$file: $!\n";
save($moved);
is(plain(both($path)), $moved, 'another file of that name');

save(listing(4));
is(plain(both($path)), listing(4), 'a longer one');

save("#EXTM3U\n#EXTINF:x\n");
is(both($path), "#EXTM3U\n#EXTINF:x\n", 'one that is not understood');

save(listing(3));
is(both($path), $original, 'the first again');


# What is not the file.

like(both('/live/other/index.m3u8'), qr/ID="other-1-1".*="p-2"/,
     'another room with the same bytes');
like(both('/titles/demo/index.m3u8'), qr/-TITLE="p-1"/, 'other attributes');
is(both('/undated/demo/index.m3u8'), listing(3), 'another clock');
is(both('/proxied/demo/index.m3u8'), $original, 'the same from an origin');
is(both($path), $original, 'the first again');

save($moved);
is(plain(both('/proxied/demo/index.m3u8')), $moved, "the origin's has changed");


# The cues.

save(listing(3));

for my $cue (['p-1 p-3', 'p-3'], ['p-1 p-3 -']) {
    my ($all, $product) = @$cue;

    $tag = etag($path);
    pin('demo', $product ? 7000 : 9000, $product);

    ok(cued($path, $all), "pinned: $all");
    is(cues(both($path)), $all, '... and kept');
    isnt(etag($path), $tag, '... has another ETag');
}

like(both($path), qr/="p-1"/, 'the first cue is still there');


# The settings.

my $written = dir() . '/nginx/nginx.conf';

(my $changed = read_file($written))
    =~ s/(location \/live\/ \{) \}/$1 commerce_hls_attributes title; }/
    or die "no such location\n";
write_file($written, $changed);
ok($nginx->reload, 'a reload');

ok(wait_for(5, sub { get($path)->{content} =~ /-TITLE="p-1"/ }),
   'the new settings');
like(both($path), qr/-TITLE="p-1"/, '... and kept');

finish();
