package Commerce::Test;

# Test::Nginx with what this project needs around it.  A test file reads
#
#   use lib 't/lib';
#   use Commerce::Test;            # or: use Commerce::Test 'rtmp';
#
#   run_tests();
#
#   __DATA__
#
#   === a click is counted
#   --- config
#       location ~ ^/cart/(?<room>\w+)/(?<product>\w+)$ {
#           commerce_room $room;
#           commerce_count click $product;
#       }
#   --- room
#   r1 title "A \"room\""
#       p1 price 200
#   --- request
#   POST /cart/r1/p1
#   --- error_code: 204
#   --- redis_after
#   HGET commerce:{r1}:0:counts c:click:p1  => $n
#
# Test::Nginx has a location / of its own, for the html folder (user_files);
# beside it stands location /api/ with commerce_api, unless config has one.
# There is no plan to write.  Each file has nginx (two workers, unprivileged,
# error log at info: see Test::Nginx's workers(), log_level()) and a Redis of
# its own; each block starts with an empty Redis, no ledger and a new nginx,
# and each request section is run repeat_each() times (2).  A section that
# nobody knows is a failure.
#
# Sections, besides those of Test::Nginx:
#   commerce       directives for commerce {}, which has redis (an answer may
#                  take ten seconds, so that load is no failure) and a ledger
#                  unless named here; not together with
#   main_config    which replaces commerce {} by what it says, load_module
#                  lines excepted
#   room           rooms with their shelves, before nginx starts: see
#                  write_rooms() of Commerce::Records
#   room_each      the same, before each repetition, in an empty Redis
#   redis          commands, one a line, after them; quoting as in redis-cli.
#                  An error is a failure.  # starts a comment
#   redis_each     the same, before each repetition
#   redis_after    commands and what they answer, waited for some seconds:
#                  COMMAND => TEXT, or COMMAND =~ REGEX.  Arrays are joined
#                  by blanks, nil is (nil); $n is the number of repetitions
#                  so far, $n*3 three times that
#   must_die       nginx must refuse to start.  error_log looks at what it
#                  printed, too; no request
#   allow_fault    regexes, one a line: lines of the error log that are no
#                  failure though they are [alert], [emerg] or a crash
#
# error_log, no_error_log, grep_error_log, grep_error_log_out and wait (seconds)
# are written as for the newest Test::Nginx, and mean the same with an old one:
# after the last request of a repetition they look at what was logged since it
# began, the first time since nginx started.
#
# In config, http_config, main_config, commerce and the redis sections stand
# $TEST_NGINX_REDIS_SOCK, $TEST_NGINX_REDIS_PORT, $TEST_NGINX_LEDGER,
# $TEST_NGINX_DIR (a folder), $TEST_NGINX_HTML_DIR (of user_files),
# $TEST_NGINX_PORT, $TEST_NGINX_RTMP_PORT.
# redis() is the block's Commerce::Redis, for whoever writes Perl.
#
# After each block nginx has to quit by itself within five seconds, and its
# error log may hold no alert, emergency, crash or sanitizer's report.

use strict;
use warnings;

use Commerce::Env qw(dir free_port modules log_faults read_file write_file
                     wait_for patience patient stop_process alive);
use Commerce::Records qw(write_rooms);
use Commerce::Redis;
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Test::More ();
use Time::HiRes ();

my ($redis, $rtmp, $round, %logged);

BEGIN {
    $ENV{TEST_NGINX_PORT} = free_port();
    $ENV{TEST_NGINX_RTMP_PORT} = free_port();
    $ENV{TEST_NGINX_DIR} = dir();
    $ENV{TEST_NGINX_LEDGER} = dir() . '/ledger';
    $ENV{TEST_NGINX_SERVROOT} = dir() . '/servroot';
    $ENV{TEST_NGINX_HTML_DIR} = dir() . '/servroot/html';
    $ENV{TEST_NGINX_BINARY} ||= '/usr/sbin/nginx';
    $ENV{TEST_NGINX_TIMEOUT} ||= patience(10);
}

use Test::Nginx::Socket ();
use Test::Nginx::Util ();

my @theirs = qw(config http_config main_config request raw_request
    raw_request_middle_delay pipelined_requests more_headers error_code
    raw_response_headers_like response_headers response_headers_like
    response_body response_body_like response_body_unlike charset timeout
    user_files skip_nginx init ONLY SKIP LAST);
