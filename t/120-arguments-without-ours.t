# $commerce_args, $commerce_is_args: a request's arguments without those that are a viewer's own.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;

hls(<<'CONF');
    server {
        listen %%HTTP%%;

        location / { return 200 "[$commerce_args]"; }
        location /is/ { return 200 "$uri$commerce_is_args$commerce_args"; }
        location /rewritten { rewrite ^ /x?c=d&viewer=e&f=$arg_f?; }
    }
CONF

my @cases = (
    '' => '',
    '?' => '',
    '?viewer=t' => '',
    '?viewer=' => '',
    '?viewer' => 'viewer',
    '?a=b' => 'a=b',
    '?b=2&a=1&b=%32&c' => 'b=2&a=1&b=%32&c',
    '?viewer=t&a=b' => 'a=b',
    '?a=b&viewer=t' => 'a=b',
    '?a=b&VIEWER=t&c=d&viewer=u' => 'a=b&c=d',
    '?viewers=t&aviewer=t' => 'viewers=t&aviewer=t',
    '?a=viewer=t' => 'a=viewer=t',
    '?txSecret=f85a&txTime=5C271099&a=b' => 'a=b',
    '?auth_key=1-0-0-aa&_HLS_msn=7&_HLS_part=1' => '_HLS_msn=7&_HLS_part=1',
    '?volcTime=1&volcSecret=2' => '',
    '?&&' => '&&',
    '?a&&viewer=t&' => 'a&&',
);

while (my ($args, $wanted) = splice @cases, 0, 2) {
    is(get("/$args")->{content}, "[$wanted]", "$args: $wanted");
}

is(get('/rewritten?f=g&viewer=t')->{content}, '[c=d&f=g]',
   'those that a rewrite made');

is(get('/is/x?viewer=t')->{content}, '/is/x', 'no question without any');
is(get('/is/x?viewer=t&a=b')->{content}, '/is/x?a=b', '... but with some');

finish();
