# A host may publish by a URL that is signed as a cloud does it.  What signs it
# is for nobody else: neither for the hooks of others nor for a log.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex);
use Test::More;

use constant { MAIN => 'e12c46f2612d5106e2034781ab261ca3', BACKUP => 'b4ckup',
               PLAY => 'aliyuncdnexp1234', VOLC => 'A1B2C3d4e5f6' };

write_file(dir() . '/tencent', MAIN . "\n" . BACKUP . "\n");
write_file(dir() . '/play', PLAY . "\n");
write_file(dir() . '/volcengine', VOLC . "\n");
chmod 0644, map { dir() . "/$_" } qw(tencent play volcengine);

redis();
host('h1');
host('h2');
room($_) for qw(demo demo2 test livestream);

my $nginx = live(proofs => 'url', log => 'info', workers => 1,
                 application => 'access_log %%DIR%%/rtmp.log;',
                 commerce => <<'COMMERCE');
    signed_url tencent    push %%DIR%%/tencent;
    signed_url tencent    play %%DIR%%/play;
    signed_url aliyun     push %%DIR%%/tencent validity=1m;
    signed_url volcengine push %%DIR%%/volcengine;
COMMERCE

my @secrets = (MAIN, BACKUP, PLAY, VOLC);

sub tencent {
    my ($room, $time, %with) = (@_);
    my $hash = $with{hash} || \&md5_hex;
    my $secret = $hash->(($with{key} || MAIN) . $room . $time);

    push @secrets, $secret;

    return ("txSecret=$secret", "txTime=$time");
}

sub aliyun {
    my ($path, $time, $key) = (@_, MAIN);
    my $hash = md5_hex("$path-$time-0-0-$key");

    push @secrets, $hash;

    return "auth_key=$time-0-0-$hash";
}

sub volcengine {
    my ($path, $time) = @_;
    my $hash = md5_hex($path . VOLC . $time);

    push @secrets, $hash;

    return ("volcTime=$time", "volcSecret=$hash");
}

sub attempt_by {
    my ($app, $name, %options) = @_;
    my $rtmp = Commerce::RTMP->new(port => port('RTMP'), app => $app,
                                   %options);

    $rtmp->publish($name);

    my $said = said($rtmp->status(5));
    $rtmp->leave;

    return $said;
}

sub url { return shift . '?' . join '&', @_ }

my $soon = time + 600;
my $hex = sprintf '%08X', $soon;

my %good = (
    'Tencent'               => [tencent('demo', $hex)],
    'Tencent, lower case'   => [tencent('demo', lc $hex)],
    'Tencent, decimal'      => [tencent('demo', $soon)],
    'Tencent, SHA-256'      => [tencent('demo', $hex, hash => \&sha256_hex)],
    'Tencent, backup key'   => [tencent('demo', $hex, key => BACKUP)],
    'Tencent, the other way round' => [reverse tencent('demo', $hex)],
    'Aliyun'                => [aliyun('/live/demo', $soon)],
    'Aliyun, by its validity' => [aliyun('/live/demo', time - 5)],
    'Volcengine'            => [volcengine('/live/demo', $soon)],
);

for my $what (sort keys %good) {
    like(attempt(url('demo', @{$good{$what}})), qr/^Start/, $what);
}

my ($secret, $time) = tencent('demo', $hex);