my @honoured = qw(error_log no_error_log grep_error_log grep_error_log_out
    wait);
my @ours = qw(commerce room room_each redis redis_each redis_after must_die
    allow_fault);
my %known = map { $_ => 1 } @theirs, @honoured, @ours;

sub import {
    my ($class, @options) = @_;

    strict->import;
    warnings->import;

    $rtmp = grep { $_ eq 'rtmp' } @options;

    # What Test::Nginx exports, run_tests() among it, goes to the test file.

    @_ = ('Test::Nginx::Socket');

    {
        no strict 'refs';
        my $caller = caller;
        *{"${caller}::redis"} = \&redis;
    }

    goto &{Test::Nginx::Socket->can('import')};
}

sub redis { $redis ||= start_redis() }

sub start_redis {
    my $server = Commerce::Redis->start;

    $ENV{TEST_NGINX_REDIS_SOCK} = $server->socket;
    $ENV{TEST_NGINX_REDIS_PORT} = $server->port;

    return $server;
}


# Test::Nginx calls these by their names in its own package, so that others
# can be put around them: for a block, its files, a repetition of its requests.

my $run_block = \&Test::Nginx::Util::run_test;
my $write_files = \&Test::Nginx::Util::write_user_files;
my $run_requests = $Test::Nginx::Util::RunTestHelper;
my $run_all = \&Test::Nginx::Util::run_tests;
my $check_headers = \&Test::Nginx::Socket::check_response_headers;

{
    no warnings qw(redefine prototype);

    *Test::Nginx::Util::run_test = \&run_block;
    *Test::Nginx::Util::write_user_files = \&write_files;
    *Test::Nginx::Util::bail_out = sub { die "Bail out! @_\n" };
    *Test::Nginx::Socket::run_tests = \&run_all;
    *Test::Nginx::Socket::check_response_headers = \&check_headers;
}

$Test::Nginx::Util::RunTestHelper = \&run_requests;
$Test::Nginx::Util::Workers = 2;
$Test::Nginx::Util::MasterProcessEnabled = 'on';
$Test::Nginx::Util::LogLevel = 'info';
$Test::Nginx::Util::RepeatEach = 2;

sub run_all {
    Test::More::plan('no_plan');
    redis();
    $run_all->();
}

sub run_block {
    my $block = shift;
    my $name = $block->name;

    return Test::More::fail("$name - $_") for section_faults($block);

    $round = 0;
    prepare($block);
    take_log_sections($block);

    if (defined $block->must_die) {
        run_must_die($block);
        return;
    }

    my $done = eval { $run_block->($block); 1 };
    my $error = $@;

    stop_nginx($name);
    check_faults($block, error_log());

    if (!$done) {
        Test::More::fail("$name - nginx and the requests");
        Test::More::diag($error, tail(error_log()));
    }
}

# An old Test::Nginx makes one level of folders only.

sub write_files {
    my $block = shift;

    if (defined $block->user_files && !ref $block->user_files) {
        for my $name ($block->user_files =~ /^>>> (\S+)/mg) {
            make_path(dirname("$ENV{TEST_NGINX_HTML_DIR}/$name"));
        }
    }

    $write_files->($block);
}

sub section_faults {
    my $block = shift;
    my @faults = map { "no such section: $_" }
                 grep { !$known{$_} } @{$block->_section_order};

    if (defined $block->main_config && defined $block->commerce) {
        push @faults, 'main_config and commerce exclude each other';
    }

    if (defined $block->grep_error_log xor defined $block->grep_error_log_out) {
        push @faults, 'grep_error_log goes with grep_error_log_out';
    }

    return @faults;
}

# Test::Nginx looks at one of the two sections only.

sub check_headers {
    my ($block, @rest) = @_;
    my %wanted = map { $_ => scalar $block->$_ }
                 qw(response_headers response_headers_like);

    for my $section (keys %wanted) {
        $block->set_value($_, $_ eq $section ? $wanted{$_} : undef)
            for keys %wanted;
        $check_headers->($block, @rest);
    }

    $block->set_value($_, $wanted{$_}) for keys %wanted;
}

# Test::Nginx looks at the log after each request or not at all, depending on
# its version.  Here it never does.

