package Commerce::Env;

# What all test files share: folders, ports, modules, and the verdict on an
# error log.
#
#   root        the checkout            build   where the modules are built
#   dir         a folder of this test's own, removed at its end (kept if
#               TEST_KEEP is set); anybody may enter it, so that unprivileged
#               workers can
#   free_port   a TCP port that nobody listens on, and that no other test gets
#               as long as this one runs
#   modules     load_module lines; modules('rtmp') with nginx-rtmp and ours,
#               modules('none') without any
#   rtmp_module nginx-rtmp's, for the nginx that is tested
#   log_faults(text, allowed...)
#               the lines of an error log that no test may leave: alerts,
#               emergencies, crashes, sanitizers' reports; less those that
#               match one of the allowed patterns
#   read_file(path), write_file(path, text)
#   wait_for(seconds, sub)
#               calls sub until it returns something true, and returns that;
#               undef when the time is over
#   patience(seconds)
#               so many, or TEST_PATIENCE times as many where nginx is slow
#               (t/memory/watch); wait_for and stop_process do so themselves
#   patient(conf)
#               the same configuration, in which Redis may take longer, too
#   reported()  files with what sanitizers reported since the test began
#   stop_process(pid, signal, seconds)
#               true if the process ended in time; it is killed if not

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG);
use Socket qw(SOCK_DGRAM);
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(root build dir free_port modules rtmp_module log_faults
                    read_file write_file wait_for patience patient
                    stop_process alive reported);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $owner = $$;
my ($dir, @reserved);

# Unprivileged workers read what is written here.

umask 022;

# Whoever interrupts a test wants its processes gone: END blocks see to it.

$SIG{INT} = $SIG{TERM} = $SIG{HUP} = sub { exit 1 };

sub root { $root }

sub build { abs_path($ENV{BUILD_DIR} || "$root/build") }

sub dir {
    if (!defined $dir) {
        $dir = tempdir('nginx-commerce-test-XXXXXX', CLEANUP => 0,
                       DIR => $ENV{TEST_DIR} || '/tmp');
        chmod 0755, $dir;
    }

    return $dir;
}

# What sanitizers reported while a test ran makes it fail, whichever process
# of nginx it was.

my $reports = $ENV{TEST_REPORTS};
my %known = map { $_ => 1 } reports();

sub reports { defined $reports ? grep { -s } glob("$reports/*") : () }

sub reported { grep { !$known{$_} } reports() }

END {
    for my $report ($$ == $owner ? reported() : ()) {
        print STDERR "$report:\n", read_file($report);
        $? ||= 1;
    }
}

END {
    local ($?, $!);

    if (defined $dir && $$ == $owner && !$ENV{TEST_KEEP}) {
        remove_tree($dir, { safe => 0 });
    }
}

# Below the range that the kernel takes ports of outgoing connections from.  A
# test may leave its port for a while (nginx restarts): what reserves it for as
# long as the test lives is a name among the abstract sockets, of which, as of
# ports, each network namespace has its own.

sub free_port {
    for (1 .. 1000) {
        my $port = 20000 + int(rand(12000));
        my $reserved = IO::Socket::UNIX->new(Type => SOCK_DGRAM,
            Local => "\0nginx-commerce-test-port-$port") or next;

        my $socket = IO::Socket::INET->new(LocalAddr => '0.0.0.0',
            LocalPort => $port, Proto => 'tcp', Listen => 1) or next;

        close $socket;
        push @reserved, $reserved;

        return $port;
    }

    die "no free port found\n";
}

sub modules {
    return '' if grep { $_ eq 'none' } @_;

    my $rtmp = grep { $_ eq 'rtmp' } @_;
    my $build = build();
    my @files = ("$build/ngx_http_commerce_module.so");

    if ($rtmp) {
        unshift @files, rtmp_module();
        push @files, "$build/ngx_rtmp_commerce_module.so";
    }

    return join '', map { "load_module $_;\n" } @files;
}

my $modules_path;

sub rtmp_module {
    my $nginx = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';

    if (!defined $modules_path) {
        ($modules_path) = `$nginx -V 2>&1` =~ /--modules-path=(\S+)/
            or die "$nginx does not say where its modules are\n";
    }

    return "$modules_path/ngx_rtmp_module.so";
}

my $fault = qr/\[(?:alert|emerg)\]
               |exited\ on\ signal
               |(?:Address|Leak|UndefinedBehavior|Thread)Sanitizer
               |runtime\ error:/x;

sub log_faults {
    my ($text, @allowed) = @_;

    return grep {
        my $line = $_;
        $line =~ $fault && !grep { $line =~ /$_/ } @allowed
    } split /\n/, $text;
}

sub read_file {
    my $path = shift;

    open my $in, '<:raw', $path or return '';
    local $/;
    my $text = <$in>;

    return defined $text ? $text : '';
}

sub write_file {
    my ($path, $text) = @_;

    make_path(dirname($path));

    open my $out, '>:raw', $path or die "$path: $!\n";
    print $out $text;
    close $out or die "$path: $!\n";
}

sub patience { $_[0] * ($ENV{TEST_PATIENCE} || 1) }

sub patient {
    my $text = shift;

    return $text if patience(1) == 1;

    $text =~ s{(?<![\w-])(redis\s+(?:unix:|127\.)\S*?)(\s[^;]*)?;}
              {$1 . with_timeouts($2 // '') . ';'}gex;

    return $text;
}

sub with_timeouts {
    my $parameters = shift;

    for my $name (qw(timeout connect_timeout)) {
        next if $parameters =~ s/\b$name=\K(\d+)(?=m?s\b)/patience($1)/e
                || $parameters =~ /\b$name=/;

        $parameters .= " $name=" . patience(1) . 's';
    }

    return $parameters;
}

sub wait_for {
    my ($seconds, $condition) = @_;
    my $end = time + patience($seconds);

    while (1) {
        my $result = $condition->();

        return $result if $result;
        return undef if time > $end;

        sleep 0.02;
    }
}

# A child that has ended is still there, as a zombie, until it is waited for.

sub alive {
    my $pid = shift;

    waitpid($pid, WNOHANG);

    return 0 if !kill(0, $pid);
    return read_file("/proc/$pid/stat") !~ /\) Z /;
}

sub stop_process {
    my ($pid, $signal, $seconds) = @_;

    return 1 if !alive($pid);

    kill $signal, $pid;

    return 1 if wait_for($seconds, sub { !alive($pid) });

    kill 'KILL', $pid;
    wait_for(2, sub { !alive($pid) });

    return 0;
}

1;
