package Sides;

# What is compared: each side is an nginx of its own with one worker and one
# location, and loads only the modules that it needs.
#
#   my $side = side('click');       started at the first call
#   $side->{node}, {method}, {path}, {port}, {etag} (of what is revalidated)
#   check('click', requests)        dies unless the side does what it is for,
#                                   and has counted that many requests
#
# Sides that are compared have locations of the same kind, with the same
# captures; open_file_cache is on for all; none logs requests.  Redis is reached
# over TCP, as one that several nodes share has to be.

use strict;
use warnings;

use Commerce::Env qw(build root);
use Commerce::HLS ();
use Commerce::Scenario;
use Commerce::Token;
use Digest::MD5 qw(md5);
use Exporter qw(import);
use MIME::Base64 qw(encode_base64url);

our @EXPORT = qw(side check);

use constant SEGMENTS => 30;
use constant CUES => 10;
use constant SHOW_CUES => 199;
use constant PLAYLISTS => 10000;
use constant PRODUCTS => 1000;
use constant VIEWERS => 50000;
use constant SEGMENT => 32 * 1024;

my $cart = '~ "^/cart/(?<room>[a-z0-9][\w-]{0,63})/(?<product>[\w-]{1,64})$"';
my $rooms = '~ "^/rooms/(?<room>[a-z0-9][\w-]{0,63})$"';
my $live = '~ "^/live/(?<room>[a-z0-9][\w-]{0,63})/[^/]+\.m3u8$"';

my $segments = '~ "^/live/(?<room>[a-z0-9][\w-]{0,63})/[^/]+\.ts$"';

my $commerce = <<'CONF';
commerce {
    redis   127.0.0.1:%%REDIS_PORT%%;
    ledger  %%DIR%%/ledger-%%NAME%% 1m;
}
CONF

my $lua = <<'CONF';
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
CONF

my %click = (method => 'POST', path => '/cart/demo/p1', at => $cart);
my %playlist = (method => 'GET', path => '/live/demo/index.m3u8', at => $live);

my %cued = (%playlist, modules => 'http', main => $commerce);

$cued{content} = <<'CONF';
root                %%DIR%%;
commerce_room       $room;
commerce_hls        on;
commerce_hls_clock  name;
CONF

# whoever comes with a session: it is verified, and written into each URI

my %own = (%cued, secret => 1, viewer => 'u42');

$own{content} .= <<'CONF';
commerce_access     on;
commerce_hls_token  on;
CONF

# a long show: one more cue, and the first would be of the past

my %show = (%cued, cues => SHOW_CUES);

# more playlists than a worker keeps, each in its turn

my %cold = (%cued, path => '/live/demo/1.m3u8', many => 1,
            script => 'paths.lua');

my %guarded = (modules => 'http', content => <<'CONF');
root             %%DIR%%;
commerce_room    $room;
commerce_access  on;
CONF

my %sides = (
    click => counting('click'),
    click_again => counting('again'),
    return204 => { %click, content => 'return 204;' },
    lua_redis => { %click, lua => 'click', kind => 'lua', content => <<'CONF' },
content_by_lua_block { require("click").count(%%REDIS_PORT%%) }
CONF

    playlist => \%cued,
    playlist_again => \%cued,
    plain_file => { %playlist, content => 'root %%DIR%%;', cues => 0 },
    static => { %playlist, content => 'root %%DIR%%/ready;' },
    playlist_token => \%own,
    token_file => { %playlist, ours => 'playlist_token',
                    content => 'root %%DIR%%/copies;' },
    show_600 => { %show, path => '/live/show/600.m3u8' },
    show_600_file => copy_of('show_600', '/live/show/600.m3u8'),
    show_10000 => { %show, path => '/live/show/10000.m3u8', connections => 8 },
    show_10000_file => { %{copy_of('show_10000', '/live/show/10000.m3u8')},
                         connections => 8 },
    cold => \%cold,
    cold_file => { %{copy_of('cold', '/live/demo/1.m3u8')}, many => 1,
                   cues => CUES, script => 'paths.lua' },
    lua_filter => { %playlist, lua => 'playlist', content => <<'CONF' },
root %%DIR%%;
header_filter_by_lua_block { ngx.header.content_length = nil }
body_filter_by_lua_block { require("playlist").filter() }
CONF

    shelf => shelf('demo'),
    shelf_file => shelf_file('shelf', 'demo'),
    long_shelf => shelf('long'),
    long_shelf_file => shelf_file('long_shelf', 'long'),
    old_shelf => shelf('long', revalidated => 1),
    old_shelf_file => shelf_file('old_shelf', 'long', revalidated => 1),

    jwt => segment(\&write_jwts, %guarded,
                   main => $commerce =~ s/^\}/    jwks %%DIR%%\/jwks.json;\n}/mr),
    token => segment(\&write_tokens, %guarded, main => $commerce,
                     secret => 1),
    secure_link => segment(\&write_links, content => <<'CONF'),
