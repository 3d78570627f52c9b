# The encoder pins: a data message of the stream becomes a cue at the frame that
# it comes with, as one of the API would.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Commerce::Records qw(shelve);
use Test::More;
use Time::HiRes qw(sleep time);

my $redis = redis(append => 1);

host('h1');
room($_, key => sha('k')) for qw(demo other plain file);
product('tea', link => 'https://shop.example.com/tea');
product('lamp');
product('down', state => 'down');
product('stray');
shelve($redis, $_, qw(tea lamp down gone)) for qw(demo other plain file);

my $hls = dir('hls');
my $conf = live_conf(application => 'commerce_cue_point onCuePoint onPin onTextData;',
                     server => <<"SERVER");
        location ~ "^/cues/(?<room>[a-z]+)/index.m3u8\$" {
            alias               $hls/\$room/index.m3u8;
            commerce_room       \$room;
            commerce_hls        on;
            commerce_hls_clock  name;
        }
SERVER
$conf =~ s/(application live)/application plain {
            live on;
            commerce_publish key;
        }

        $1/;
my $nginx = nginx($conf, log => 'notice', workers => 1);
my $file = flv(4);

sub go_live {
    my ($room, %options) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'), %options);

    $rtmp->publish("$room?key=k");
    like(said($rtmp->status(5)), qr/^Start/, "$room is live");

    return $rtmp;
}

sub cues {
    my $room = shift;

    return map { +{ id => $_->[0], @{$_->[1]} } }
           @{$redis->call('XRANGE', "commerce:{$room}:cues", '-', '+')};
}

sub pinned { join ' ', map { $_->{product} // '-' } cues($_[0]) }

sub have {
    my ($room, $products) = @_;

    ok(wait_for(5, sub { pinned($room) eq $products }), "pinned: $products")
        or diag(pinned($room));
}

sub near {
    my ($got, $wanted, $what) = @_;
    my $within = patience(50);

    cmp_ok(abs($got - $wanted), '<=', $within, "$what: " . ($got - $wanted));
}

sub ms {
    my ($date) = @_;
    my ($time, $ms) = $date =~ /T(\d\d:\d\d:\d\d)\.(\d{3})Z/ or return 0;
    my ($h, $m, $s) = split /:/, $time;

    return (($h * 60 + $m) * 60 + $s) * 1000 + $ms;
}


# All forms that say which product, each at its own time.  What is pinned for
# less than a second stands in no playlist.

my $rtmp = go_live('demo');
my $base = 90_000;
my $zero;

my $began = 1000 * $rtmp->send_live($file, 3900, add => $base, at => {
    1000 => sub {
        $rtmp->script($base + 1000, 'onCuePoint',
                      { name => 'sale', type => 'event', time => \1,
                        parameters => { product => 'tea', more => 'x' } });
    },
    2200 => sub {
        $rtmp->script($base + 2200, '@setDataFrame', 'onCuePoint',
                      { name => 'sale', product => 'lamp' });
    },
    2500 => sub { $rtmp->script($base + 2500, 'onPin', { product => '' }) },
    2800 => sub { $rtmp->script($base + 2800, 'onPin', { name => 'tea' }) },
    3200 => sub { $rtmp->script($base + 3200, 'onPin', 'lamp') },
    3600 => sub {
        $rtmp->script($base + 3600, 'onTextData', { type => 'Text', text => '' });
    },
});

have('demo', 'tea lamp - tea lamp -');

my @cues = cues('demo');
my @at = (1000, 2200, 2500, 2800, 3200, 3600);

near($cues[$_]{at}, $began + $at[$_], "a cue at $at[$_] ms") for 0 .. $#at;

is_deeply([@{$cues[0]}{qw(title price currency link version show)}],
          ['Product tea', 100, 'EUR', 'https://shop.example.com/tea', 1, 1],
          'with the card of the product');

# in the playlist of the same nginx it begins at the frame

my ($text, $date);

ok(wait_for(10, sub {
    $text = http('GET', '/cues/demo/index.m3u8')->{content};
    ($date) = $text =~ /DATERANGE:.*START-DATE="([^"]+)".*PRODUCT="tea"/;
}), 'a playlist has it');

my ($segment) = $text =~ /^#EXT-X-PROGRAM-DATE-TIME:(\S+)/m;

near(ms($date), ms($segment) + 1000 - 23, 'where it is at its frame');

# and the audit has it, as what the API does

my ($first, $second) = events('pinned', 4);
is_deeply([@$first{qw(room host show product cue begins actor client)}],
          ['demo', 'h1', 1, 'tea', $cues[0]{id}, $cues[0]{at}, 'h1',
           '127.0.0.1'], 'an event says so');
is($second->{product}, 'lamp', 'and one of the next');
is((events('unpinned', 2))[0]{cue}, $cues[2]{id}, 'one that nothing is');

# what says a time that isn't the stream's is of now

