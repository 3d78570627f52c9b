# The connections log in, as the default user or one of an ACL, and use the
# database that was asked for.  Passwords are in no log.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my $dir = dir();

write_file("$dir/password", "fr0m-file\r\n");

$redis->line('ACL SETUSER edge on >ed9e "~commerce:*" "&commerce:*" +@all');
$redis->line('ACL SETUSER filer on >fr0m-file "~commerce:*" "&commerce:*"'
             . ' +@all');
$redis->line('ACL SETUSER least on >le4st "~commerce:*" "&commerce:*"'
             . ' +eval +evalsha +@read +@write +publish +subscribe'
             . ' +unsubscribe');

$redis->call('SELECT', 3);
host('h1');
room('inthree');
$redis->call('SELECT', 0);
host('h1');
room('inzero');

my @cases = (
    ['unix:%%REDIS%%', 'inzero', 'no login'],
    ['127.0.0.1:%%REDIS_PORT%%', 'inzero', 'over TCP'],
    ['localhost:%%REDIS_PORT%% db=3', 'inthree', 'by name, in db 3'],
    ['unix:%%REDIS%% user=edge password=ed9e db=3', 'inthree',
     'a user of an ACL'],
    ["unix:%%REDIS%% user=filer password_file=$dir/password", 'inzero',
     'a password from a file'],
    ['unix:%%REDIS%% user=least password=le4st', 'inzero',
     'a user who may neither PING nor TIME nor INFO'],
);

for my $n (0 .. $#cases) {
    my ($arguments, $room, $what) = @{$cases[$n]};
    my $nginx = edge($arguments, name => "right$n");

    ok(connected(), "$what: connected");
    ok(subscribed(), "$what: subscribed");
    is(shelf($room)->{status}, 200, "$what: the room is there");
    is(shelf($room eq 'inzero' ? 'inthree' : 'inzero')->{status}, 404,
       "$what: rooms of another database are not");

    # with heartbeats that an ACL forbids, too

    select undef, undef, undef, 2.5 if $n == $#cases;
    ok(subscribed(), "$what: still subscribed");

    $nginx->stop;
    is(log_count(qr/redis/, "right$n"), 0, "$what: nothing is logged");
}

$redis->line('CONFIG SET requirepass open5esame');

my @refused = (
    ['unix:%%REDIS%% password=wr0ng', qr/AUTH answered "WRONGPASS/],
    ['unix:%%REDIS%% user=nobody password=wr0ng', qr/AUTH answered "WRONG/],
    ['unix:%%REDIS%%', qr/PING answered "NOAUTH/],
    ['unix:%%REDIS%% user=edge password=ed9e db=99',
     qr/SELECT answered "ERR DB index is out of range"/],
);

for my $n (0 .. $#refused) {
    my ($arguments, $expected) = @{$refused[$n]};
    my $nginx = edge($arguments, name => "wrong$n");

    ok(wait_for(5, sub { log_count($expected, "wrong$n") }),
       "$arguments: the log says what redis answered");
    is(shelf('inzero')->{status}, 503, "$arguments: nothing is known");

    select undef, undef, undef, 1;
    $nginx->stop;
    is(log_count(qr/connection to redis/, "wrong$n"), 1,
       "$arguments: the log says so once");
    unlike(log_text("wrong$n"), qr/wr0ng|ed9e/, 'no password in the log');
}

# Of a command that it doesn't know Redis quotes the arguments.

my $other = Commerce::Redis->start(args => ['--rename-command', 'AUTH', '']);
my $stranger = edge('unix:' . $other->socket . ' password=qu0ted-back',
                    name => 'stranger');

ok(wait_for(5, sub { log_count(qr/AUTH answered with an error/, 'stranger') }),
   'the log says that AUTH failed');

$stranger->stop;
unlike(log_text('stranger'), qr/qu0t/, '... but not what it was given');

my $nginx = edge('unix:%%REDIS%% password=open5esame', name => 'default');

ok(connected(), 'the default user logs in');
is(shelf('inzero')->{status}, 200, 'and reads');
unlike(log_text($_), qr/open5esame|fr0m-file|ed9e|le4st/,
       "no password in the log of $_")
    for 'default', map { "right$_" } 0 .. $#cases;

$redis->call('AUTH', 'open5esame');

finish();
