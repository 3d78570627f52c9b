# Data of another schema are not touched: the edge says so once, the API has a
# reason of its own, and all goes on when they have been migrated.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Edge;
use Commerce::Scenario;
use Digest::SHA qw(sha256_hex);
use Test::More;

my $redis = redis();
my $key = sha256_hex('key-number-one-1');

# as edges and backends of schema 1 wrote it

sub schema_1 {
    $redis->line($_) for split /\n/, <<"END";
HSET commerce:host:anna state approved version 1
HSET commerce:product:tea state approved title Tea price 100 version 1
HSET commerce:{r1} host anna state open key $key version 1
ZADD commerce:{r1}:shelf 1 tea
HSET commerce:keys $key r1
END
}

sub migrate { `conf.example/migrate @_ -s @{[$redis->socket]} 2>&1` }

sub api {
    my ($method, $path, $body) = @_;

    return http($method, "/api/$path", body => $body,
                headers => { 'Content-Type' => 'application/json' });
}

sub title { shelf('r1')->{content} =~ /"title":"(\w+)"/ ? $1 : '' }

my $conf = edge_conf('unix:%%REDIS%%')
           =~ s/server \{/server { location \/api\/ { commerce_api; }/r;


# a new Redis is marked; so is one that was emptied

my $nginx = nginx($conf, modules => 'http', name => 'new', workers => 1);
ok(connected(), 'connected');
is($redis->call('GET', 'commerce:schema'), 2, 'a new Redis is marked');

$redis->call('FLUSHALL');
ok(wait_for(5, sub { ($redis->call('GET', 'commerce:schema') // '') eq 2 }),
   'one that was emptied is marked again');
is(api('PUT', 'hosts/bea', '{"state": "approved"}')->{status}, 201,
   'and written to');
is(log_count(qr/\[error\]/, 'new'), 0, 'which is no trouble');


# data that become another schema's while the edge runs

$redis->call('SET', 'commerce:schema', 3);
ok(wait_for(5, sub { api('GET', 'hosts/bea')->{content} =~ /store_schema/ }),
   'data of a schema to come are left alone');
is(log_count(qr/data are of schema 3, this edge needs 2: .*newer edge/, 'new'), 1,
   'which is said once');
$redis->call('SET', 'commerce:schema', 2);
ok(wait_for(5, sub { api('GET', 'hosts/bea')->{status} == 200 }),
   'until they are ours');

$nginx->stop;


# data of schema 1, told by the stream keys, or by a host's name alone

for my $only ('commerce:keys', 'commerce:host:anna', 'commerce:product:tea') {
    $redis->call('FLUSHALL');
    schema_1();

    for my $other ($redis->call('KEYS', '*')) {
        $redis->call('DEL', grep { $_ ne $only } @$other);
    }

    $redis->call('HSET', "else:$_", 'x', 1) for 1 .. 3000;

    (my $name = "only-$only") =~ s/.*://;
    $nginx = nginx($conf, modules => 'http', name => $name, workers => 1);
    ok(wait_for(5, sub {
        log_count(qr/data are of schema 1, .*: run .*migrate/, $name)
    }), "schema 1 is told by $only");
    is($redis->call('EXISTS', 'commerce:schema'), 0, 'nothing is written');
    $nginx->stop;
}


# a whole migration

$redis->call('FLUSHALL');
schema_1();

nginx($conf, modules => 'http', name => 'edge', workers => 1);
ok(wait_for(5, sub {
    api('PUT', 'hosts/anna', '{"state": "banned"}')->{content}
        =~ /"reason":"store_schema"/
}), 'the API says why it refuses');
is(api('GET', 'hosts/anna')->{status}, 503, 'by 503');
is(shelf('r1')->{status}, 503, 'what is not known is not made up');
is_deeply([sort @{$redis->call('KEYS', '*')}],
          [sort 'commerce:host:anna', 'commerce:product:tea', 'commerce:{r1}',
                'commerce:{r1}:shelf', 'commerce:keys'],
          'nothing is written');
is(log_count(qr/data are of schema 1/, 'edge'), 1, 'it is said once');

like(migrate(),
     qr/hosts:\ 1\ copied,\ 0\ kept\n .* products:\ 1\ copied,\ 0\ kept\n .*
        stream\ keys:\ 1\ copied,\ 0\ kept\n .* is\ of\ schema\ 2/sx,
     'the data are migrated');
ok(wait_for(5, sub { title() eq 'Tea' }), 'the edge goes on by itself');
is($redis->call('GET', "commerce:key:{$key}"), 'r1', 'with stream keys');
is($redis->call('HGET', 'commerce:{r1}', 'key_host'), 'anna',
   'which are their hosts\'');
is(api('GET', 'hosts/anna')->{status}, 200, 'and hosts');
is($redis->call('EXISTS', 'commerce:host:anna'), 1, 'the old data stay');

# edges of before write on

$redis->line('HSET commerce:product:tea title Better version 2');
$redis->line('HSET commerce:host:anna state applied');
api('PATCH', 'hosts/anna', '{"state": "banned"}');

like(migrate(),
     qr/hosts:\ 0\ copied,\ 1\ kept\n .* products:\ 1\ copied,\ 0\ kept\n .*
        stream\ keys:\ 0\ copied,\ 1\ kept\n/sx,
     'a second time takes what is newer');
ok(wait_for(5, sub { title() eq 'Better' }), 'which is told to the edge');
like(api('GET', 'hosts/anna')->{content}, qr/banned/,
     'and leaves what is newer here');

like(migrate('--remove'), qr/is removed/, 'then the old data are removed');
is_deeply([grep { /:keys$|:(?:host|product):[^{]/ }
           @{$redis->call('KEYS', '*')}], [], 'all of them');
is(migrate() =~ s/.*is of schema 2\n//sr, '', 'and a last time does no harm');
is(title(), 'Better', 'all is there');

$redis->call('LPUSH', 'commerce:host:odd', 'x');
like(migrate(), qr/WRONGTYPE.*could not be copied/s,
     'what can not be copied is told');
$redis->call('SET', 'commerce:schema', 3);
like(migrate(), qr/"commerce:schema" is "3"/, 'a later schema is left alone');
is(migrate('--namespace', '"a:b"'), "migrate: no namespace: \"a:b\"\n",
   'and what is no namespace');

finish();