my $now = 1000 * time;
$rtmp->script(0, 'onPin', 'tea');
have('demo', 'tea lamp - tea lamp - tea');
near((cues('demo'))[-1]{at}, $now, 'a message without a time');


# What is wrong is said once of each reason, and nothing else happens.

my $text_of = qr/a cue of the encoder of room "demo" is not taken: /;

for my $wrong (['product_missing', {}], ['product_missing', { name => '' }],
               ['product_missing', { product => 'a b' }],
               ['product_missing', { product => 'x' x 500 }],
               ['product_missing', { product => \7 }],
               ['product_missing', { parameters => { other => 'tea' } }],
               ['product_unknown', 'gone'], ['product_not_approved', 'down'],
               ['product_not_on_shelf', 'stray'],
               ['product_not_on_shelf', { product => 'stray' }])
{
    my ($reason, $value) = @$wrong;

    $rtmp->script(0, 'onPin', $value);
    ok(wait_for(5, sub { log_text() =~ /$text_of$reason/ }), $reason);
}

# without a value; of metadata; of a name that is not configured

$rtmp->script(0, 'onPin');
$rtmp->script(0, 'onFI', { product => 'tea', text => 'tea' });
$rtmp->data('onMetaData', { encoder => 'me', product => 'tea' });
$rtmp->script(0, '@setDataFrame');
$rtmp->message(4, 18, 0, "\x02\xff\xffonPin", 1);

$rtmp->leave;
ok(wait_for(5, sub { !$redis->call('GET', 'commerce:{demo}:live') }),
   'the session has gone on until now');
is(pinned('demo'), 'tea lamp - tea lamp - tea', 'nothing else was pinned');

my $log = log_text();
is(scalar(() = $log =~ /$text_of/g), 4, 'each reason is told once');
like($log, qr/\[warn\].*not taken: product_not_on_shelf, product "stray"/,
     'with the product');


# Too many: five a second, as of the API.

$rtmp = go_live('other');
$rtmp->send_live($file, 200);
$rtmp->script(200, 'onPin', $_ % 2 ? 'tea' : 'lamp') for 1 .. 30;
ok(wait_for(5, sub {
    log_text() =~ /room "other" is not taken: too_many_pins/
}), 'more than that are refused');
have('other', 'tea lamp tea lamp tea');
sleep 1.1;
$rtmp->script(1300, 'onPin', 'lamp');
have('other', 'tea lamp tea lamp tea lamp');
$rtmp->leave;


# With Redis away there is no cue, and the stream goes on.

$rtmp = go_live('other');
$redis->stop;
ok(wait_for(10, sub {
    $rtmp->script(0, 'onPin', 'tea');
    return log_text() =~ /room "other" is not taken: store_away, product "tea"/;
}), 'with Redis away none is taken');
$redis->run;
have('other', 'tea lamp tea lamp tea lamp');
$rtmp->leave;
ok(wait_for(10, sub { !$redis->call('GET', 'commerce:{other}:live') }),
   'and the stream went on');


# Nothing is taken before the answer, nor where the directive isn't.

my $eager = Commerce::RTMP->new(port => port('RTMP'));
$eager->publish('plain?key=wrong');
$eager->script(0, 'onPin', 'tea');
like(said($eager->status(5)), qr/proof_wrong$/, 'who is refused');
ok($eager->closed(5), 'is gone');
is(pinned('plain'), '', 'and has pinned nothing');

$rtmp = go_live('plain', app => 'plain');
$rtmp->script(0, 'onPin', 'tea');
$rtmp->script(0, 'onCuePoint', { product => 'tea' });
$rtmp->send_live($file, 300);
is(pinned('plain'), '', 'off is the default');
$rtmp->leave;


# A real encoder sends subtitles as such messages: ffmpeg, by onTextData.

write_file(dir() . '/cues.srt', <<"SRT");
1
00:00:01,000 --> 00:00:01,500
tea

2
00:00:02,000 --> 00:00:02,500
\x20

3
00:00:03,000 --> 00:00:03,500
lamp

SRT

my $ffmpeg = publish(url => rtmp_url('live', 'file?key=k'), seconds => 5,
                     input => ['-re', '-f', 'lavfi', '-i',
                               'testsrc2=size=160x90:rate=25', '-re', '-i',
                               dir() . '/cues.srt'],
                     output => ['-map', '0', '-map', '1', '-c:v', 'libx264',
                                '-preset', 'ultrafast', '-tune', 'zerolatency',
                                '-g', '25', '-c:s', 'text',
                                '-max_interleave_delta', '1']);

have('file', 'tea - lamp');

my $period = [split ' ', $redis->call('ZRANGE', 'commerce:{file}:periods', 0,
                                      0)->[0] // ''];

my $at = 1000;

for my $cue (cues('file')) {
    near($cue->{at}, $period->[3] + $at, "ffmpeg's cue at $at ms");
    $at += 1000;
}

diag($ffmpeg->log) if pinned('file') ne 'tea - lamp';
$ffmpeg->stop;

finish();
