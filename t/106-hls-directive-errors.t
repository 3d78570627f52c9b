# Wrong values are refused with the place and the value.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== commerce_hls is on or off
--- config
    commerce_hls maybe;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "maybe" in "commerce_hls" directive, it must be "on", "dates" or "off" in .*:\d+/



=== commerce_hls once
--- config
    commerce_hls on;
    commerce_hls off;
--- must_die
--- error_log
"commerce_hls" directive is duplicate



=== commerce_hls_clock
--- config
    commerce_hls_clock sundial;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "sundial" in "commerce_hls_clock" directive in .*:\d+/



=== commerce_hls_delta is on or off
--- config
    commerce_hls_delta sometimes;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "sometimes" in "commerce_hls_delta" directive.* in .*:\d+/



=== commerce_hls_clip is on or off
--- config
    commerce_hls_clip 30s;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "30s" in "commerce_hls_clip" directive.* in .*:\d+/



=== commerce_hls_attributes
--- config
    commerce_hls_attributes product colour;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "colour" of "commerce_hls_attributes" directive in .*:\d+/



=== commerce_hls_attributes, a field twice
--- config
    commerce_hls_attributes title title;
--- must_die
--- error_log
duplicate value "title" of "commerce_hls_attributes" directive



=== commerce_hls_attributes once
--- config
    commerce_hls_attributes title;
    commerce_hls_attributes price;
--- must_die
--- error_log
"commerce_hls_attributes" directive is duplicate



=== commerce_hls_max_size
--- config
    commerce_hls_max_size huge;
--- must_die
--- error_log eval
qr/\[emerg\] .*"commerce_hls_max_size" directive invalid value in .*:\d+/



=== commerce_hls_token, and nothing to sign sessions with
--- config
    commerce_hls_token on;
--- must_die
--- error_log eval
qr/\[emerg\] .*tokens are taken, but commerce "default" has no "secret" in .*:\d+/



=== commerce_hls_token_hosts
--- config
    commerce_hls_token_hosts cdn.example.com/live;
--- must_die
--- error_log
invalid host name "cdn.example.com/live" in "commerce_hls_token_hosts"
