# A code opens a room for as many as it may, each of whom counts once; what is
# wrong with one that does not is not told, and only who guesses wrong is
# bounded.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(root);
use Commerce::Scenario;
use Commerce::Viewers qw(SECRET viewer_token);
use JSON::PP qw(decode_json encode_json);
use Test::More;
use Time::HiRes qw(time);

my $redis = redis();
my $dir = dir();

host('h1');
room('shut', visibility => 'unlisted');
room('fans', visibility => 'followers');
room('soon', visibility => 'unlisted', state => 'scheduled');
room('demo', visibility => 'unlisted');
room('open');

write_file("$dir/secret", SECRET . "\n");
chmod 0644, "$dir/secret";

my $nginx = nginx(<<'CONF', modules => 'http', log => 'debug');
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
    secret  %%DIR%%/secret;
}
events { }
http {
    log_format  all '$request $status $commerce_reason';
    access_log  %%DIR%%/access.log all;

    server {
        listen 127.0.0.1:%%HTTP%%;

        location /api/ { commerce_api; }
        location ~ ^/enter/(?<room>[^/]+)$ {
            commerce_room $room;
            commerce_enter;
        }
    }
}
CONF

my (%from, @codes);

sub enter {
    my ($room, $body, %headers) = @_;

    return http('POST', "/enter/$room", body => encode_json($body), %from,
                headers => { 'Content-Type' => 'application/json', %headers });
}

sub answer { decode_json($_[0]{content}) }

