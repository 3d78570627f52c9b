# signed_url: what is wrong is an [emerg] that quotes it, but for the keys.

use lib 't/lib';
use Commerce::Env qw(write_file);
use Commerce::Test;

my %keys = (
    keys  => "A1B2C3\ne12c46f2612d5106e2034781ab261ca3\n",
    short => "A1B2C3\nA1B2C\n",
    long  => "A1B2C3\n" . 'k' x 257 . "\n",
    empty => '',
);

write_file("$ENV{TEST_NGINX_DIR}/$_", $keys{$_}) for keys %keys;

run_tests();

__DATA__

=== every cloud, to push and to play
--- commerce
signed_url tencent    push $TEST_NGINX_DIR/keys;
signed_url tencent    play $TEST_NGINX_DIR/keys validity=5m;
signed_url aliyun     push $TEST_NGINX_DIR/keys validity=30m;
signed_url aliyun     play $TEST_NGINX_DIR/keys validity=30m;
signed_url volcengine push $TEST_NGINX_DIR/keys;
signed_url volcengine play $TEST_NGINX_DIR/keys;
--- config
location = /status { commerce_status; }
--- request
GET /status
--- response_body_like: "tenant":"default"



=== a cloud that is not known
--- commerce
signed_url huawei push $TEST_NGINX_DIR/keys;
--- config
--- must_die
--- error_log
invalid value "huawei" in "signed_url" directive



=== neither to push nor to play
--- commerce
signed_url aliyun view $TEST_NGINX_DIR/keys;
--- config
--- must_die
--- error_log
invalid value "view" in "signed_url" directive



=== the same twice
--- commerce
signed_url aliyun play $TEST_NGINX_DIR/keys;
signed_url aliyun play $TEST_NGINX_DIR/keys;
--- config
--- must_die
--- error_log
"signed_url" directive is duplicate



=== keys that are missing
--- commerce
signed_url aliyun play $TEST_NGINX_DIR/no-such-file;
--- config
--- must_die
--- error_log eval
qr{\[emerg\].* open\(\) "[^"]*no-such-file" failed}



=== a key that is short
--- commerce
signed_url aliyun play $TEST_NGINX_DIR/short;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*secret in line 2 of "[^"]*short" is blank or shorter than 6/
--- no_error_log
A1B2C



=== a key that is long
--- commerce
signed_url aliyun play $TEST_NGINX_DIR/long;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*key in line 2 of "[^"]*long" is longer than 256 bytes/
--- no_error_log
kkkk



=== no key
--- commerce
signed_url aliyun play $TEST_NGINX_DIR/empty;
--- config
--- must_die
--- error_log eval
qr/\[emerg\].*no secret in file "[^"]*empty"/



=== a validity that is no time
--- commerce
signed_url aliyun play $TEST_NGINX_DIR/keys validity=long;
--- config
--- must_die
--- error_log
invalid parameter "validity=long"



=== what is no validity
--- commerce
signed_url aliyun play $TEST_NGINX_DIR/keys 30m;
--- config
--- must_die
--- error_log
invalid parameter "30m"



=== a validity to push to Tencent
--- commerce
signed_url tencent push $TEST_NGINX_DIR/keys validity=30m;
--- config
--- must_die
--- error_log
"validity=30m" for "tencent push": such URLs end at the time in them



=== a validity with Volcengine
--- commerce
signed_url volcengine play $TEST_NGINX_DIR/keys validity=30m;
--- config
--- must_die
--- error_log
"validity=30m" for "volcengine play": such URLs end at the time in them
