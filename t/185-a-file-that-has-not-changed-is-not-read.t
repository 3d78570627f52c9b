# A playlist's file that has not changed is not read again, and however it
# changes, the next request has it: renamed, written over, with the time it had
# before, twice in a moment, or by another that nginx has put into its cache.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;
use Time::HiRes qw(stat utime);

my $first = listing(9);
my $second = $first =~ s/MEDIA-SEQUENCE:7/MEDIA-SEQUENCE:8/r;
my $root = dir('root');
my $file = "$root/live/demo/index.m3u8";

write_file($_, $first) for $file, "$root/live/demo/other.m3u8",
                           "$root/aio/demo/index.m3u8",
                           "$root/kept/demo/index.m3u8";
write_file("$root/words/demo/index.m3u8", "$first# \xd6\xc4\n");
write_file("$root/words/demo/words.m3u8", "# \xd6\xc4\n");

redis();
room('demo');
pin('demo', 1000, 'p-1');

hls(<<'CONF', log => 'debug', workers => 1);
    commerce_room       $room;
    commerce_hls_clock  name;

    proxy_cache_path %%DIR%%/cache keys_zone=playlists:1m;

    charset_map iso-8859-1 us-ascii { D6 4F; C4 41; }

    server {
        listen  127.0.0.1:%%PORT_ORIGIN%%;
        root    %%DIR%%/root;
    }

    server {
        listen        %%HTTP%%;
        root          %%DIR%%/root;
        commerce_hls  on;

        location /live/   { }
        location /cached/ { alias %%DIR%%/root/live/; open_file_cache max=9; }
        location /aio/    { aio threads; }

        location /kept/ {
            proxy_pass             http://127.0.0.1:%%PORT_ORIGIN%%;
            proxy_cache            playlists;
            proxy_cache_valid      200 1s;
            add_header             X-Cache $upstream_cache_status;
        }

        location /words/ {
            source_charset  iso-8859-1;
            charset         us-ascii;
            charset_types   *;
        }

        location /plain/  { alias %%DIR%%/root/words/; }
    }
CONF

# how often nginx reads of a file for a request

sub reads {
    my ($path) = @_;
    my $before = length log_text();

    get($path);

    return scalar(() = substr(log_text(), $before) =~ / read: \d+, /g);
}

sub known {
    my ($path, $wanted) = @_;

    return wait_for(5, sub { reads($path) == ($wanted // 0) });
}

sub now {
    return plain(get('/live/demo/index.m3u8')->{content});
}

ok(cued('/live/demo/index.m3u8', 'p-1'), 'a cue');
is(reads('/live/demo/other.m3u8'), 1, 'a file is read');
ok(known('/live/demo/index.m3u8'), 'after a while it is not read any more');
is(now(), $first, '... and is what it was');
is(cues(get('/live/demo/index.m3u8')->{content}), 'p-1', '... with its cue');
ok(known('/cached/demo/index.m3u8'), '... with open_file_cache, too');

pin('demo', 9000, 'p-2');
ok(cued('/live/demo/index.m3u8', 'p-1 p-2'), 'a pin is seen');
is(reads('/live/demo/index.m3u8'), 0, '... and the file is not');


# each change is seen by the next request, and by those after it

sub write_in_place {
    my ($text) = @_;

    open my $fh, '+<', $file or die "$file: $!";
    print $fh $text;
    truncate $fh, length $text;
    close $fh;
}

sub rename_over {
    write_file("$file.new", shift);
    rename "$file.new", $file or die "rename: $!";
}

sub keep_time {
    my ($write, $text) = @_;
    my @times = (stat $file)[8, 9];

    $write->($text);
    utime $times[0], $times[1], $file;
}

my %changes = (
    'written over'               => \&write_in_place,
    'renamed over'               => \&rename_over,
    '... with the time of before' => sub { keep_time(\&rename_over, @_) },
    'written over, with the time of before'
                                 => sub { keep_time(\&write_in_place, @_) },
);

for my $how (sort keys %changes) {
    for my $text ($second, $first, $first . "#EXT-X-ENDLIST\n", $first) {
        ok(known('/live/demo/index.m3u8'), 'known');
        $changes{$how}->($text);
        is(now(), plain($text), $how);
        is(now(), plain($text), '... for good');
    }
}


# faster than the system's clock

my @wrong;

for my $i (1 .. 300) {
    my $text = $i % 2 ? $second : $first;

    write_in_place($text);
    push @wrong, $i if now() ne $text;
}

is_deeply(\@wrong, [], 'again and again, as fast as can be');


# what nginx has put into its cache

sub state_of {
    my $answer = get('/kept/demo/index.m3u8');

    return $answer->{headers}{'x-cache'} . ' ' . plain($answer->{content});
}

ok(wait_for(5, sub { state_of() eq "HIT $first" }), 'a copy');

# its header is read, and no more

ok(wait_for(10, sub {
    reads('/kept/demo/index.m3u8') == 1
        && state_of() eq "HIT $first"
}), '... is not read');

write_file("$root/kept/demo/index.m3u8", $second);
ok(wait_for(10, sub { state_of() eq "HIT $second" }), 'a newer copy');
is(state_of() =~ s/^\w+ //r, $second, '... stays');


# who wants no worker to wait for a disk, and who changes what is sent

is(plain(get('/aio/demo/index.m3u8')->{content}), $first, 'aio');
is(plain(get('/aio/demo/index.m3u8')->{content}), $first, '... again');

for my $name (qw(index words)) {
    my $path = "demo/$name.m3u8";

    ok(known("/plain/$path"), "$name: known");
    like(get("/words/$path")->{content}, qr/^# OA\n/m, 'charset changes it')
        for 1, 2;
    like(get("/plain/$path")->{content}, qr/^# \xd6\xc4\n/m,
         '... and not what is kept') for 1, 2;
}

finish();
