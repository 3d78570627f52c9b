# From the binary whose ledger is of format 2 and whose Redis of schema 1 to
# the present one, and back again, under clicks.  At the worst moment: Redis
# takes nothing while one leaves, so that the other finds counts unsent.  The
# modules of before are built of the history, which takes half a minute, in
# BUILD_DIR/format-2: with --long, or if they are there.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Chaos;
use Commerce::Clicks;
use Commerce::Edge qw(log_count);
use Commerce::Env qw(root);
use Commerce::Scenario;
use Test::More;

use constant BEFORE => '4465309';

my $before = Commerce::Env::build() . '/format-2';
my $now = Commerce::Env::build();

if (!-f "$before/ngx_http_commerce_module.so") {
    my $why = !$ENV{CHAOS_LONG} ? 'is built by t/chaos/run --long'
              : system('git -C ' . root() . ' cat-file -e ' . BEFORE
                       . '^{commit} 2>/dev/null')
              ? 'is not in the history: a shallow clone?' : undef;

    plan skip_all => "the module of before, ${\BEFORE}, $why" if defined $why;

    my $source = dir('before');

    system("git -C ${\root()} archive ${\BEFORE} src config | tar xC $source"
           . " && env -u NGX_RTMP_SRC BUILD_DIR=$before CFLAGS="
           . " $source/src/build >$source/log 2>&1") == 0
        or die read_file("$source/log");
}

my $redis = redis();
my $conf = click_conf();
my $former = dir() . '/ledger';
my @paths = map { ("/cart/r1/$_", "/cart/r2/$_") } qw(p1 p2 p3);

sub schema_1 {
    for my $key (map { @{$redis->call('KEYS', "commerce:$_:{*}")} }
                 qw(host product)) {
        $redis->call('COPY', $key, $key =~ tr/{}//dr);
    }
}

sub only_schema_1 {
    $redis->call('DEL', $_)
        for 'commerce:schema', map { @{$redis->call('KEYS', $_)} }
            qw(commerce:host:{*} commerce:product:{*});
}

sub modules_of {
    local $ENV{BUILD_DIR} = shift;

    return Commerce::Env::modules('http');
}

# the same configuration with the modules of another build

sub with {
    my ($nginx, $build) = @_;
    my $text = read_file("$nginx->{root}/nginx.conf");

    write_file("$nginx->{root}/nginx.conf",
               modules_of($build) . $text =~ s/^load_module .*\n//mgr);
}

shop($_, qw(p1 p2 p3 settle)) for qw(r1 r2);
schema_1();

my $nginx = do {
    local $ENV{BUILD_DIR} = $before;
    clicking();
};

my $crowd = crowd(3, @paths);

only_schema_1();
let_click(seconds(0.5, 5));
ok(-s $former && !-e ledger_file(), 'the binary of before has its ledger');

my @migrate = (root() . '/conf.example/migrate', '-s', $redis->socket);

ok(system("@migrate >" . dir() . '/migrated') == 0, 'Redis is migrated')
    or diag(read_file(dir() . '/migrated'));

# forward, by USR2

with($nginx, $now);

my $old = $nginx->upgrade or die "there is no new master\n";

ok(-s $former && -s ledger_file(), 'each has a ledger of its own');
$crowd->more(5);
let_click(seconds(0.5, 5));
$redis->stall;
let_click(0.5);
kill 'QUIT', $old;
ok(wait_for(15, sub { !alive($old) }), 'the old master ends');
ok(wait_for(5, sub { log_count(qr/\[notice\].*were taken into/) }),
   'what it leaves is taken over');
ok(!-s $former, 'and gone');
let_click(0.5);
$redis->resume;
let_click(seconds(0.5, 5));

tell('forward');
$crowd->compare(exact => 1);

# back, and forward again, by a stop and a start

$crowd->begin_anew(3);

for my $build ($before, $now) {
    let_click(seconds(0.5, 5));
    $redis->stall;
    let_click(0.5);
    $nginx->stop;
    $redis->resume;
    with($nginx, $build);
    $nginx->start;
}

is(log_count(qr/\[notice\].*were taken into/), 2, 'it is taken over again');
ok(!-e $former, 'and gone');
let_click(seconds(0.5, 5));

tell('back and forward');
$crowd->compare(exact => 1);

conclude();
