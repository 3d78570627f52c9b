# A session goes on with what its viewer has brought, is renewed by him before
# it ends, and is refused to whoever is out.  A page of another site can't have
# it set.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Commerce::Viewers qw(SECRET session_of viewer_token);
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(time);

my $redis = redis();
my $dir = dir();

room('demo');
room('shut', visibility => 'unlisted');
room('fans', visibility => 'followers');
room('soon', visibility => 'unlisted', state => 'scheduled');
host('h1');

write_file("$dir/secret", SECRET . "\nanother secret that verifies, too\n");
chmod 0644, "$dir/secret";

system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
       . "-subj /CN=edge -days 2 -keyout $dir/key.pem -out $dir/cert.pem "
       . "2>/dev/null") == 0 or die "openssl failed\n";

my $nginx = nginx(<<'CONF', modules => 'http', log => 'info');
commerce {
    redis   unix:%%REDIS%%;
    ledger  %%LEDGER%% 1m;
    secret  %%DIR%%/secret;
}
events { }
http {
    server {
        listen 127.0.0.1:%%HTTP%%;
        listen unix:%%DIR%%/tls.sock ssl;
        ssl_certificate      %%DIR%%/cert.pem;
        ssl_certificate_key  %%DIR%%/key.pem;

        location /api/ { commerce_api; }
        location ~ ^/enter/(?<room>[^/]+)$ {
            commerce_room $room;
            commerce_enter;
        }
        location ~ ^/tls/(?<room>[^/]+)$ {
            proxy_pass https://unix:%%DIR%%/tls.sock:/enter/$room;
        }
    }
}
CONF