sub take_log_sections {
    my $block = shift;

    for my $section (@honoured) {
        $logged{$section} = $block->$section;
        $block->set_value($section, undef);
    }
}

sub prepare {
    my $block = shift;

    unlink $ENV{TEST_NGINX_LEDGER};

    if (!alive($redis->pid)) {
        $redis->run;
    }

    $redis->resume;
    $redis->call('FLUSHALL');
    stock($block->room);
    run_redis($block, $block->redis);

    my $main = $block->main_config;
    my $config = $block->config // '';

    if (!defined $main) {
        $config .= "\nlocation /api/ { commerce_api; }\n"
            if $config !~ m{/api/} && !defined $block->must_die;

        my $own = defined $block->commerce ? $block->commerce : '';

        $main = "commerce {\n";
        $main .= "    redis unix:\$TEST_NGINX_REDIS_SOCK timeout=10s;\n"
            if $own !~ /^\s*redis\s/m;
        $main .= "    ledger \$TEST_NGINX_LEDGER 1m;\n"
            if $own !~ /^\s*ledger\s/m;
        $main .= "$own\n}\n";
    }

    $block->set_value(main_config => modules($rtmp ? 'rtmp' : ()) .
                                     expand($main));
    $block->set_value(config => expand($config));

    if (defined $block->timeout) {
        $block->set_value(timeout => patience($block->timeout));
    }

    if (defined $block->http_config) {
        $block->set_value(http_config => expand($block->http_config));
    }
}

sub expand {
    my $text = shift;

    $text =~ s/\$(TEST_NGINX_[A-Z0-9_]+)/
               defined $ENV{$1} ? $ENV{$1} : die "no $1\n"/gex;

    return patient($text);
}

sub run_requests {
    my ($block, $dry_run, @rest) = @_;

    my $before = $round++ ? length error_log() : 0;

    $redis->call('FLUSHALL') if defined $block->room_each;
    stock($block->room_each);
    run_redis($block, $block->redis_each);

    $run_requests->($block, $dry_run, @rest);

    Time::HiRes::sleep($logged{wait}) if defined $logged{wait};
    check_error_log($block, sub { substr error_log(), $before });
    check_redis($block);
}

sub error_log { read_file($Test::Nginx::Util::ErrLogFile) }

sub tail {
    my @lines = split /^/, shift;

    return join '', @lines > 20 ? @lines[-20 .. -1] : @lines;
}


# nginx that does not quit, or dies at it, is a fault of its own.

sub stop_nginx {
    my $name = shift;
    my $pid = read_file($Test::Nginx::Util::PidFile);

    return if $pid !~ /^(\d+)/;

    $pid = $1;

    Test::More::ok(stop_process($pid, 'QUIT', 5), "$name - nginx quits");

    for my $worker (orphans()) {
        Test::More::fail("$name - process $worker outlived its master");
        kill 'KILL', $worker;
    }

    unlink $Test::Nginx::Util::PidFile;
}

# Whoever still has the error log open belongs to the nginx that has quit.

sub orphans {
    my $log = $Test::Nginx::Util::ErrLogFile;
    my %pids;

    for my $fd (glob '/proc/[0-9]*/fd/*') {
        my $target = readlink $fd;

        if (defined $target && $target eq $log && $fd =~ m{^/proc/(\d+)/}) {
            $pids{$1} = 1 if $1 != $$;
        }
    }

    return keys %pids;
}

sub check_faults {
    my ($block, $log) = @_;
    my @allowed = map { qr/$_/ } lines($block->allow_fault);
    my @faults = log_faults($log, @allowed);

    Test::More::ok(!@faults, $block->name . ' - no fault in the error log')
        or Test::More::diag(map { "$_\n" } @faults);
}

