package Commerce::Browser;

# The example's page in a real browser.
#
#   my $found = browse('visit.js', ARGS...);
#                     runs a script of t/browser with node and returns what it
#                     printed as JSON; dies with what it said if it failed
#   pictures()        a folder below BUILD_DIR for screenshots, to be looked at
#   example('single.conf')
#                     an example's configuration for Commerce::Scenario's
#                     nginx(): the same but for folder and ports, the page with
#                     hls.js in its place

use strict;
use warnings;

use Commerce::Env qw(build root read_file write_file);
use Commerce::Scenario qw(dir);
use Exporter qw(import);
use File::Copy qw(copy);
use File::Path qw(make_path);
use JSON::PP qw(decode_json);
use POSIX ();

our @EXPORT = qw(browse pictures example);

sub browse {
    my ($script, @args) = @_;
    my $root = root();
    my $errors = dir() . "/$script.err";
    my $pid = open my $out, '-|';

    die "fork: $!\n" if !defined $pid;

    if ($pid == 0) {
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        $ENV{NODE_PATH} ||= build() . '/node_modules';
        open STDERR, '>', $errors;
        { exec 'timeout', '-k', '5', '240', 'node',
               "$root/t/browser/$script", @args };
        POSIX::_exit(127);
    }

    local $/;
    my $text = <$out>;

    close $out or die "$script failed:\n", read_file($errors), "\n";

    return decode_json($text);
}

sub pictures {
    my $folder = build() . '/pictures';

    make_path($folder);

    return $folder;
}

sub example {
    my $name = shift;
    my $root = root();
    my $conf = read_file("$root/conf.example/$name");

    dir('live');
    make_path(dir() . '/www');
    copy($_, dir() . '/www/')
        for grep { -f } glob("$root/conf.example/www/*"),
                        build() . '/node_modules/hls.js/dist/hls.min.js';
    write_file(dir() . '/secret', 'a secret of this test alone' . "\n");

    # what nginx() writes itself
    $conf =~ s/^(?:load_module|worker_processes|pid|error_log)\b.*\n//mg;

    $conf =~ s{/srv/commerce/redis\.sock}{%%REDIS%%}g;
    $conf =~ s{/srv/commerce}{%%DIR%%}g;
    $conf =~ s{listen  1935;}{listen  %%RTMP%%;};
    $conf =~ s{listen  8080;}{listen  %%HTTP%%;};

    return $conf;
}

1;
