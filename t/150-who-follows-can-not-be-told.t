# Whether a viewer follows can't be told, or not yet: his part of the followers
# has another type, Redis is silent or away, the worker that asks is told to go.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Entering;
use Commerce::Scenario;
use Commerce::Token;
use IO::Socket::INET;
use Test::More;

my $redis = redis();
my $nginx = entrance(redis => 'timeout=10s', workers => 1, log => 'debug');

write_followers('anna', 20);
$redis->line('SET commerce:host:{anna.d4}:followers text');

sub get {
    my $token = viewer_token('demo', $_[0], kind => 'i');
    my $answer = http('GET', '/demo/x',
                      headers => { authorization => "Bearer $token" });
    my ($reason) = $answer->{content} =~ /"reason":"(\w+)"/;

    return join ' ', $answer->{status}, $reason // (),
                     $answer->{headers}{'retry-after'} ? 'later' : ();
}

# somebody who waits for Redis; the call tells what he is answered

sub waits {
    my $subject = shift;
    my $token = viewer_token('demo', $subject, kind => 'i');
    my $asked = () = log_text() =~ /http request line: "GET \/demo\/x /g;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => port('HTTP'));

    print $socket "GET /demo/x HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n"
                  . "Authorization: Bearer $token\r\n\r\n";

    ok(wait_for(5, sub {
        $asked < (() = log_text() =~ /http request line: "GET \/demo\/x /g)
    }), "$subject waits");

    return sub {
        my $answer = do { local $/; <$socket> } // '';

        return $answer =~ m{^HTTP/1\.1 (\d+) } ? $1 : 'nothing';
    };
}

sub told_to_quit {
    my ($worker) = $nginx->workers;

    kill 'HUP', $nginx->pid;
    ok(wait_for(5, sub { log_text() =~ / $worker#.*gracefully shutting down/ }),
       'the worker is told to quit');

    return $worker;
}

is(get('v1'), '200', 'he follows');

# a key of another type

is(get('u42'), '503 store_away later', 'a key of another type');
is(get('u42'), '503 store_away later', '... once more');

my @told = log_text() =~ /host "anna" in redis has followers .*WRONGTYPE/g;
is(scalar @told, 1, '... it is told of once');

$redis->line('DEL commerce:host:{anna.d4}:followers');
ok(wait_for(10, sub { get('u42') eq '403 not_following' }),
   'it is asked for again');

# equal questions, and a worker that goes

my $before = questions();

$redis->stall;
my @answers = map { waits($_) } 'v2', 'v2', 'v3';
my $worker = told_to_quit();
$redis->resume;

is_deeply([map { $_->() } @answers], [200, 200, 200],
          'Redis goes on: they are let in by the worker that they asked');
is(questions() - $before, 2, '... equal questions were asked once');
ok(wait_for(10, sub { !alive($worker) }), '... which goes then');

# what is answered by a Redis that is gone

is(get('v4'), '200', 'he follows, as the new worker knows');
$redis->stall;
my $answer = waits('v5');
$worker = told_to_quit();
$redis->kill;
is($answer->(), 503, 'Redis goes: who waits may come back');
ok(wait_for(10, sub { !alive($worker) }), '... and the worker goes');

# whoever has gone himself is not answered

$redis->run;
write_room();
write_followers('anna', 20);
$redis->line('PUBLISH commerce:changed x');
ok(wait_for(10, sub { get('v6') eq '200' }), 'Redis is there');
$redis->stall;
waits('v7');
ok(wait_for(10, sub { log_text() =~ /client prematurely closed connection/ }),
   'who waits has gone');
$redis->resume;
ok(wait_for(10, sub { get('v7') eq '200' }), '... it goes on');

finish();
