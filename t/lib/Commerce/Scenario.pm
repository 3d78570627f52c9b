package Commerce::Scenario;

# For tests that tell a story with real processes: nginx with nginx-rtmp,
# Redis, ffmpeg.  With plain Test::More:
#
#   use lib 't/lib';
#   use Commerce::Scenario;
#   use Test::More;
#
#   my $redis = redis();                          # a Commerce::Redis, started
#   $redis->line('HSET commerce:host:{h1} state approved version 1');
#
#   my $nginx = nginx(<<'CONF');                  # the whole nginx.conf, less
#   commerce { redis unix:%%REDIS%%; }            # load_module, error_log, pid,
#   events { }                                    # daemon, worker_processes 2
#   rtmp { server { listen %%RTMP%%; ... } }
#   http { server { listen %%HTTP%%; root %%DIR%%; ... } }
#   CONF
#
#   my $ffmpeg = publish(url => rtmp_url('live', 'room?key=k'));
#   ok(wait_for(10, sub { http('GET', '/live/room.m3u8')->{status} == 200 }));
#   like(log_text(), qr/.../);
#   $ffmpeg->stop;
#   allow_fault(qr/exited on signal 9/);          # what the story itself kills
#   finish();                                     # instead of done_testing
#
# %%REDIS%% (socket), %%REDIS_PORT%%, %%HTTP%%, %%RTMP%%, %%DIR%%, %%LEDGER%%
# are filled in; so are %%PORT_NAME%%, a free port for any NAME.  The same by
# port('HTTP'), dir().  dir() is open for unprivileged workers to enter, and
# dir('name') is a folder in it that they may write to.
#
#   nginx(conf, modules => 'http', workers => 1, name => 'edge', log => 'debug')
#                     several nodes need a name each; log_text('edge') is its
#                     error log, port('HTTP') is shared: use %%PORT_EDGE%%
#     ->pid, ->workers (pids), ->stop (QUIT), ->term, ->kill (SIGKILL, all),
#     ->start, ->reload (waits for the new workers), ->conf(new text),
#     ->upgrade (USR2; waits for the new master's workers; the old master)
#   refused(conf)     what nginx says of a configuration; undef if it starts
#   publish(url => URL, seconds => N, input => [...], output => [...],
#           format => 'flv')
#                     ffmpeg with a test picture and a tone, real time, a
#                     keyframe each second; ->pid ->running ->stop ->kill
#                     ->log ->status (wait status, once it has ended)
#   run(name, command...)   any process in the background, the same methods
#   http(method, path, headers => {}, body => '', port => N, from => ADDRESS)
#                     status, reason, headers (lower case names), content
#   room(name, field => value...), host(...), product(...)
#                     write_record() of Commerce::Records; a product has a
#                     title and a price, too
#   sha(key)          hex SHA-256, as rooms keep stream keys
#   ledger_file(path) the file of the ledger that is configured as path, by
#                     default as %%LEDGER%%
#   wait_for(seconds, sub), patience(seconds), free_port(), read_file,
#   write_file        of Commerce::Env
#
# finish() stops all, checks that nginx still runs, unless the test has ended
# it, that it quits within five seconds, and that no error log has a fault
# (Commerce::Env), and ends the plan; finish(qr/.../): nor a line that matches.
# Whatever happens, no process outlives the test.

use strict;
use warnings;

use Carp qw(croak);
use Commerce::Env qw(free_port modules log_faults read_file write_file
                     wait_for patience patient stop_process alive);
use Commerce::Records qw(write_record);
use Commerce::Redis;
use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use HTTP::Tiny;
use POSIX qw(WNOHANG);
use Test::More ();
use Time::HiRes qw(sleep);

our @EXPORT = qw(redis nginx refused publish run http rtmp_url port dir
                 log_text allow_fault finish room host product sha wait_for
                 patience free_port read_file write_file stop_process alive
                 ledger_file);

my ($redis, %ports, %nodes, @processes, @allowed);
my $owner = $$;

sub redis {
    my %options = @_;

    return $redis ||= Commerce::Redis->start(%options);
}

sub port { $ports{$_[0]} ||= free_port() }

sub ledger_file { ($_[0] || dir() . '/ledger') . '.3' }

sub dir {
    my $name = shift;
    my $dir = Commerce::Env::dir();

    return $dir if !defined $name;

    if (!-d "$dir/$name") {
        mkdir "$dir/$name" or die "$dir/$name: $!\n";
        chmod 0777, "$dir/$name";
    }

    return "$dir/$name";
}