root             %%DIR%%;
secure_link      $arg_md5,$arg_expires;
secure_link_md5  "$secure_link_expires$uri enigma";

if ($secure_link = "") {
    return 403;
}

if ($secure_link = "0") {
    return 410;
}
CONF
);

# The room is public: nobody brings a proof.

for my $access ('on', 'off') {
    $sides{"access_$access"} = {
        method => 'GET', path => '/live/long/1.ts', at => $segments,
        modules => 'http', main => $commerce, segment => 1,
        content => "root             %%DIR%%;\n" .
                   "commerce_room    \$room;\n" .
                   "commerce_access  $access;",
    };
}

my (%started, $shop);

sub counting {
    my $kind = shift;

    return { %click, kind => $kind, modules => 'http', main => $commerce,
             content => "commerce_room   \$room;\n" .
                        "commerce_count  $kind \$product;" };
}

# What another side answers, as a file.

sub copy_of {
    my ($ours, $path) = @_;

    return { %playlist, path => $path, ours => $ours, cues => SHOW_CUES,
             content => 'root %%DIR%%/copies;' };
}

sub shelf {
    my ($room, @more) = @_;

    return { method => 'GET', path => "/rooms/$room", at => $rooms,
             modules => 'http', main => $commerce, shelf => $room,
             content => "commerce_room \$room;\ncommerce_shelf;", @more };
}

sub shelf_file {
    my ($ours, $room, @more) = @_;

    return { method => 'GET', path => "/rooms/$room", at => $rooms,
             shelf => $room, ours => $ours,
             content => 'root %%DIR%%/ready;', @more };
}

# A segment that each viewer asks for with a proof of his own.

sub segment {
    my ($write, @more) = @_;

    return { method => 'GET', path => '/live/demo/1.ts', at => $segments,
             proofs => $write, script => 'paths.lua', @more };
}

sub side {
    my $name = shift;

    return $started{$name} ||= start($name);
}

sub start {
    my $name = shift;
    my %side = %{$sides{$name}};

    $shop ||= open_shop();
    write_ready() if $name =~ /^(static|lua_filter)$/;
    write_shelf($side{ours}, $side{path}) if $side{ours} && $side{shelf};
    write_own($side{ours}, \%side) if $side{ours} && !$side{shelf};

    $side{path} .= '?viewer=' . viewer_token('demo', $side{viewer},
                                              kind => 's')
        if $side{viewer};

    if ($side{many}) {
        write_many(Commerce::HLS::listing(SEGMENTS), '') if !$side{ours};
        $side{args} = [dir() . "/$name.paths"];
        write_file($side{args}[0], join '', map { "/live/demo/$_.m3u8\n" }
                                            1 .. PLAYLISTS);
    }

    if ($side{proofs}) {
        $side{args} = [dir() . "/$name.paths"];
        write_file($side{args}[0], $side{proofs}->($side{path}));
    }

    $side{node} = nginx(conf($name, %side), name => $name, workers => 1,
                        modules => $side{modules} || 'none', log => 'warn');
    $side{port} = port($name);
    $side{etag} = fetch(\%side)->{headers}{etag} if $side{revalidated};

    return \%side;
}