sub outcome { $_[0]{status} . ' ' . (answer($_[0])->{reason} // 'in') }

sub code {
    my ($room, %fields) = @_;
    my $answer = http('POST', "/api/rooms/$room/codes",
                      body => encode_json({ until => int(time + 3600) * 1000,
                                            %fields }),
                      headers => { 'Content-Type' => 'application/json' });
    my $code = answer($answer);

    push @codes, $code->{code};

    return $code;
}

sub used {
    my ($room, $id) = @_;

    return (map { $_->{used} } grep { $_->{id} eq $id }
            @{answer(http('GET', "/api/rooms/$room/codes"))->{codes}})[0];
}

sub id { sprintf 'the-id-of-number-%04d', $_[0] }

# as the README has one made

my ($made) = read_file(root() . '/README.md')
             =~ m{^(    until=.*\n    curl(?:.*\\\n)+.*)}m;

$made =~ s{localhost}{'http://127.0.0.1:' . port('HTTP')}e;
$made = decode_json(`$made 2>/dev/null`);
push @codes, $made->{code};
is(outcome(enter('demo', { code => $made->{code} })), '200 in',
   'a code of the README');

# ways to type it

my $many = code('shut', label => 'friends');
my $code = $many->{code};

is(outcome(enter('shut', { code => $code })), '200 in', 'a code');
is(outcome(enter('shut', { code => lc($code) =~ s/-//r })), '200 in',
   '... in lower case, without the hyphen');
is(outcome(enter('shut', { code => $code =~ tr/01/OI/r })), '200 in',
   '... with O and I');
is(http('POST', '/enter/shut', body => 'code=' . $code =~ s/-/+/r,
        headers => { 'Content-Type' => 'application/x-www-form-urlencoded' })
   ->{status}, 200, '... as a form');
is(used('shut', $many->{id}), 4, 'nobody knows that they are one');

# what it gives

my $in = enter('shut', { code => $code, id => id(1) });
my $token = answer($in)->{token};

like($token, qr/^s\.\d+\.\d+\.~[\w-]{22}\./, 'a session of somebody');
like($in->{headers}{'set-cookie'}, qr/^commerce-shut=\Q$token\E; /,
     '... as a cookie');
is(outcome(enter('shut', {}, Cookie => "commerce-shut=$token")), '200 in',
   '... which lets him in without the code');
is(answer(enter('shut', { code => $code },
                Authorization => 'Bearer ' .
                                 viewer_token('*', 'u42', kind => 'i')))
   ->{viewer}, 'u42', 'who has a name enters under it');
is(answer(enter('soon', { code => code('soon')->{code} }))->{state},
   'scheduled', 'one may come before the show');
is(outcome(enter('fans', { code => code('fans')->{code} })), '200 in',
   'also to where followers are');
is(outcome(enter('open', { code => 'any' })), '200 in',
   'where all may enter, no code is asked for');

# each counts once

my $few = code('shut', uses => 3);

is(outcome(enter('shut', { code => $few->{code}, id => id($_ / 3) })),
   '200 in', 'entry ' . ($_ + 1)) for 0 .. 8;
is(used('shut', $few->{id}), 3, 'three, three times each');
is(outcome(enter('shut', { code => $few->{code}, id => id(3) })),
   '403 code_wrong', 'the fourth does not get in');
is(outcome(enter('shut', { code => $few->{code}, id => id(2) })), '200 in',
   '... the third again does');

my $one = code('shut', uses => 1);
my @bearer = (Authorization => 'Bearer ' .
                               viewer_token('*', 'u7', kind => 'i'));

is(outcome(enter('shut', { code => $one->{code}, id => id($_) }, @bearer)),
   '200 in', 'one with a name is the same with whatever id') for 1, 2;
is(used('shut', $one->{id}), 1, '... and counts once');
is(outcome(enter('soon', { code => $one->{code}, id => id(1) }, @bearer)),
   '403 code_wrong', "another room's");

# a crowd, all at once

my $crowd = code('shut', uses => 20);
my @clients = map {
    my $n = $_;
    my @requests = map {
        ('-sS', '-o', '/dev/null', '-w', '%{http_code}\n',
         '-H', 'Content-Type: application/json', '-d',
         encode_json({ code => $crowd->{code}, id => id($n * 10 + $_) }),
         'http://127.0.0.1:' . port('HTTP') . '/enter/shut', '--next')
    } 0 .. 9;

    pop @requests;
    run("client$n", 'curl', @requests);
} 0 .. 3;

ok(wait_for(20, sub { !grep { $_->running } @clients }), 'a crowd has come');

my %status;

$status{$_}++ for map { split /\n/, $_->log } @clients;
is($status{200}, 20, 'as many as may are in');
is(used('shut', $crowd->{id}), 20, '... and counted');

# what is wrong is not told

$redis->call('HSET', 'commerce:{shut}:codes', "$many->{id}:until",
             int(time * 1000) - 1);

my $withdrawn = code('shut');

http('DELETE', "/api/rooms/shut/codes/$withdrawn->{id}");

%from = (from => '127.0.0.2');

my %wrong = map {
    my ($why, $room, $code) = @$_;
    my $answer = enter($room, { code => $code });

    delete @{$answer->{headers}}{qw(date content-length)};
    ($why => encode_json([@$answer{qw(status content)},
                          map { "$_: $answer->{headers}{$_}" }
                          sort keys %{$answer->{headers}}]))
} ['unknown', 'shut', 'AAAAA-AAAAA'], ['no code', 'shut', "\0\n{}"],
  ['expired', 'shut', $many->{code}], ['used up', 'shut', $few->{code}],
  ['withdrawn', 'shut', $withdrawn->{code}], ['no room', 'none', 'AAAAA-AAAAA'];

is($wrong{$_}, $wrong{unknown}, "$_: the same") for sort keys %wrong;
like($wrong{unknown}, qr/403.*code_wrong/, '... code_wrong');

# who entered by a code that is withdrawn stays

is(outcome(enter('shut', {}, Cookie => "commerce-shut=$token")), '200 in',
   'who is in stays in');

# an address that guesses on

my %outcomes;
my $last;

for (1 .. 40) {
    $last = enter('shut', { code => sprintf 'GUESS-%05d', $_ });
    $outcomes{outcome($last)}++;
}

cmp_ok($outcomes{'403 code_wrong'}, '>=', 13, 'an address may guess');
cmp_ok($outcomes{'403 code_wrong'}, '<', 30, '... not for ever');
is($outcomes{'429 too_many_guesses'} + $outcomes{'403 code_wrong'}, 40,
   '... then it is told so');
like($last->{headers}{'retry-after'}, qr/^[1-3]$/, '... and until when');

my $right = code('shut');

is(outcome(enter('shut', { code => $right->{code} })), '200 in',
   'a code that is right lets in all the same');

%from = (from => '127.0.0.3');
is(outcome(enter('shut', { code => 'GUESS-00000' })), '403 code_wrong',
   'another address is not concerned');

# who is out

$redis->call('HSET', 'commerce:{shut}:out', 'b:u9', 0, 's:u8',
             int(time * 1000) - 1000, 'version', 1);
$redis->call('PUBLISH', 'commerce:changed:out:{shut}', 1);

my %bearer = map {
    ($_ => ['Authorization', 'Bearer ' .
            viewer_token('*', $_, kind => 'i',
                         issued => int(time * 1000) - 60000)])
} 'u8', 'u9';

ok(wait_for(5, sub {
    !grep { outcome(enter('shut', { code => $right->{code} },
                          @{$bearer{u9}})) ne '403 viewer_banned' } 1 .. 8
}), 'who is banned does not enter by a code');

my $nobody = enter('shut', { code => $right->{code} }, @{$bearer{u8}});

like($nobody->{content}, qr{"viewer":"~},
     'who is signed out does, but not under his name');

room('shut', visibility => 'unlisted', state => 'banned', version => 9);
ok(wait_for(5, sub {
    !grep { outcome(enter('shut', { code => $right->{code} }))
            ne '403 room_banned' } 1 .. 8
}), 'nobody enters a banned room');
room('shut', visibility => 'unlisted', state => 'open', version => 10);

# another secret signs, this one verifies

write_file("$dir/secret", "a secret that came later\n" . SECRET . "\n");
$nginx->reload;
is(outcome(enter('shut', { code => $right->{code} })), '200 in',
   'a code outlives the secret that signs');
write_file("$dir/secret", "a secret that came later\n");
$nginx->reload;
is(outcome(enter('shut', { code => $right->{code} })), '403 code_wrong',
   '... but not the one it was made with');

# Redis has something else there; stalls; is away

$redis->call('SET', 'commerce:{typed}:codes', 'x');
is(outcome(enter('typed', { code => $right->{code} })), '503 store_away',
   'a key of another type');
like(log_text(), qr/\[error\].*commerce_enter: Redis refused: "WRONGTYPE/,
     '... which the log tells');

$redis->stall;

my $leaves = run('leaves', 'curl', '-sS', '--max-time', '0.3', '-d', 'code=x',
                 'http://127.0.0.1:' . port('HTTP') . '/enter/shut');

ok(wait_for(10, sub { !$leaves->running }), 'one leaves while Redis stalls');
is(outcome(enter('shut', { code => 'x' })), '503 store_away',
   '... another one waits, and is told so');
$redis->resume;
ok(wait_for(10, sub {
    outcome(enter('shut', { code => $right->{code} })) eq '403 code_wrong'
}), '... and then it is as before');


$redis->stop;
is(outcome(enter('shut', { code => $right->{code} })), '503 store_away',
   'with Redis away it can not be told');

# nothing of it is logged

my $logs = log_text() . read_file("$dir/access.log");

is(scalar(grep { defined && $logs =~ /\Q$_\E/i } @codes), 0,
   'no code gets into a log');
unlike($logs, qr/GUESS-/, 'nor what was tried');

finish();
