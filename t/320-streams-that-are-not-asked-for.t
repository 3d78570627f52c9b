# Where commerce_publish is off, and for streams that nginx-rtmp fetches
# itself, all is as without the module.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

redis();

my $conf = live_conf(application =>
    'pull rtmp://127.0.0.1:%%RTMP%%/open/source name=fetched static;');
my $hls = dir('open');
$conf =~ s/(application live)/application open {
            live on;
            hls on;
            hls_path $hls;
            access_log %%DIR%%\/open.log;
        }

        $1/;
my $nginx = nginx($conf, log => 'notice', workers => 1);

my $ffmpeg = publish(url => rtmp_url('open', 'source?key=k&x=1'));

ok(wait_for(10, sub { glob "$hls/source-*.ts" }), 'any name may be published');
ok(segments_after('fetched', 2), 'what is pulled is written');
is(attempt('source'), 'Unauthorized room_unknown', 'but not what comes of itself');

$ffmpeg->stop;
ok(wait_for(5, sub { read_file(dir() . '/open.log') =~ /"source" "key=k&x=1"/ }),
   'arguments are left alone');

is(scalar(my @started = events('publish_started')), 0, 'no event tells of them');

$nginx->term;
finish();