sub conf {
    my ($name, %side) = @_;
    my $main = $side{lua} ? $lua : $side{main} || '';

    if ($side{secret}) {
        write_secret(dir() . '/secret');
        $main =~ s/^\}/    secret  %%DIR%%\/secret;\n}/m;
    }

    my $http = $side{lua} ? lua_conf($side{lua}) : '';

    $main =~ s/%%NAME%%/$name/;

    return <<"CONF";
$main
events { }

http {
    access_log          off;
    keepalive_requests  100000000;
    default_type        application/vnd.apple.mpegurl;
    open_file_cache     max=100;
    $http

    server {
        listen 127.0.0.1:%%PORT_$name%%;

        location $side{at} {
            $side{content}
        }
    }
}
CONF
}

# The master loads what unprivileged workers might not be able to read.

sub lua_conf {
    my $module = shift;
    my $path = join ';', map { "$_/?.lua" } root() . '/t/bench/lua',
                                            build() . '/lua', dir();

    return "lua_package_path '$path;;';\n" .
           "    init_by_lua_block { require '$module' }";
}

# A room with a product on its shelf, and a playlist whose time has all cues.

sub open_shop {
    my $redis = redis();

    for my $i (1 .. PRODUCTS) {
        product("p$i", title => "Product number $i", image => "/p/$i.jpg",
                link => "https://shop.example.com/p$i");
        $redis->call('ZADD', 'commerce:{long}:shelf', $i, "p$i");
        $redis->call('ZADD', 'commerce:{demo}:shelf', $i, "p$i") if $i <= 4;
    }

    for my $i (1 .. CUES) {
        $redis->call('XADD', 'commerce:{demo}:cues', "$i-1",
                     'at', Commerce::HLS::BASE + 12000 * ($i - 1) + 1500,
                     'show', 1, 'product', "p$i", 'version', 1,
                     'title', "Product $i",
                     'link', "https://shop.example.com/p$i");
    }

    for my $i (1 .. SHOW_CUES) {
        $redis->call('XADD', 'commerce:{show}:cues', "$i-1",
                     'at', Commerce::HLS::BASE + 12000 * ($i - 1) + 1500,
                     'show', 1, 'product', 'p' . ($i % 4 + 1), 'version', 1,
                     'title', 'A product',
                     'link', 'https://shop.example.com/p');
    }

    room('show');
    room('demo', visibility => 'unlisted');
    room('long');

    host('h1');
    dir('live');
    dir('live/demo');
    dir('live/long');
    write_file(dir() . "/live/$_/1.ts", 'x' x SEGMENT) for qw(demo long);
    write_file(dir() . '/live/demo/index.m3u8',
               Commerce::HLS::listing(SEGMENTS));

    dir('live/show');
    write_file(dir() . "/live/show/$_.m3u8", Commerce::HLS::listing($_))
        for 600, 10000;

    return 1;
}

sub write_jwts {
    my $path = shift;
    my $paths = join ' ', VIEWERS, $path, dir() . '/jwks.json';

    return scalar `/usr/bin/python3 ${\root()}/t/bench/jwts.py $paths`;
}

sub write_tokens {
    my $path = shift;

    return join '', map { "$path?viewer=" . viewer_token('demo', "u$_") . "\n" }
                    1 .. VIEWERS;
}

sub write_links {
    my $path = shift;

    return join '', map {
        "$path?md5=" . encode_base64url(md5("$_$path enigma")) .
        "&expires=$_\n"
    } map { time + 7200 + $_ } 1 .. VIEWERS;
}

sub fetch {
    my $side = shift;

    return http($side->{method}, $side->{path}, port => $side->{port});
}

# Our own playlist: as a file, and for Lua as the lines that stand before each
# segment.

