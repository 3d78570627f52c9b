# The libraries notice what they promise to notice: each block here is wrong
# in its way, and has to fail by that.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(dir root read_file write_file);
use Test::More;

my %failures = (
    'a line that is not logged' => 'error_log has "impossible"',
    'a line that is logged' => 'error_log has no "start worker"',
    'two sections of headers' => 'header Connection like ok',
    'lines grepped' => 'grep_error_log_out',
    'an unknown section' => 'no such section: reqest',
    'a configuration that is right' => 'nginx refuses to start',
    'a configuration that is wrong' => 'nginx and the requests',
    'a worker that crashes' => 'no fault in the error log',
    'a command that Redis refuses' => 'Redis: HSET x',
    'an answer of Redis' => 'Redis: GET counter',
);

my $file = dir() . '/wrong.t';
my $text = do { local $/; <DATA> };

$text =~ s/^\|//mg;
write_file($file, $text);

# A worker is sent a signal as if it had crashed: not for a sanitizer to report.

local $ENV{ASAN_OPTIONS} =
    join ':', grep { defined } $ENV{ASAN_OPTIONS}, 'handle_segv=0';

chdir root();
my $output = `$^X $file 2>/dev/null`;

isnt($?, 0, 'the file fails');

for my $name (sort keys %failures) {
    my $failure = $failures{$name};

    like($output, qr/^not ok \d+ - .*\Q$name - $failure\E/m, $name);
}

unlike($output, qr/^not ok .*a kill that is allowed/m,
       'a kill that is allowed passes');
like($output, qr/^ok .*a kill that is allowed - nginx quits/m, '... and ran');

done_testing();

__DATA__
|use lib 't/lib';
|use Commerce::Test;
|
|repeat_each(1);
|run_tests();
|
|sub main::signal_worker {
|    my $signal = shift;
|    my $master = Commerce::Env::wait_for(5, sub {
|        Commerce::Env::read_file("$ENV{TEST_NGINX_SERVROOT}/logs/nginx.pid")
|            =~ /(\d+)/ && $1
|    });
|    my $worker = Commerce::Env::wait_for(5, sub {
|        Commerce::Env::read_file("/proc/$master/task/$master/children")
|            =~ /(\d+)/ && $1
|    });
|
|    kill $signal, $worker;
|    Commerce::Env::wait_for(5, sub { !kill 0, $worker });
|}
|
|__DATA__
|
|=== a line that is not logged
|--- config
|--- request
|GET /
|--- response_body_like: It works
|--- error_log
|impossible
|
|=== a line that is logged
|--- config
|--- request
|GET /
|--- no_error_log
|start worker
|
|=== two sections of headers
|--- config
|--- request
|GET /
|--- response_headers
|Content-Type: text/html
|--- response_headers_like
|Connection: imposs.ble
|
|=== lines grepped
|--- config
|--- request
|GET /
|--- grep_error_log: start worker processes
|--- grep_error_log_out
|start worker
|
|=== an unknown section
|--- config
|--- reqest
|GET /
|
|=== a configuration that is right
|--- config
|--- must_die
|
|=== a configuration that is wrong
|--- config
|no_such_directive;
|--- request
|GET /
|
|=== a worker that crashes
|--- config
|--- init
|main::signal_worker('ABRT');
|--- request
|GET /
|
|=== a command that Redis refuses
|--- config
|--- redis
|HSET x
|--- request
|GET /
|
|=== an answer of Redis
|--- config
|--- redis_each
|INCR counter
|--- request
|GET /
|--- redis_after
|GET counter => 3
|
|=== a kill that is allowed
|--- config
|--- init
|main::signal_worker('KILL');
|--- request
|GET /
|--- allow_fault
|exited on signal 9