sub lines {
    my $text = shift;

    return defined $text ? grep { /\S/ && !/^\s*#/ } split /\n/, $text : ();
}

sub stock {
    my $text = shift;

    write_rooms($redis, expand($text)) if defined $text;
}

sub run_redis {
    my ($block, $commands) = @_;

    for my $line (lines($commands)) {
        my $text = Commerce::Redis::text($redis->line(expand($line)));

        if ($text =~ /^\(error\)/) {
            Test::More::fail($block->name . " - Redis: $line");
            Test::More::diag($text);
        }
    }
}

sub check_redis {
    my $block = shift;

    for my $line (lines($block->redis_after)) {
        my ($command, $operator, $wanted) =
            expand($line) =~ /^\s*(.*?)\s+(=>|=~)\s*(.*?)\s*$/
            or die $block->name, " - redis_after: no => or =~ in: $line\n";

        $wanted =~ s/\$n(?:\*(\d+))?\b/$round * ($1 || 1)/ge
            if $operator eq '=>';

        my $got;
        my $ok = wait_for(5, sub {
            $got = Commerce::Redis::text($redis->line($command));
            $operator eq '=>' ? $got eq $wanted : $got =~ /$wanted/
        });

        Test::More::ok($ok, $block->name . " - Redis: $command")
            or Test::More::diag("got: $got\nexpected $operator $wanted\n");
    }
}


# Each line is a string, an eval section gives a regex or a list of strings and
# regexes.

sub patterns {
    my $value = shift;

    return () if !defined $value;
    return @$value if ref $value eq 'ARRAY';
    return $value if ref $value;
    return grep { length } split /\n+/, $value;
}

sub matches {
    my ($log, $pattern) = @_;

    $pattern = quotemeta $pattern if !ref $pattern;

    return grep { /$pattern/ } split /^/, $log;
}

sub check_error_log {
    my ($block, $log) = @_;
    my $name = $block->name;

    for my $pattern (patterns($logged{error_log})) {
        my $found = wait_for(1, sub { scalar matches($log->(), $pattern) });

        Test::More::ok($found, "$name - error_log has \"$pattern\"")
            or Test::More::diag(tail($log->()));
    }

    for my $pattern (patterns($logged{no_error_log})) {
        my @found = matches($log->(), $pattern);

        Test::More::ok(!@found, "$name - error_log has no \"$pattern\"")
            or Test::More::diag(@found);
    }

    check_grep($block, $log->()) if defined $logged{grep_error_log};
}

sub check_grep {
    my ($block, $log) = @_;
    my $pattern = $logged{grep_error_log};
    my $wanted = $logged{grep_error_log_out};

    if (!ref $pattern) {
        chomp $pattern;
        $pattern = quotemeta $pattern;
    }

    $wanted = $wanted->[$round - 1] if ref $wanted eq 'ARRAY';

    my $found = join '', map { /($pattern)/ ? "$1\n" : () } split /^/, $log;
    my $what = $block->name . ' - grep_error_log_out';

    ref $wanted ? Test::More::like($found, $wanted, $what)
                : Test::More::is($found, $wanted, $what);
}


# What nginx has against its configuration goes to the standard error, since
# it has not opened its log then.

sub run_must_die {
    my $block = shift;
    my $name = $block->name;
    my $root = $ENV{TEST_NGINX_SERVROOT} . '-must-die';
    my $log = "$root/error.log";
    my $http = defined $block->http_config ? $block->http_config : '';

    unlink $log;

    write_file("$root/nginx.conf", <<"CONF" . $block->main_config . <<"CONF");
error_log $log info;
pid $root/nginx.pid;
CONF
events { }
http {
    access_log off;
$http
    server {
        listen 127.0.0.1:$ENV{TEST_NGINX_PORT};
@{[$block->config]}
    }
}
CONF

    my $status = system("$ENV{TEST_NGINX_BINARY} -p $root -c $root/nginx.conf" .
                        " >$root/stderr 2>&1");
    my $text = read_file("$root/stderr") . read_file($log);

    Test::More::ok($status >> 8, "$name - nginx refuses to start")
        or Test::More::diag($text);

    if ($status == 0 && read_file("$root/nginx.pid") =~ /^(\d+)/) {
        stop_process($1, 'TERM', 5);
    }

    check_error_log($block, sub { $text });

    my @crashes = grep { !/\[(?:alert|emerg)\]/ } log_faults($text);

    Test::More::ok(!@crashes && !($status & 127), "$name - no crash")
        or Test::More::diag($text);
}

END {
    local ($?, $!);

    if (defined $redis && read_file($Test::Nginx::Util::PidFile) =~ /^(\d+)/) {
        stop_process($1, 'TERM', 5);
        unlink $Test::Nginx::Util::PidFile;
    }
}

1;