sub write_ready {
    my ($text, $lines) = (undef, '');

    wait_for(5, sub { cues($text = fetch(side('playlist'))) == CUES });

    $text = $text->{content};

    while ($text =~ /\G(.*?)(#EXTINF:[^\n]*\n([^\n]*)\n)/gs) {
        my ($before, $name) = ($1, $3);

        $before =~ s/\A#EXTM3U.*?(?=#EXT-X-PROGRAM)//s;
        $lines .= "[\"$name\"] = [[\n$before]],\n";
    }

    my ($head) = $text =~ /\A#EXTM3U\n((?:#NGINX-.*\n)?)/;

    $lines .= "head = [[\n$head]],\n";

    write_file(dir() . '/lines.lua', "return { demo = {\n$lines} }\n");
    write_file(dir() . '/ready/live/demo/index.m3u8', $text);
}

sub write_shelf {
    my ($ours, $path) = @_;

    write_file(dir() . "/ready$path", fetch(side($ours))->{content});
}

sub write_own {
    my ($ours, $side) = @_;
    my $wanted = $side->{cues} // CUES;

    wait_for(5, sub { cues(fetch(side($ours))) == $wanted });

    my $text = fetch(side($ours))->{content};

    $side->{many} ? write_many($text, 'copies')
                  : write_file(dir() . "/copies$side->{path}", $text);
}

# Playlists that differ in the number of their first segment.

sub write_many {
    my ($text, $folder) = @_;

    for my $i (1 .. PLAYLISTS) {
        write_file(dir() . "/$folder/live/demo/$i.m3u8",
                   $text =~ s/^#EXT-X-MEDIA-SEQUENCE:\K\d+/$i/mr);
    }
}

sub cues {
    my $text = shift->{content} // '';

    return scalar(() = $text =~ /^#EXT-X-DATERANGE:/mg);
}

sub check {
    my ($name, $requests) = @_;
    my $side = side($name);
    my $answer;

    if ($side->{shelf}) {
        check_shelf($name, $side);
        return;
    }

    if ($side->{proofs}) {
        check_proofs($name, $side);
        return;
    }

    if ($side->{segment}) {
        $answer = fetch($side);
        die "$name: $answer->{status}\n" if $answer->{status} != 200;

        return;
    }

    if ($side->{method} eq 'GET') {
        my $wanted = $side->{cues} // CUES;

        wait_for(5, sub { cues($answer = fetch($side)) == $wanted })
            or die "$name: ", cues($answer), " cues\n";

        my $ours = $side->{ours}
                   || ($side->{viewer} ? 'playlist_token'
                    : $side->{path} ne $playlist{path} ? $name : 'playlist');
        die "$name: another playlist than ours\n"
            if $wanted && $answer->{content} ne fetch(side($ours))->{content};
        die "$name: no token\n"
            if $side->{viewer} && $answer->{content} !~ /\?viewer=/;

        return;
    }

    $answer = fetch($side);
    die "$name: $answer->{status}\n" if $answer->{status} != 204;

    check_counted($name, $side->{kind}, $requests) if $side->{kind};
}

sub check_proofs {
    my ($name, $side) = @_;
    my @paths = split /\n/, read_file($side->{args}[0]);
    my $without = fetch($side)->{status};

    die "$name: ", scalar @paths, " proofs\n" if @paths != VIEWERS;
    die "$name: $without without one\n" if $without !~ /^40[13]$/;

    for my $path (@paths[0, -1]) {
        my $answer = http('GET', $path, port => $side->{port});

        die "$name: $answer->{status}\n" if $answer->{status} != 200;
    }
}

sub check_shelf {
    my ($name, $side) = @_;
    my $text = fetch($side)->{content};
    my $products = () = $text =~ /"product":/g;

    die "$name: $products products\n"
        if $products < ($side->{shelf} eq 'long' ? PRODUCTS : 4);
    die "$name: another shelf than ours\n"
        if $side->{ours} && $text ne fetch(side($side->{ours}))->{content};
    die "$name: has changed\n"
        if $side->{etag} && http('GET', $side->{path}, port => $side->{port},
                                 headers => { 'If-None-Match', $side->{etag} }
                                )->{status} != 304;
}

sub check_counted {
    my ($name, $kind, $requests) = @_;
    my $counted;

    wait_for(5, sub {
        $counted = redis()->call('HGET', 'commerce:{demo}:0:counts',
                                 "c:$kind:p1") || 0;
        $counted >= $requests
    }) or die "$name: counted $counted of $requests requests\n";
}

1;
