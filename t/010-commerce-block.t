# The commerce block: what is wrong is an [emerg] that quotes it.

use lib 't/lib';
use Commerce::Env qw(write_file);
use Commerce::Test;

my %secrets = (
    secret => "0123456789abcdef\nfedcba9876543210\n",
    short  => "0123456789abcdef\nshort\n",
    blank  => "0123456789abcdef\n\n0123456789abcdef\n",
    blanks => ' ' x 20 . "\n",
    empty  => '',
);

write_file("$ENV{TEST_NGINX_DIR}/$_", $secrets{$_}) for keys %secrets;

run_tests();

__DATA__

=== an empty block has defaults that work
--- main_config
commerce {
    ledger $TEST_NGINX_LEDGER 1m;
    redis unix:$TEST_NGINX_REDIS_SOCK;
}
--- config
location = /status { commerce_status; }
--- request
GET /status
--- response_body_like: "tenant":"default"



=== everything set
--- main_config
commerce {
    redis          unix:$TEST_NGINX_REDIS_SOCK db=3 timeout=500ms;
    node           edge-01.example;
    namespace      shop.live;
    zone           8m;
    ledger         $TEST_NGINX_LEDGER 1m;
    secret         $TEST_NGINX_DIR/secret;
    product_hosts  shop.example.com *.mall.example .m.example www.* ~^s\d+\.;
    flush          200ms;
    stale_hosts    1m;
    stale_viewers  1h;
    renew_cues     on;
}
--- config
location = /status { commerce_status; }
--- request
GET /status
--- response_body_like: "node":"edge-01.example"



=== two blocks, each with its own data
--- main_config
commerce east {
    redis     unix:$TEST_NGINX_REDIS_SOCK;
    namespace east;
    ledger    $TEST_NGINX_LEDGER-east 1m;
}
commerce west {
    redis     unix:$TEST_NGINX_REDIS_SOCK;
    namespace west;
    ledger    $TEST_NGINX_LEDGER-west 1m;
}
--- redis
HSET west:{demo} host anna state open title West
--- config
location = /east { commerce_tenant east; commerce_room demo; commerce_shelf; }
location = /west { commerce_tenant west; commerce_room demo; commerce_shelf; }
--- request eval
['GET /east', 'GET /west']
--- error_code eval
[404, 200]



=== a tenant that nobody defines
--- config
location = /s { commerce_tenant nobody; commerce_room demo; commerce_shelf; }
--- must_die
--- error_log eval
qr/\[emerg\].*no "commerce" block "nobody" is defined in .*nginx.conf:\d+/



=== a second block of the same name
--- main_config
commerce { ledger $TEST_NGINX_LEDGER; }
commerce { }
--- config
--- must_die
--- error_log
duplicate commerce "default"



=== two blocks with one ledger
--- main_config
commerce a { ledger $TEST_NGINX_LEDGER; }
commerce b { ledger $TEST_NGINX_LEDGER; }
--- config
--- must_die
--- error_log
commerce "a" and "b" have one ledger "



=== two blocks with one ledger by two names
--- main_config
commerce a { ledger $TEST_NGINX_DIR/ledger; }
commerce b { ledger $TEST_NGINX_DIR//./ledger; }
--- config
--- must_die
--- error_log
commerce "a" and "b" have one ledger "



=== a bad name of a block
--- main_config
commerce a/b { }
--- config
--- must_die
--- error_log
invalid name "a/b" in "commerce" directive



=== an unknown directive
--- commerce
zones 32m;
--- config
--- must_die
--- error_log
unknown directive "zones"



=== a zone that is no size
--- commerce
zone 32x;
--- config
--- must_die
--- error_log
invalid size "32x" in "zone" directive



=== a zone that is too small
--- commerce
zone 100k;
--- config
--- must_die
--- error_log
size "100k" in "zone" directive is less than 4096k



=== a zone set twice
--- commerce
zone 8m;
zone 8m;
--- config
--- must_die
--- error_log
"zone" directive is duplicate



=== a ledger that is no size
--- commerce
ledger $TEST_NGINX_LEDGER big;
--- config
--- must_die
--- error_log
invalid size "big" in "ledger" directive



=== a ledger that is too small
--- commerce
ledger $TEST_NGINX_LEDGER 1k;
--- config
--- must_die
--- error_log
size "1k" in "ledger" directive is less than 64k



=== a ledger whose path was forgotten
--- commerce
ledger 16m;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*"16m" in "ledger" directive is a size.* in .*nginx.conf:\d+/



=== a ledger whose size stands first
--- commerce
ledger 16m $TEST_NGINX_LEDGER;
--- config
--- must_die
--- error_log
"16m" in "ledger" directive is a size



=== a ledger in a folder that does not exist
--- commerce
ledger $TEST_NGINX_DIR/nowhere/ledger 1m;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*nowhere\/ledger.* in .*nginx.conf:\d+ \(2: No such file/



=== a node with a slash
--- commerce
node a/b;
--- config
--- must_die
--- error_log
invalid value "a/b" in "node" directive



=== a namespace with braces
--- commerce
namespace {x};
--- config
--- must_die
--- error_log eval
qr/\[emerg\]/



=== a namespace with a colon
--- commerce
namespace shop:live;
--- config
--- must_die
--- error_log
invalid value "shop:live" in "namespace" directive



=== a namespace with a blank
--- commerce
namespace "a b";
--- config
--- must_die
--- error_log
invalid value "a b" in "namespace" directive



=== a secret file that is missing
--- commerce
secret $TEST_NGINX_DIR/no-such-file;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*no-such-file" failed .*No such file/



=== a short secret
--- commerce
secret $TEST_NGINX_DIR/short;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*secret in line 2 of "[^"]*short" is blank or shorter than 16/
--- no_error_log
0123456789abcdef



=== a blank line among the secrets
--- commerce
secret $TEST_NGINX_DIR/blank;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*secret in line 2 of "[^"]*blank" is blank/



=== a line of blanks among the secrets
--- commerce
secret $TEST_NGINX_DIR/blanks;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*secret in line 1 of "[^"]*blanks" is blank/



=== an empty secret file
--- commerce
secret $TEST_NGINX_DIR/empty;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*no secret in file "/



=== a product host that is a link
--- commerce
product_hosts https://shop.example.com;
--- config
--- must_die
--- error_log
invalid host name "https://shop.example.com" in "product_hosts"



=== a product host with a star inside
--- commerce
product_hosts shop.*.example.com;
--- config
--- must_die
--- error_log
invalid host name "shop.*.example.com"



=== a product host that is no regex
--- commerce
product_hosts ~(;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*pcre2?_compile/



=== a time that is none
--- commerce
stale_hosts soon;
--- config
--- must_die
--- error_log
"stale_hosts" directive invalid value



=== another time that is none
--- commerce
stale_viewers 1x;
--- config
--- must_die
--- error_log
"stale_viewers" directive invalid value



=== a directive that takes no value
--- config
location /s { commerce_shelf on; }
--- must_die
--- error_log
invalid number of arguments in "commerce_shelf" directive



=== renew_cues is on or off
--- commerce
renew_cues sometimes;
--- config
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "sometimes" in "renew_cues" directive, it must be "on" or "off" in .*:\d+/
