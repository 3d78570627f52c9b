# Wrong values of the RTMP directives are told with the value; they are
# inherited from rtmp and server.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

sub application {
    my ($application, $server, $rtmp) = (@_, '', '');
    my $conf = live_conf(application => $application);

    $conf =~ s/commerce_publish key token;//;
    $conf =~ s/(listen \S+RTMP%%;)/$1 $server/;
    $conf =~ s/rtmp \{/rtmp { $rtmp/;

    return $conf;
}

my %wrong = (
    'commerce_publish password;'       => qr/\[emerg\].*invalid value "password"/,
    'commerce_publish off key;'        => qr/\[emerg\].*invalid value "off key" in "commerce_publish" directive/,
    'commerce_publish;'                => qr/invalid number of arguments in "commerce_publish"/,
    'commerce_publish key; commerce_publish token;' => qr/"commerce_publish" directive is duplicate/,
    'commerce_reconnect_window soon;'  => qr/\[emerg\].*invalid value "soon" in "commerce_reconnect_window" directive/,
    'commerce_reconnect_window -1;'    => qr/\[emerg\].*invalid value "-1"/,
    'commerce_reconnect_window 1s 2s;' => qr/invalid number of arguments/,
    'commerce_reconnect_window 1s; commerce_reconnect_window 2s;' => qr/is duplicate/,
    'commerce_publish_video soon;'     => qr/\[emerg\].*invalid value "soon"/,
    'commerce_publish_video 0;'        => qr/\[emerg\].*invalid value "0"/,
    'commerce_publish_video 5s deny;'  => qr/\[emerg\].*invalid value "deny"/,
    'commerce_publish_video off refuse;' => qr/\[emerg\].*invalid value "refuse"/,
    'commerce_publish_video 1s; commerce_publish_video off;' => qr/is duplicate/,
    'commerce_cue_point;'              => qr/invalid number of arguments in "commerce_cue_point"/,
    'commerce_cue_point onMetaData;'   => qr/\[emerg\].*invalid value "onMetaData" in "commerce_cue_point" directive/,
    'commerce_cue_point onCuePoint off;' => qr/\[emerg\].*invalid value "off"/,
    'commerce_cue_point onCuePoint onCuePoint;' => qr/\[emerg\].*invalid value "onCuePoint"/,
    'commerce_cue_point "";'           => qr/\[emerg\].*invalid value ""/,
    'commerce_cue_point ' . 'x' x 64 . ';' => qr/\[emerg\].*invalid value "x{64}"/,
    'commerce_cue_point off; commerce_cue_point onPin;' => qr/"commerce_cue_point" directive is duplicate/,
    'commerce_play maybe;'             => qr/\[emerg\].*invalid value "maybe" in "commerce_play" directive/,
    'commerce_play on; commerce_play on;' => qr/"commerce_play" directive is duplicate/,
    'commerce_dry_run maybe;'          => qr/\[emerg\].*invalid value "maybe" in "commerce_dry_run" directive/,
    'commerce_play on; commerce_tenant nobody;' => qr/\[emerg\].*"nobody"/,
    'commerce_publish key; commerce_tenant nobody;' => qr/\[emerg\].*"nobody"/,
    'commerce_tenant nobody;'          => qr/\[emerg\].*no "commerce" block "nobody"/,
    'commerce_tenant a; commerce_tenant b;' => qr/"commerce_tenant" directive is duplicate/,
    'commerce_publish key; commerce_tenant ../x;'   => qr/\[emerg\].*"\.\.\/x"/,
);

redis();

for my $directives (sort keys %wrong) {
    like(refused(application($directives)) // 'it starts', $wrong{$directives},
         $directives);
}

my $without = application('commerce_publish key token;');
$without =~ s/secret \S+;//;
like(refused($without) // 'it starts',
     qr/\[emerg\].* tokens are taken.*has no "secret" in \S+nginx.conf:\d+/,
     'tokens without a secret');

$without =~ s/key token/key/;
is(refused($without), undef, 'keys need none');

# a tenant that is missing is told with the line of what needs it

sub line_of {
    my ($conf, $what) = @_;

    my $text = refused($conf) // return 'it starts';
    my ($line) = $text =~ /\[emerg\].*no "commerce" block .*nginx\.conf:(\d+)/
        or return $text;

    # as it was written, with what nginx() puts before it

    my @lines = split /\n/, read_file(dir('refused') . '/nginx.conf');

    return $lines[$line - 1] =~ /\Q$what\E/ ? 'the line' : $lines[$line - 1];
}

my $nobody = application("\ncommerce_publish off;\ncommerce_tenant nobody;\n");
is(line_of($nobody, 'commerce_tenant nobody'), 'the line', 'commerce_tenant');

my $named = application('', "\ncommerce_publish key;\n");
$named =~ s/^commerce \{/commerce east {/m;
is(line_of($named, 'commerce_publish key'), 'the line', 'commerce_publish');

$named =~ s/(application live \{)/$1 commerce_tenant east;/;
is(refused($named), undef, 'a server without applications of its own needs none');

host('h1');
room('demo', key => sha('k'));

my $right = application('', 'commerce_publish key;',
                        'commerce_publish token; commerce_reconnect_window 0s;');
my $nginx = nginx($right, log => 'notice');

like(attempt('demo?key=k'), qr/^Start/, 'of server and rtmp the server counts');
is(attempt('demo?token=' . token('demo', 'h1', 60)),
   'Unauthorized proof_missing', 'not both');

ok(wait_for(3, sub { !redis()->call('GET', 'commerce:{demo}:live') }), 'it ends');
like(attempt('demo?key=k'), qr/^Start/, 'again');
is(record_of('demo')->{show}, 2, 'without a window each time is a show');

# a reload that lacks the secret is refused, and nothing else happens

my $no_secret = qr/\[emerg\] .*tokens are taken/;
my $master = $nginx->pid;

$nginx->conf($without =~ s/commerce_publish key/commerce_publish token/r);
allow_fault($no_secret);
kill 'HUP', $master;
ok(wait_for(5, sub { log_text() =~ $no_secret }), 'the reload is refused');
$nginx->conf($right);
ok($nginx->reload, 'another one is not');
is($nginx->pid, $master, 'by the same master');

finish();
