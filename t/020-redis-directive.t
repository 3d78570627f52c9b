# What is wrong in `redis` is refused at start, with its place and value, and
# without a word of a secret.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge;
use Commerce::Scenario;
use Test::More;

my $dir = dir();

write_file("$dir/empty", "\n");
write_file("$dir/long", 'x' x 5000 . "\n");
write_file("$dir/password", "s3cret\nnot this\n");

my @wrong = (
    ['127.0.0.1:0', qr/invalid port in the address "127\.0\.0\.1:0"/],
    ['127.0.0.1:port', qr/invalid port in the address "127\.0\.0\.1:port"/],
    ['unix:', qr/no path in the unix domain socket in the address "unix:"/],
    ['no-such-host.invalid',
     qr/host not found in the address "no-such-host\.invalid"/],
    ['redis://127.0.0.1',
     qr/invalid host in the address "redis:\/\/127\.0\.0\.1"/],
    ['redis://:s3cret@127.0.0.1', qr/an address of "redis" has no "\@"/],
    ['127.0.0.1 127.0.0.2', qr/second address "127\.0\.0\.2" of "redis"/],
    ['127.0.0.1 db=-1', qr/invalid parameter "db=-1" of "redis"/],
    ['127.0.0.1 db=zero', qr/invalid parameter "db=zero" of "redis"/],
    ['127.0.0.1 db=99999999999', qr/invalid parameter "db=99999999999"/],
    ['127.0.0.1 timeout=0', qr/invalid parameter "timeout=0" of "redis"/],
    ['127.0.0.1 timeout=1y', qr/invalid parameter "timeout=1y" of "redis"/],
    ['127.0.0.1 connect_timeout=fast',
     qr/invalid parameter "connect_timeout=fast" of "redis"/],
    ['127.0.0.1 heartbeat=', qr/invalid parameter "heartbeat=" of "redis"/],
    ['127.0.0.1 user=me', qr/"user=me" of "redis" needs a "password="/],
    ['127.0.0.1 user= password=s3cret',
     qr/invalid parameter "user=" of "redis"/],
    ['127.0.0.1 password=', qr/invalid parameter "password=" of "redis"/],
    ['127.0.0.1 passwd=s3cret', qr/unknown parameter "passwd" of "redis"/],
    ['127.0.0.1 password=s3cret password=s3cret',
     qr/invalid parameter "password=" of "redis"/],
    ["127.0.0.1 password=s3cret password_file=$dir/password",
     qr/invalid parameter "password_file=\S+" of "redis"/],
    ["127.0.0.1 password_file=$dir/none",
     qr/open\(\) "\S+\/none" failed \(2: No such file or directory\)/],
    ["127.0.0.1 password_file=$dir", qr/read\(\) "\S+" failed \(21:/],
    ["127.0.0.1 password_file=$dir/empty",
     qr/the first line of "\S+\/empty" is empty/],
    ["127.0.0.1 password_file=$dir/long",
     qr/the first line of "\S+\/long" is too long/],
    ["127.0.0.1;\n redis 127.0.0.1", qr/"redis" directive is duplicate/],
    [q{''}, qr/no host in the address ""/],
);

for (@wrong) {
    my ($arguments, $expected) = @$_;
    my $said = refused(edge_conf($arguments), modules => 'http') // '';

    like($said, qr/\[emerg\].*$expected.* in \S+nginx\.conf:\d+$/m,
         "redis $arguments");
    unlike($said, qr/s3cret/, 'no secret is told');
}

my @right = (
    '127.0.0.1:1',
    'localhost:1 db=0 timeout=300ms connect_timeout=2s heartbeat=5s',
    'unix:/nowhere/a=b',
    'password=s3cret 127.0.0.1:1',
    "user=me password_file=$dir/password 127.0.0.1:1",
    '[::1]:1',
);

for my $arguments (@right) {
    is(refused(edge_conf($arguments), modules => 'http'), undef,
       "redis $arguments");
}

done_testing();