sub rtmp_url {
    my ($application, $name) = @_;

    return 'rtmp://127.0.0.1:' . port('RTMP') . "/$application/$name";
}

sub sha { sha256_hex($_[0]) }

sub allow_fault { push @allowed, @_ }

sub fill_in {
    my $text = shift;
    my %values = (DIR => sub { dir() },
                  LEDGER => sub { dir() . '/ledger' },
                  REDIS => sub { redis()->socket },
                  REDIS_PORT => sub { redis()->port });

    $text =~ s/%%(\w+)%%/
               my $name = $1;
               $values{$name} ? $values{$name}->()
                              : port($name =~ m{^PORT_(\w+)} ? $1 : $name)/gex;

    return patient($text);
}


sub nginx {
    my ($conf, %options) = @_;
    my $name = $options{name} || 'nginx';
    my $root = dir() . "/$name";

    croak "there is a node $name" if $nodes{$name};

    mkdir $root;
    mkdir "$root/logs";
    chmod 0755, $root;

    my $node = bless { root => $root, name => $name,
                       log => $options{log} || 'info',
                       workers => $options{workers} || 2,
                       modules => $options{modules} || 'rtmp' },
                     'Commerce::Scenario::Nginx';

    $nodes{$name} = $node;
    $node->conf($conf);
    $node->start;

    return $node;
}

sub refused {
    my $conf = shift;
    my $node = bless { root => dir('refused'), log => 'info', workers => 1,
                       modules => 'rtmp', @_ }, 'Commerce::Scenario::Nginx';

    mkdir "$node->{root}/logs";
    $node->conf($conf);

    my $text = eval { $node->start; undef } // $@;

    $node->term if $node->pid;

    return $text eq '' ? undef : $text;
}

sub log_text {
    my $name = shift || 'nginx';

    return read_file(dir() . "/$name/logs/error.log");
}


sub run {
    my ($name, @command) = @_;
    my $log = dir() . "/$name." . @processes . '.log';
    my $pid = fork;

    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $log;
        open STDERR, '>&', \*STDOUT;
        { exec @command };
        POSIX::_exit(127);
    }

    my $process = bless { pid => $pid, logfile => $log },
                        'Commerce::Scenario::Process';
    push @processes, $process;

    return $process;
}

sub publish {
    my %options = @_;
    my @limit = $options{seconds} ? ('-t', $options{seconds}) : ();
    my @input = @{$options{input} || [
        '-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30',
        '-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100']};
    my @output = @{$options{output} || [
        '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency',
        '-pix_fmt', 'yuv420p', '-g', '30', '-c:a', 'aac', '-b:a', '64k']};

    return run('ffmpeg', 'ffmpeg', '-hide_banner', '-nostdin', '-loglevel',
               'verbose', @input, @limit, @output, '-f',
               $options{format} || 'flv', $options{url});
}

sub http {
    my ($method, $path, %options) = @_;
    my $port = $options{port} || port('HTTP');
    my $client = HTTP::Tiny->new(local_address => $options{from},
                                 timeout => patience($options{timeout} || 10),
                                 max_redirect => 0);
    my %request = (headers => $options{headers} || {});

    $request{content} = $options{body} if defined $options{body};

    return $client->request($method, "http://127.0.0.1:$port$path", \%request);
}


sub room { write_record(redis(), room => @_) }
sub host { write_record(redis(), host => @_) }

sub product {
    my ($name, %fields) = @_;

    write_record(redis(), product => $name, title => "Product $name",
                 price => 100, currency => 'EUR', %fields);
}


sub stop_all {
    $_->stop for @processes;

    for my $node (values %nodes) {
        Test::More::ok($node->pid, "$node->{name} still runs")
            if $_[0] && $node->{started};

        my $pid = $node->pid or next;

        Test::More::ok($node->stop, "$node->{name} quits") if $_[0];
        $node->kill if $node->pid;
    }
}

sub finish {
    my @unwanted = @_;

    stop_all(1);

    for my $name (sort keys %nodes) {
        my $text = log_text($name);
        my @faults = (log_faults($text, @allowed), unwanted($text, @unwanted));

        Test::More::ok(!@faults, "no fault in the error log of $name")
            or Test::More::diag(map { "$_\n" } @faults);
    }

    Test::More::done_testing();
}

