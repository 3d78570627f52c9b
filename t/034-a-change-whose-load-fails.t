# A change is told once.  Where Redis refuses to tell what has changed, it is
# asked again by and by.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Edge qw(subscribed log_count);
use Commerce::Live;
use Commerce::RTMP;
use Commerce::Scenario;
use Test::More;

my $redis = redis();

$redis->line('ACL SETUSER edge on >secret ~commerce:* &commerce:* +@all');
host('h1');
room('demo', key => sha('k'));

live(workers => 1, redis => 'unix:%%REDIS%% user=edge password=secret',
     server => 'location = /status { commerce_status; }');

ok(subscribed(), 'subscribed');

my $rtmp = Commerce::RTMP->new(port => port('RTMP'));

$rtmp->publish('demo?key=k');
like(said($rtmp->status(5)), qr/^Start/, 'live');

$redis->line('ACL SETUSER edge -hgetall');
host('h1', state => 'banned');
ok(wait_for(5, sub { log_count(qr{host "h1" in redis can.t be read: NOPERM}) }),
   'what has changed of the host may not be read');

$redis->line('ACL SETUSER edge +hgetall');
is(said($rtmp->status(10)), 'Unauthorized host_banned',
   'once it may be read again the ban cuts');

finish();
