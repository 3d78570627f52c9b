# ETag, conditions, ranges and HEAD of playlists: nginx would judge them by the
# file, whatever is put into it.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;

my $file = dir('root') . '/live/demo/index.m3u8';

write_file($file, dated(3));
write_file(dir('root') . '/live/demo/master.m3u8',
           "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex.m3u8\n");
write_file(dir('root') . '/live/other/index.m3u8', dated(3));
write_file(dir('root') . "/live/demo/$_.m3u8", dated(3)) for qw(old noetag);
utime 1000000000, 1000000000, glob dir('root') . '/live/*/*.m3u8';

redis();
room('demo');
pin('demo', 5000, 'p-1');

hls(<<'CONF');
    server {
        listen %%HTTP%%;
        root   %%DIR%%/root;

        location /live/ {
            commerce_room  $room;
            commerce_hls   on;
        }

        location = /live/demo/noetag.m3u8 {
            commerce_room  demo;
            commerce_hls   on;
            etag           off;
        }
    }
CONF

my $path = '/live/demo/index.m3u8';
my $first = get($path);
my $tag = $first->{headers}{etag};
my $long_ago = 'Sun, 09 Sep 2001 01:46:40 GMT';
my $now = 'Sat, 22 Nov 2025 20:00:00 GMT';

is($first->{status}, 200, 'a playlist');
is(cues($first->{content}), 'p-1', '... with its cue');
like($tag, qr/^"[0-9a-f]{32}"$/, '... has a strong ETag');
is($first->{headers}{'content-length'}, length $first->{content},
   '... and its length');
is($first->{headers}{'last-modified'}, undef, '... no Last-Modified');
is($first->{headers}{'accept-ranges'}, undef, '... no ranges');

is(get('/live/demo/old.m3u8')->{headers}{etag}, $tag,
   'the same bytes have the same ETag');

{
    my %tags;

    $tags{get($path)->{headers}{etag}} = 1 for 1 .. 20;
    is(join(' ', keys %tags), $tag, 'all workers give the same ETag');
}

sub status {
    my ($name, $wanted, %headers) = @_;
    my $response = get($path, %headers);

    is($response->{status}, $wanted, $name);

    if ($wanted == 200) {
        is($response->{content}, $first->{content}, '... whole');

    } else {
        is($response->{content} // '', '', '... without a body');
    }

    return $response;
}

my $answer = status('If-None-Match', 304, 'If-None-Match' => $tag);
is($answer->{headers}{etag}, $tag, '... with the ETag');
is($answer->{headers}{'content-type'}, undef, '... no type');
is($answer->{headers}{'content-length'}, undef, '... no length');

status('weak If-None-Match', 304, 'If-None-Match' => "W/$tag");
status('a list', 304, 'If-None-Match' => "\"a,b\", W/\"x\" ,$tag");
status('any', 304, 'If-None-Match' => '*');
status('another ETag', 200, 'If-None-Match' => '"3b9aca00-b2"');
status('half of it', 200, 'If-None-Match' => substr $tag, 0, 20);
status('more than it', 200, 'If-None-Match' => $tag . 'x');
status('nothing in it', 200, 'If-None-Match' => ', ,"');
status('If-None-Match goes before If-Modified-Since', 200,
       'If-None-Match' => '"x"', 'If-Modified-Since' => $now);

status('If-Modified-Since', 200, 'If-Modified-Since' => $long_ago);
status('... later', 200, 'If-Modified-Since' => $now);
status('If-Unmodified-Since', 200, 'If-Unmodified-Since' => $long_ago);
status('... earlier', 200,
       'If-Unmodified-Since' => 'Sun, 09 Sep 2001 01:46:39 GMT');

status('If-Match', 200, 'If-Match' => $tag);
status('If-Match any', 200, 'If-Match' => '*');
$answer = status('If-Match another', 412, 'If-Match' => '"x"');
is($answer->{headers}{'content-length'}, 0, '... says so');
is($answer->{headers}{etag}, undef, '... no ETag');
status('If-Match is strong', 412, 'If-Match' => "W/$tag");

status('a range', 200, Range => 'bytes=0-9');
status('a range with If-Range', 200, Range => 'bytes=0-9', 'If-Range' => $tag);
status('a range that cannot be', 200, Range => 'bytes=99999-');

is(get('/live/demo/noetag.m3u8')->{headers}{etag}, undef,
   'etag off is heeded');
is(get('/live/demo/noetag.m3u8', 'If-None-Match' => $tag)->{status}, 200,
   '... and nothing matches');


# HEAD

$answer = head($path);
is($answer->{status}, 200, 'HEAD');
is($answer->{headers}{etag}, $tag, '... has the ETag of the body');
is($answer->{headers}{'content-length'}, length $first->{content},
   '... and its length');
is(head($path, 'If-None-Match' => $tag)->{status}, 304, 'HEAD, matched');
is(head($path, 'If-Match' => '"x"')->{status}, 412, 'HEAD, failed');
is(head('/live/demo/none.m3u8')->{status}, 404, 'HEAD of no file');


# The cue changes, the file does not.

pin('demo', 9000);
ok(cued($path, 'p-1 -'), 'a new cue');

my $second = get($path, 'If-None-Match' => $tag,
                 'If-Modified-Since' => $now);

is($second->{status}, 200, '... is news');
isnt($second->{headers}{etag}, $tag, '... has another ETag');

# What isn't rewritten keeps its own validators.

for my $case (['/live/demo/master.m3u8', 'multivariant', 0],
              ['/live/other/index.m3u8', 'no such room', 1])
{
    my ($path, $name, $ranges) = @$case;
    my $plain = get($path);

    like($plain->{headers}{etag}, qr/^"3b9aca00-/, "$name: the file's ETag");
    is($plain->{headers}{'last-modified'}, $long_ago, '... and its time');
    is(get($path, 'If-None-Match' => $plain->{headers}{etag})->{status}, 304,
       '... If-None-Match');
    is(get($path, 'If-None-Match' => '"x"')->{status}, 200, '... another');
    is(get($path, 'If-Modified-Since' => $long_ago)->{status}, 304,
       '... If-Modified-Since');
    is(get($path, 'If-Modified-Since' => 'Sun, 09 Sep 2001 01:46:39 GMT')
           ->{status}, 200, '... earlier');
    is(get($path, 'If-Modified-Since' => 'some day')->{status}, 200,
       '... unreadable');
    is(get($path, 'If-Unmodified-Since' => 'Sun, 09 Sep 2001 01:46:39 GMT')
           ->{status}, 412, '... If-Unmodified-Since');
    is(get($path, 'If-Unmodified-Since' => $long_ago)->{status}, 200,
       '... not since');
    is(get($path, 'If-Match' => $plain->{headers}{etag})->{status}, 200,
       '... If-Match');
    is(get($path, 'If-Match' => '"x"')->{status}, 412, '... failed');
    is(get($path, Range => 'bytes=0-6')->{status}, $ranges ? 206 : 200,
       '... ranges');
    is(head($path)->{headers}{etag}, $plain->{headers}{etag}, '... HEAD');
    is(head($path, 'If-None-Match' => $plain->{headers}{etag})->{status}, 304,
       '... HEAD, matched');
}

finish();
