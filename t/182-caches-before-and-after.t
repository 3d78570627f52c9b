# A cache before us keeps what the origin sent: its copies get the cues of the
# moment. A cache behind us, as a CDN, keeps what we have written: it asks again
# by our ETag, and hears of a pin.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Origin;
use Commerce::Scenario;
use JSON::PP qw(decode_json);
use Test::More;

my $text = dated(30);
my $longer = dated(31);
my $asked = dir() . '/asked.log';

write_file($asked, '');

redis();
room('demo');
pin('demo', 5000, 'p-1');

# It notes what each request was for, under which condition, and whether for all
# of it.

Commerce::Origin->start(port('ORIGIN'), sub {
    my ($client, $path, $head) = @_;
    my ($condition) = $head =~ /^If-None-Match: (\S+)/mi;
    my $moved = -e "$asked.moved";
    my $tag = $moved ? '"v2"' : '"v1"';
    my @headers = (ETag => $tag, 'Content-Type' => 'application/x-mpegURL',
                   'Cache-Control' => 'max-age=0, s-maxage=7');

    append("$path " . ($condition // '-') . ' ' .
           ($head =~ /^Range:/mi ? 'part' : 'whole'));

    if (($condition // '') eq $tag) {
        print $client "HTTP/1.1 304 Not Modified\r\nETag: $tag\r\n\r\n";
        return 1;
    }

    return answer($client, $moved ? $longer : $text, @headers);
});

sub append {
    open my $log, '>>', $asked or die "$asked: $!";
    print $log "@_\n";
    close $log;
}

sub asked {
    my $said = read_file($asked);

    write_file($asked, '');

    return [split /\n/, $said];
}

hls(<<'CONF');
    proxy_cache_path %%DIR%%/before keys_zone=before:1m;
    proxy_cache_path %%DIR%%/after keys_zone=after:1m;
    proxy_http_version 1.1;

    server {
        listen         %%HTTP%%;
        listen         127.0.0.1:%%PORT_EDGE%%;
        commerce_room  $room;
        commerce_hls   on;

        add_header  X-Cache $upstream_cache_status;

        location /kept/ {
            proxy_pass            http://127.0.0.1:%%PORT_ORIGIN%%;
            proxy_cache           before;
            proxy_ignore_headers  Cache-Control;
            proxy_cache_valid     200 1m;
        }

        location /stale/ {
            proxy_pass               http://127.0.0.1:%%PORT_ORIGIN%%;
            proxy_cache              before;
            proxy_ignore_headers     Cache-Control;
            proxy_cache_valid        200 1s;
            proxy_cache_revalidate   on;
        }

        location /updating/ {
            proxy_pass                     http://127.0.0.1:%%PORT_ORIGIN%%;
            proxy_cache                    before;
            proxy_ignore_headers           Cache-Control;
            proxy_cache_valid              200 1s;
            proxy_cache_use_stale          updating;
            proxy_cache_background_update  on;
        }

        location /direct/  { proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%; }
        location /expires/ {
            proxy_pass  http://127.0.0.1:%%PORT_ORIGIN%%;
            expires     4s;
        }
    }

    # a CDN that knows nothing of us

    server {
        listen %%PORT_CDN%%;

        location / {
            proxy_pass              http://127.0.0.1:%%PORT_EDGE%%;
            proxy_cache             after;
            proxy_ignore_headers    Cache-Control;
            proxy_cache_valid       200 1s;
            proxy_cache_revalidate  on;
            add_header              X-CDN $upstream_cache_status;
        }
    }
CONF

sub kept {
    my $answer = shift;

    return "$answer->{headers}{'x-cache'} " . cues($answer->{content});
}


# before us

ok(cued('/kept/demo/a.m3u8', 'p-1'), 'a cue');
asked();

my $hit = get('/kept/demo/a.m3u8');

is(kept($hit), 'HIT p-1', 'a copy has its cue');
is($hit->{headers}{'content-length'}, length $hit->{content},
   '... and its length');
is($hit->{headers}{'cache-control'}, 'max-age=0, s-maxage=7',
   "... and the origin's word on caching");

is(get('/kept/demo/a.m3u8', 'If-None-Match' => $hit->{headers}{etag})
   ->{status}, 304, 'it is revalidated by our ETag');
is(get('/kept/demo/a.m3u8', 'If-None-Match' => '"v1"')->{status}, 200,
   "... not by the origin's");
is(kept(get('/kept/demo/a.m3u8', Range => 'bytes=0-9')), 'HIT p-1',
   '... and is whole');

pin('demo', 9000, 'p-2');
ok(cued('/kept/demo/a.m3u8', 'p-1 p-2'), 'a pin gets into the copy');

my $news = get('/kept/demo/a.m3u8',
               'If-None-Match' => $hit->{headers}{etag});

is($news->{status}, 200, '... which is news');
isnt($news->{headers}{etag}, $hit->{headers}{etag}, '... by its ETag');
is_deeply(asked(), [], 'and nobody has asked the origin');


# what nginx revalidates is the origin's copy, by the origin's ETag

is(kept(get('/stale/demo/a.m3u8')), 'MISS p-1 p-2', 'fetched');

ok(wait_for(10, sub {
    kept(get('/stale/demo/a.m3u8', 'If-None-Match' => '"viewer"'))
        eq 'REVALIDATED p-1 p-2'
}), 'the copy is revalidated, and has its cues');

is_deeply([grep { !/^\S+ (?:-|"v1") whole$/ } @{asked()}], [],
          "... by its own ETag, never by the viewer's");

write_file("$asked.moved", '');

ok(wait_for(10, sub {
    plain(get('/stale/demo/a.m3u8')->{content}) eq plain($longer)
}), 'a new one is fetched');

unlink "$asked.moved";

get('/updating/demo/a.m3u8');

ok(wait_for(10, sub {
    kept(get('/updating/demo/a.m3u8')) eq 'STALE p-1 p-2'
}), 'a stale copy, while a background update fetches another');
ok(wait_for(10, sub {
    kept(get('/updating/demo/a.m3u8')) eq 'HIT p-1 p-2'
}), '... which is as right');


# what a cache behind us is told

is(get('/direct/demo/a.m3u8')->{headers}{'cache-control'},
   'max-age=0, s-maxage=7', "the origin's word is passed on");

my $expires = get('/expires/demo/a.m3u8');

is($expires->{headers}{'cache-control'}, 'max-age=4', '... or that of expires');
is(get('/expires/demo/a.m3u8', 'If-None-Match' => $expires->{headers}{etag})
   ->{headers}{'cache-control'}, 'max-age=4', '... of a 304, too');


# behind us

sub cdn {
    my $answer = http('GET', '/direct/demo/a.m3u8', port => port('CDN'),
                      headers => { @_ });

    return ($answer, join ' ', $answer->{headers}{'x-cdn'} // '-',
                               cues($answer->{content} // ''));
}

my ($first) = cdn();

is(cues($first->{content}), 'p-1 p-2', 'a CDN gets the cues');
like($first->{headers}{etag}, qr/^"[0-9a-f]{32}"$/, '... with a strong ETag');

ok(wait_for(10, sub { (cdn())[1] eq 'REVALIDATED p-1 p-2' }),
   'it revalidates its copy by our ETag');
is((cdn('If-None-Match' => $first->{headers}{etag}))[0]{status}, 304,
   '... so do its viewers');

like((cdn(Range => 'bytes=0-6'))[1], qr{ p-1 p-2$}, 'ranges are not offered');

pin('demo', 13000, 'p-3');
ok(wait_for(10, sub { (cdn())[1] =~ / p-1 p-2 p-3$/ }),
   'and hears of a pin when it asks again');

is_deeply([grep { !/ whole$/ } @{asked()}], [],
          'the origin was never asked for a part');

finish();
