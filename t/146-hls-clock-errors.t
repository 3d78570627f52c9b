# Wrong values of clocks are refused with the place and the value.

use lib 't/lib';
use Commerce::Test;

run_tests();

__DATA__

=== a unit that is none
--- config
    commerce_hls_clock name minutes;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid unit "minutes" in "commerce_hls_clock" directive in .*:\d+/



=== a unit where there is nothing to count
--- config
    commerce_hls_clock rtmp ms;
--- must_die
--- error_log
invalid unit "ms" in "commerce_hls_clock" directive



=== an expression without the time
--- config
    commerce_hls_clock ~(?<when>\d+) s;
--- must_die
--- error_log eval
qr/\[emerg\] .*no capture "\?<time>" in "~\(\?<when>\\d\+\)" in .*:\d+/



=== an expression that is none
--- config
    commerce_hls_clock ~(?<time>\d+;
--- must_die
--- error_log eval
qr/\[emerg\] .*(?:missing|unmatched|closing).* in .*:\d+/i



=== a clock once
--- config
    commerce_hls_clock file;
    commerce_hls_clock file;
--- must_die
--- error_log
"commerce_hls_clock" directive is duplicate



=== an offset that is no time
--- config
    commerce_hls_offset soon;
--- must_die
--- error_log eval
qr/\[emerg\] .*invalid value "soon" in "commerce_hls_offset" directive in .*:\d+/



=== an offset of days
--- config
    commerce_hls_offset -2d;
--- must_die
--- error_log
invalid value "-2d" in "commerce_hls_offset" directive



=== an offset once
--- config
    commerce_hls_offset 1s;
    commerce_hls_offset 2s;
--- must_die
--- error_log
"commerce_hls_offset" directive is duplicate



=== commerce_hls once, of whatever kind
--- config
    commerce_hls dates;
    commerce_hls off;
--- must_die
--- error_log
"commerce_hls" directive is duplicate