my %bad = (
    'a room without a URL'      => ['demo', 'proof_missing'],
    'other arguments'           => ['demo?x=1', 'proof_missing'],
    'no secret'                 => ["demo?$time", 'proof_wrong'],
    'no time'                   => ["demo?$secret", 'proof_wrong'],
    'cut'                       => ['demo?' . substr($secret, 0, -1)
                                    . "&$time", 'proof_wrong'],
    'longer'                    => ["demo?${secret}0&$time", 'proof_wrong'],
    'in upper case'             => ['demo?' . uc($secret) =~ s/^TXSECRET/txSecret/r
                                    . "&$time", 'proof_wrong'],
    'percent-encoded'           => ["demo?$secret&txTime=%" . unpack('H2', $hex)
                                    . substr($hex, 1), 'proof_wrong'],
    'the secret twice'          => ["demo?$secret&$time&$secret", 'proof_wrong'],
    'the time twice'            => ["demo?$time&$secret&$time", 'proof_wrong'],
    'another room'              => ["demo2?$secret&$time", 'proof_wrong'],
    'until another time'        => ["demo?$secret&txTime="
                                    . sprintf('%08X', $soon + 1), 'proof_wrong'],
    'expired'                   => [url('demo', tencent('demo', time - 1)),
                                    'proof_expired'],
    'expired, Aliyun'           => [url('demo', aliyun('/live/demo', time - 61)),
                                    'proof_expired'],
    'expired, Volcengine'       => [url('demo',
                                        volcengine('/live/demo', time - 1)),
                                    'proof_expired'],
    'of another application, Aliyun' =>
        [url('demo', aliyun('/other/demo', $soon)), 'proof_wrong'],
    'of another application, Volcengine' =>
        [url('demo', volcengine('/other/demo', $soon)), 'proof_wrong'],
    'of a playlist'             => [url('demo', aliyun('/live/demo.m3u8', $soon)),
                                    'proof_wrong'],
    'to play'                   => [url('demo', tencent('demo', $hex,
                                                        key => PLAY)),
                                    'proof_other_action'],
    "Tencent's documentation"   => ['test?txSecret='
        . 'f85a2ab363fe4deaffef9754d79da6fe&txTime=5C271099', 'proof_expired'],
    "Volcengine's documentation" => ['livestream?volcTime=1653632422&volcSecret='
        . 'e5bb77201cbaa2f9ccdd316fcda4c212', 'proof_expired'],
    'a room that is not known'  => [url('no-such-room',
                                        tencent('no-such-room', $hex)),
                                    'room_unknown'],
);

for my $what (sort keys %bad) {
    my ($name, $reason) = @{$bad{$what}};

    is(attempt($name), "Unauthorized $reason", $what);
}

is(attempt("demo?$secret\0&$time"), 'BadName bad_name', 'a NUL');

# wherever the encoder put it

like(attempt_by("live?$secret&$time", 'demo'), qr/^Start/,
     'arguments of the application');
like(attempt_by('live', 'demo', tcUrl => "rtmp://h/live?$secret&$time"),
     qr/^Start/, "of the server's URL");
like(attempt_by("live?$secret&$time", 'demo',
                tcUrl => "rtmp://h/live?$secret&$time"),
     qr/^Start/, 'of both, as encoders send them');
like(attempt(" demo?$secret&$time \r\n"), qr/^Start/,
     'what was pasted with blanks');

# who came by one stays while the room is his

my $until = time + 2;
my $rtmp = Commerce::RTMP->new(port => port('RTMP'));
$rtmp->publish(url('demo', volcengine('/live/demo', $until), 'x=1'));
like(said($rtmp->status(5)), qr/^Start/, 'he is live');
wait_for(5, sub { time > $until });

room('demo', key => sha('another'));
is(said($rtmp->status(1)), 'nothing', 'when it expires, or the key is new');

room('demo', host => 'h2');
is(said($rtmp->status(5)), 'Unauthorized proof_wrong',
   'the room is given to another host: he is cut');

ok($rtmp->closed(4), 'and closed');
$rtmp->leave;

ok(wait_for(5, sub { read_file(dir() . '/rtmp.log')
                         =~ /PUBLISH "live" "demo" "x=1"/ }),
   'other arguments are left');

$nginx->term;

my $log = log_text();
my $told = read_file(dir() . '/rtmp.log');

like($log, qr/room "no-such-room" was refused: room_unknown/,
     'the name of a room that a URL was signed for is logged');

is_deeply([grep { $log =~ /\Q$_\E/ || $told =~ /\Q$_\E/ } @secrets], [],
          'no log has what signed one, or a key');

# whoever takes them has to say whose

my $none = qr/\[emerg\].*signed URLs are taken.*no "signed_url .*nginx.conf:\d+/;
my $play = 'signed_url aliyun play %%DIR%%/play;';

like(refused(live_conf(proofs => 'url')) // 'it starts', $none,
     'URLs of no cloud');
like(refused(live_conf(proofs => 'url', commerce => $play)) // 'it starts',
     $none, 'URLs to play');
is(refused(live_conf(proofs => 'url', commerce => $play =~ s/play/push/r)),
   undef, 'URLs to push');

finish();