sub enter {
    my ($room, %headers) = @_;
    my $argument = delete $headers{argument};
    my $body = delete $headers{body};

    return http('POST', "/enter/$room" . ($argument ? "?viewer=$argument" : ''),
                headers => \%headers, body => $body // '');
}

sub answer { decode_json($_[0]{content}) }

sub reason { answer($_[0])->{reason} // "status $_[0]{status}" }

sub cookie { 'commerce-' . $_[0] . '=' . $_[1] }

sub out {
    my ($room, @fields) = @_;

    $redis->call('HSET', "commerce:{$room}:out", @fields);

    my $version = $redis->call('HINCRBY', "commerce:{$room}:out", 'version', 1);

    $redis->call('PUBLISH', "commerce:changed:out:{$room}", $version);
}

sub ago { int((time - $_[0] * 3600) * 1000) }

# what is brought

my $token = viewer_token('shut', 'u42');
my $session = session_of('shut', $token, 12 * 3600);

for my $place (['argument', argument => $token],
               ['header', Authorization => "Bearer $token"],
               ['cookie', Cookie => 'a=b; ' . cookie('shut', $session)])
{
    my ($name, @place) = @$place;
    my $answer = enter('shut', @place);

    is(answer($answer)->{token}, $session, "a token, as $name: its session");
    like($answer->{headers}{'set-cookie'},
         qr/^commerce-shut=\Q$session\E; Max-Age=\d+; Path=/, '... as cookie');
}

is(answer(enter('shut', argument => $token))->{viewer}, 'u42', '... is his');

my $identity = viewer_token('*', 'u42', kind => 'i');

is(answer(enter('demo', argument => $identity))->{viewer}, 'u42',
   'who he is, where anybody may enter');
is(reason(enter('shut', argument => $identity)), 'proof_insufficient',
   '... is not enough elsewhere');
is(reason(enter('shut')), 'proof_missing', 'nothing');
is(reason(enter('none')), 'proof_missing', '... is the same where there is no room');
is(reason(enter('shut', argument => viewer_token('demo', 'u42'))), 'proof_wrong',
   "another room's");
is(reason(enter('shut', argument => viewer_token('shut', 'u42',
                                                 issued => ago(2),
                                                 expires => int(time) - 1))),
   'proof_expired', 'an old one');

my $early = answer(enter('soon', argument => viewer_token('soon', 'u42')));

is("$early->{viewer} $early->{state}", 'u42 scheduled', 'before the show');

my $anybody = answer(enter('demo'))->{token};

is(answer(enter('demo', Cookie => cookie('demo', $anybody)))->{token}, $anybody,
   'somebody who was given a name keeps it');

my @same = map {
    answer(enter('demo', 'Content-Type' => 'application/json',
                 body => '{"id": "made-up-by-the-page"}'))->{viewer}
} 1, 2;

is($same[0], $same[1], 'so does who brings an id of his own');

# who follows the host

my $fan = viewer_token('*', 'u7', kind => 'i');

is(reason(enter('fans', argument => $fan)), 'not_following',
   'where followers are, one who is none');
is(http('PUT', '/api/hosts/h1/followers/u7')->{status}, 201, '... follows');

my $followed = wait_for(5, sub {
    my $answer = enter('fans', argument => $fan);
    $answer->{status} == 200 && answer($answer)
});

is(($followed || {})->{viewer}, 'u7', '... and is let in');
is(answer(enter('fans', Cookie => cookie('fans', $followed->{token})))->{token},
   $followed->{token}, '... and stays in by his session');

# by TLS

like(http('POST', '/tls/demo')->{headers}{'set-cookie'},
     qr/; HttpOnly; SameSite=lax; Secure$/, 'the cookie of TLS is secure');

# from other sites

my $form = 'application/x-www-form-urlencoded';

for my $foreign (['Sec-Fetch-Site', 'cross-site'], ['Origin', 'null'],
                 ['Origin', 'https://evil.example'],
                 ['Origin', 'https://127.0.0.1.evil.example'],
                 ['Origin', 'https://127.0.0'])
{
    my ($name, $value) = @$foreign;

    for my $body (['Content-Type' => $form, body => 'code=x'], []) {
        my $answer = enter('demo', $name => $value, @$body);

        is($answer->{status} . reason($answer), '403other_site',
           "$name: $value, " . (@$body ? 'a form' : 'nothing'));
        is($answer->{headers}{'set-cookie'}, undef, '... sets no cookie');
    }
}

for my $own (['Sec-Fetch-Site' => 'same-origin', Origin => 'https://x.example'],
             ['Sec-Fetch-Site' => 'same-site'], ['Sec-Fetch-Site' => 'none'],
             [Origin => 'https://127.0.0.1:8443'], [Origin => 'http://127.0.0.1'])
{
    is(enter('demo', 'Content-Type' => $form, body => 'code=', @$own)->{status},
       200, "@$own");
}

is(enter('demo', 'Sec-Fetch-Site' => 'cross-site', body => '{}',
         'Content-Type' => 'application/json')->{status}, 200,
   'JSON, for which a browser asks first');

for my $type ('text/plain', 'multipart/form-data; boundary=x', 'json') {
    is(reason(enter('demo', 'Content-Type' => $type, body => 'code=x')),
       'type_wrong', $type);
}

# renewal

my $young = session_of('shut', viewer_token('shut', 'u1', issued => ago(5)),
                       12 * 3600);
my $old = session_of('shut', viewer_token('shut', 'u1', issued => ago(7)),
                     12 * 3600);
my $over = viewer_token('shut', 'u1', issued => ago(13));

is(answer(enter('shut', Cookie => cookie('shut', $young)))->{token}, $young,
   'a young session stays as it is');

for my $renewed ($old, $over) {
    my $before = int(time * 1000) - 1000;
    my $new = answer(enter('shut', argument => $renewed));

    cmp_ok($new->{issued}, '>', $before, 'an old one is renewed');
    is($new->{viewer}, 'u1', '... for the same viewer');
    is(answer(enter('shut', argument => $new->{token}))->{token},
       $new->{token}, '... who goes on with it');
}

# who is out

out('shut', 'b:u1' => 0, 's:u2' => int((time - 3600) * 1000));

ok(wait_for(5, sub {
    !grep { reason(enter('shut', argument => $old)) ne 'viewer_banned' } 1 .. 8
}), 'who is banned gets nothing for his session');
is(reason(enter('shut', argument => viewer_token('shut', 'u1'))),
   'viewer_banned', '... nor for what he is given');

is(reason(enter('shut', argument => viewer_token('shut', 'u2',
                                                 issued => ago(1.5)))),
   'viewer_signed_out', 'who was signed out gets nothing for what he had then');
is(answer(enter('shut', argument => viewer_token('shut', 'u2')))->{viewer},
   'u2', '... and comes back with what he is given later');

my $gone = answer(enter('demo'))->{viewer};
my $theirs = viewer_token('demo', $gone, kind => 's', issued => ago(2),
                          expires => int(time) + 3600);

out('demo', "s:$gone" => int((time - 60) * 1000), 's:u3' => int((time - 60) * 1000));

ok(wait_for(5, sub {
    !grep { answer(enter('demo', argument => $theirs))->{token} eq $theirs }
     1 .. 8
}), 'somebody without a name who was signed out comes back where all may enter');
is(answer(enter('demo', argument => $theirs))->{viewer}, $gone,
   '... as himself');
is(reason(enter('demo', argument => viewer_token('*', 'u3', kind => 'i',
                                                 issued => ago(1)))),
   'viewer_signed_out', '... but not who has a name: that is his platform\'s');

out('demo', "b:$gone" => 0, "b:$same[0]" => 0);

ok(wait_for(5, sub {
    !grep { reason(enter('demo', argument => $theirs)) ne 'viewer_banned' } 1 .. 8
}), 'if he is banned he does not');
is(reason(enter('demo', 'Content-Type' => 'application/json',
                body => '{"id": "made-up-by-the-page"}')), 'viewer_banned',
   'nor does one with the id by which he got his name');

out('shut', 's:*' => int((time + 5) * 1000));

ok(wait_for(5, sub {
    !grep { reason(enter('shut', argument => $session)) ne 'viewer_signed_out' }
     1 .. 8
}), 'everybody is signed out');

# with Redis away, nobody can tell whether an old session is still good

my $kept = session_of('demo', viewer_token('demo', 'u5', issued => ago(7)),
                      12 * 3600);

isnt(answer(enter('demo', argument => $kept))->{token}, $kept, 'renewed');
$redis->stop;
ok(wait_for(20, sub {
    !grep { answer(enter('demo', argument => $kept))->{token} ne $kept } 1 .. 8
}), 'with Redis away it stays as it is');

my $late = enter('demo', argument => viewer_token('demo', 'u5',
                                                  issued => ago(13)));

is($late->{status} . reason($late), '503store_away', 'one that is over is over');
is($late->{headers}{'retry-after'}, 2, '... for now');

finish();