sub unwanted {
    my ($text, @unwanted) = @_;

    return grep {
        my $line = $_;
        grep({ $line =~ $_ } @unwanted) && !grep { $line =~ $_ } @allowed
    } split /\n/, $text;
}

END {
    local ($?, $!);

    stop_all(0) if $$ == $owner;
}


package Commerce::Scenario::Process;

use Commerce::Env qw(alive read_file stop_process);

sub pid { $_[0]{pid} }
sub log { read_file($_[0]{logfile}) }

sub running {
    my $self = shift;

    return 0 if defined $self->{status};

    if (waitpid($self->{pid}, POSIX::WNOHANG) != 0) {
        $self->{status} = $?;
        return 0;
    }

    return 1;
}

sub status {
    my $self = shift;

    $self->running;

    return $self->{status};
}

sub end {
    my ($self, $signal) = @_;

    return if !$self->running;

    CORE::kill($signal, $self->{pid});

    if (!Commerce::Env::wait_for(5, sub { !$self->running })) {
        CORE::kill('KILL', $self->{pid});
        Commerce::Env::wait_for(5, sub { !$self->running });
    }
}

sub stop { $_[0]->end('TERM') }
sub kill { $_[0]->end('KILL') }


package Commerce::Scenario::Nginx;

use Commerce::Env qw(modules read_file write_file wait_for alive stop_process);

sub conf {
    my ($self, $text) = @_;
    my $root = $self->{root};

    write_file("$root/nginx.conf", modules($self->{modules}) . <<"CONF" .
error_log $root/logs/error.log $self->{log};
pid $root/logs/nginx.pid;
worker_processes $self->{workers};
CONF
        Commerce::Scenario::fill_in($text));
}

sub start {
    my $self = shift;
    my $root = $self->{root};
    my $binary = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
    my $said = `$binary -p $root -c $root/nginx.conf 2>&1`;

    die "nginx does not start:\n$said\n" if $? != 0;

    $self->{started} = 1;

    wait_for(5, sub { $self->pid && $self->workers })
        or die "nginx has no workers\n";
}

sub pid {
    my $self = shift;
    my ($pid) = read_file("$self->{root}/logs/nginx.pid") =~ /^(\d+)/;

    return defined $pid && alive($pid) ? $pid : undef;
}

sub workers {
    my $self = shift;
    my $master = $self->pid or return;

    return grep { $self->title($_) =~ /worker process(?! is)/ }
           read_file("/proc/$master/task/$master/children") =~ /\d+/g;
}

# Under valgrind nginx can't set the titles of its processes: what they would
# say is in the log.

sub title {
    my ($self, $pid) = @_;
    my $title = read_file("/proc/$pid/cmdline");

    return $title if $title !~ /^\S*valgrind/;

    my $log = read_file("$self->{root}/logs/error.log");

    return 'worker process is shutting down'
        if $log =~ / $pid#\d+: gracefully shutting down/;
    return $log =~ /: start (.* process) $pid$/m ? $1 : '';
}

sub end {
    my ($self, $signal) = @_;
    my $pid = $self->pid;

    $self->{started} = 0;

    return 1 if !$pid;

    return stop_process($pid, $signal, 5);
}

sub stop { $_[0]->end('QUIT') }
sub term { $_[0]->end('TERM') }

# The master first, or it would start new workers.

sub kill {
    my $self = shift;

    $self->{started} = 0;

    my $pid = $self->pid or return;
    my @workers = read_file("/proc/$pid/task/$pid/children") =~ /\d+/g;

    CORE::kill('KILL', $pid, @workers);
    wait_for(5, sub { !grep { alive($_) } $pid, @workers });
    unlink "$self->{root}/logs/nginx.pid";
}

sub upgrade {
    my $self = shift;
    my $old = $self->pid;

    CORE::kill('USR2', $old);

    wait_for(20, sub {
        my $pid = $self->pid;

        defined $pid && $pid != $old && $self->workers >= $self->{workers}
    }) or return undef;

    return $old;
}

sub reload {
    my $self = shift;
    my %old = map { $_ => 1 } $self->workers;

    CORE::kill('HUP', $self->pid);

    return wait_for(5, sub {
        my @workers = $self->workers;
        @workers >= $self->{workers} && !grep { $old{$_} } @workers
    });
}

1;
