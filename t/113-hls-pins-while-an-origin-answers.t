# A pin that is told while an origin takes its time, as it does for a blocking
# playlist reload, is in that playlist already.

use strict;
use warnings;
use lib 't/lib';

use Commerce::HLS;
use Commerce::Scenario;
use Test::More;

write_file(dir('root') . '/live/demo/index.m3u8', dated(3));

redis();
room('demo');
pin('demo', 1000, 'p-1');

hls(<<'CONF');
    server {
        listen %%PORT_ORIGIN%%;
        root   %%DIR%%/root;

        location /slow/ {
            alias       %%DIR%%/root/live/;
            limit_rate  50;
        }
    }

    server {
        listen %%HTTP%%;
        commerce_room  demo;
        commerce_hls   on;

        location / { proxy_pass http://127.0.0.1:%%PORT_ORIGIN%%; }
    }
CONF

my $fast = '/live/demo/index.m3u8';

ok(cued($fast, 'p-1'), 'a pin');

my $curl = run('curl', 'curl', '-sS', 'http://127.0.0.1:' . port('HTTP')
                                      . '/slow/demo/index.m3u8');

sleep 1;
pin('demo', 6000, 'p-2');
ok(cued($fast, 'p-1 p-2'), 'another one');
ok($curl->running, 'while a playlist is on its way');
ok(wait_for(30, sub { !$curl->running }), 'that comes after it');
is(cues($curl->log), 'p-1 p-2', 'and has both');

finish();
