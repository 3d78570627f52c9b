# A full ledger refuses what is new and says so; one of another namespace is
# moved aside.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Clicks;
use Commerce::Edge qw(log_count);
use Commerce::Scenario;
use Test::More;

my $redis = redis();
my @products = map { "p$_" } 1 .. 300;
my $ledger = ledger_file();

shop('r1', @products);

my $conf = click_conf() =~ s/%%LEDGER%% 1m/%%LEDGER%% 64k/r;
my $nginx = nginx($conf, modules => 'http');

ok(wait_for(5, sub { click('r1', 'p1') == 204 }), 'a click');

# each product from another address: nobody has too many

sub address { '127.0.' . int($_[0] / 100) . '.' . (1 + $_[0] % 100) }

my @refused = grep { click('r1', "p$_", from => address($_)) == 503 } 1 .. 300;

cmp_ok(scalar @refused, '>', 50, 'a ledger of 64k does not hold 300 products');
cmp_ok(scalar @refused, '<', 80, 'but some 236');
is(click('r1', 'p1'), 204, 'those that it holds count on');

my $answer = http('POST', '/cart/r1/p300');
like($answer->{content}, qr/"reason": ?"ledger_full"/, 'the others say why');
cmp_ok(log_count(qr/\[alert\].*ledger .* is full/), '<=', 60,
       'the log says it once a second at most');
ok(wait_for(5, sub { counted('r1', 'p1') == 3 }), 'all is flushed');

# in use it keeps its size; the next start gives it more

$nginx->conf($conf =~ s/64k/256k/r);
ok($nginx->reload, 'reload with a larger ledger');
like(log_text(), qr/\[warn\].*in use and keeps its size/, 'it has to wait');
is(-s $ledger, 65536, 'until');
$nginx->stop;
$nginx->start;
is(-s $ledger, 262144, 'nginx is started anew');
ok(wait_for(5, sub { click('r1', 'p300') == 204 }), 'now there is room');
ok(wait_for(5, sub { counted('r1', 'p300') == 1 && counted('r1', 'p1') == 3 }),
   'nothing is counted twice');

sub nginx_t {
    my $binary = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
    my $root = dir() . '/nginx';

    return `$binary -t -p $root -c $root/nginx.conf 2>&1`;
}

# a ledger that can't be opened

dir('folder.3');

my @workers;

ok(wait_for(5, sub { (@workers = sort $nginx->workers) == 2 }), 'two workers');
$nginx->conf($conf =~ s/%%LEDGER%% 64k/%%DIR%%\/folder 64k/r);
kill 'HUP', $nginx->pid;
ok(wait_for(5, sub { log_count(qr/\[emerg\].*ledger .* open\(\) failed .*nginx\.conf:\d/) }),
   'a reload with a ledger that is a folder fails');
is(click('r1', 'p1'), 204, 'what there was goes on');
ok(wait_for(5, sub { counted('r1', 'p1') == 4 }), 'and counts');
is_deeply([sort $nginx->workers], \@workers, 'in the same workers');

$nginx->conf($conf =~ s/64k;/256k; namespace other;/r);
kill 'HUP', $nginx->pid;
ok(wait_for(5, sub { log_count(qr/\[emerg\].*in use by an nginx with namespace "commerce"/) }),
   'so does one with another namespace');
like(nginx_t(), qr/\[emerg\].*"commerce": give each a path of its own.*:\d/,
     'and nginx -t, which says what to do');
is_deeply([glob "$ledger.*"], [], 'the ledger stays where it is');

$nginx->conf($conf =~ s/64k/256k/r);
ok($nginx->reload, 'a reload with the right one');

# another namespace

$nginx->conf($conf =~ s/64k;/256k; namespace other;/r);
$nginx->stop;
$nginx->start;
my @aside = glob "$ledger.foreign-*";
is(scalar @aside, 1, "another namespace's ledger is moved aside");
like(log_text(), qr/\[error\].*is foreign .*moved to/, 'and the log says so');

# nginx -t

$nginx->stop;
unlink $ledger;

like(nginx_t(), qr/test is successful/, 'nginx -t is content');
ok(!-e $ledger, 'and makes no ledger');
$nginx->conf($conf =~ s/%%LEDGER%% 64k/%%DIR%%\/folder 64k/r);
like(nginx_t(), qr/\[emerg\].*can't be opened in .*:\d+ .*Is a directory/,
     'it says what a start would');
$nginx->conf($conf =~ s/%%LEDGER%% 64k/%%DIR%%\/nowhere\/ledger 64k/r);
like(nginx_t(), qr/\[emerg\].*can't be opened .*No such file/,
     'of a folder that is missing, too');

# another user's

write_file($ledger, '');
chown 4242, -1, $ledger;
$nginx->conf($conf);

SKIP: {
    skip 'only root gives files away', 1 if $> != 0;
    like(nginx_t(), qr/\[emerg\].*uid 4242: give it to the workers' user.*:\d/,
         "another user's, too, and what to do");
}

allow_fault(qr/\[alert\].*ledger .* is full/, qr/\[emerg\].*ledger/);
finish();
