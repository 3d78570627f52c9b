# The subscription passes on to another worker when its own dies or is
# replaced by a reload, and a worker that exits leaves no connection open.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

my $redis = redis();

host('h1');
room('r1', title => 'one');

my $nginx = edge('unix:%%REDIS%%', workers => 2);

sub clients {
    my $type = shift;
    my $list = $redis->line("CLIENT LIST TYPE $type");

    return scalar split /\n/, $list;
}

ok(subscribed(), 'subscribed');
ok(wait_for(3, sub { clients('pubsub') == 1 }), 'one subscription a node');
ok(wait_for(3, sub { clients('normal') == 3 }),
   'and one connection a worker, besides that of this test');
is(shelf('r1')->{status}, 200, 'the room is known');

# All workers in turn, so that the one with the subscription is among them.

allow_fault(qr/exited on signal 9/);

for my $worker ($nginx->workers) {
    kill 'KILL', $worker;

    ok(wait_for(3, sub { clients('pubsub') == 1 && clients('normal') == 3 }),
       'after the death of a worker all connections are there again');
    sleep 0.3;
}

room('r1', title => 'two');
ok(wait_for(2, sub { shelf('r1')->{content} =~ /two/ }), 'changes are seen');

for my $n (1 .. 3) {
    ok($nginx->reload, 'a reload');
    ok(wait_for(5, sub { clients('pubsub') == 1 && clients('normal') == 3 }),
       'leaves as many connections as before');
    ok(subscribed(), 'and the subscription');

    room('r1', title => "reload $n");
    ok(wait_for(2, sub { shelf('r1')->{content} =~ /reload $n/ }),
       'changes are seen');
}

# A worker that is kept by a client keeps its connection, for it may have to
# be told something yet.  This one reads on only when told to.

my $size = 64 * 1024 * 1024;
my $file = dir('large') . '/file';

write_file($file, '');
truncate $file, $size or die "$file: $!\n";

my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                   PeerPort => port('HTTP'))
    or die "connect: $!\n";

$client->syswrite("GET /large/file HTTP/1.0\r\n\r\n");
like(readline($client), qr/ 200 /, 'a client is being served');

$nginx->reload;
ok(wait_for(3, sub { clients('normal') == 4 }),
   'the old worker keeps its connection');
sleep 1.5;
is(clients('normal'), 4, 'for as long as it lives');
is(clients('pubsub'), 1, 'the subscription is a new one\'s');

my $got = 0;

while (my $n = read $client, my $part, 1024 * 1024) {
    $got += $n;
}

cmp_ok($got, '>', $size, 'the client is served to the end');
ok(wait_for(10, sub { clients('normal') == 3 }),
   'and with it the connection goes');

my $begin = time;
ok($nginx->stop, 'nginx quits');
cmp_ok(time - $begin, '<', patience(5), 'without waiting for anything');
ok(wait_for(2, sub { clients('pubsub') == 0 && clients('normal') == 1 }),
   'and leaves no connection');
unlike(log_text(), qr/open socket/, 'nor a socket open');

finish();
