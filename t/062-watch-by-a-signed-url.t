# A viewer comes by a URL that is signed as a cloud does it: for the room, until
# its end, and not to publish.

use lib 't/lib';
use Commerce::Env qw(read_file root write_file);
use Commerce::Test;
use Digest::MD5 qw(md5_hex);

use constant { PLAY => 'e12c46f2612d5106e2034781ab261ca3',
               PUSH => 'aliyuncdnexp1234' };

my $dir = $ENV{TEST_NGINX_DIR};

write_file("$dir/play", "b4ckup\n" . PLAY . "\n");
write_file("$dir/push", PUSH . "\n");

mkdir "$dir/$_" for qw(live live/demo);
write_file("$dir/live/$_", "in\n")
    for qw(demo.m3u8 demo-7.ts demo/index.m3u8 other.m3u8);

$ENV{TEST_NGINX_URLS} = <<"CONF";
    signed_url tencent    play $dir/play validity=1m;
    signed_url aliyun     play $dir/play;
    signed_url volcengine play $dir/play;
    signed_url tencent    push $dir/push;
CONF

$ENV{TEST_NGINX_ROOMS} = <<"CONF";
    location ~ "^/[a-z]+/(?<room>[a-z]+)" {
        root             $dir;
        commerce_room    \$room;
        commerce_access  on;
    }
CONF

sub tencent {
    my ($room, $end, $key) = (@_, PLAY);

    return 'txSecret=' . md5_hex($key . $room . $end) . "&txTime=$end";
}

sub aliyun {
    my ($path, $end) = @_;

    return "auth_key=$end-0-0-" . md5_hex("$path-$end-0-0-" . PLAY);
}

sub volcengine {
    my ($path, $end) = @_;

    return "volcTime=$end&volcSecret=" . md5_hex($path . PLAY . $end);
}

our $soon = time + 600;
our $hex = sprintf '%X', $soon;
our $good = tencent('demo', $hex);

# what the README says in a shell

my ($shell) = read_file(root() . '/README.md')
    =~ /^(    end=\$\(printf %X .*?\n)\n/ms;

our ($made) = do {
    local $ENV{key} = PLAY;
    `$shell` =~ m{^http://localhost(/live/demo.m3u8\?\S+)$};
};

run_tests();

__DATA__

=== an unlisted room takes each cloud's
--- commerce: $TEST_NGINX_URLS
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request eval
[map { "GET /live/$_" }
    "demo.m3u8?$::good",
    "demo-7.ts?x=1&$::good",
    "demo/index.m3u8?" . main::tencent('demo', $::soon),
    "demo.m3u8?" . main::tencent('demo', $::hex, 'b4ckup'),
    "demo.m3u8?" . main::aliyun('/live/demo.m3u8', $::soon),
    "demo-7.ts?" . main::aliyun('/live/demo.m3u8', $::soon),
    "demo/index.m3u8?" . main::aliyun('/live/demo', $::soon),
    "demo.m3u8?" . main::volcengine('/live/demo', $::soon),
    "demo.m3u8?" . main::tencent('demo', time - 30)]
--- error_code eval
[(200) x 9]
--- response_body eval
[("in\n") x 9]
--- no_error_log
commerce refused



=== and the one that the README's commands make
--- commerce: $TEST_NGINX_URLS
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request eval
"GET $::made"
--- response_body
in



=== but none that is not as it should be
--- commerce: $TEST_NGINX_URLS
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request eval
[map { "GET /live/demo.m3u8$_" }
    '',
    '?txSecret',
    "?$::good&$::good",
    "?" . substr($::good, 0, -1),
    "?${main::good}0",
    "?" . $::good =~ s/txSecret=(.)/sprintf 'txSecret=%%%02x', ord $1/er,
    "?" . $::good =~ s/(txSecret=)(\w+)/$1 . uc $2/er,
    "?" . main::tencent('other', $::hex),
    "?" . main::aliyun('/other/demo', $::soon),
    "?" . main::volcengine('/other/demo', $::soon)]
--- error_code eval
[401, 401, (403) x 8]
--- response_body_like eval
[(qr/proof_missing/) x 2, (qr/proof_wrong/) x 8]



=== nor one that is over, or to publish
--- commerce: $TEST_NGINX_URLS
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request eval
[map { "GET /live/demo.m3u8?$_" }
    main::tencent('demo', time - 61),
    main::aliyun('/live/demo.m3u8', time - 1),
    main::volcengine('/live/demo', time - 1),
    main::tencent('demo', $::hex, main::PUSH)]
--- error_code eval
[(403) x 4]
--- response_body_like eval
[(qr/proof_expired/) x 3, qr/proof_other_action/]



=== where no URL is taken, these are just arguments
--- config: $TEST_NGINX_ROOMS
--- room
demo visibility unlisted
--- request eval
"GET /live/demo.m3u8?$::good"
--- error_code: 401
--- response_body_like: proof_missing
