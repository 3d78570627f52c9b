package Commerce::Clock;

# Programs whose wall clock is wrong, by t/chaos/clock.c.
#
#   use Commerce::Clock;
#
#   my $nginx = with_clock('node', sub { nginx(...) });
#                     what is started by the sub has the clock of that name
#   set_clock('node', 3600);
#                     from now on it is an hour ahead; 0: it is right

use strict;
use warnings;

use Commerce::Env qw(dir);
use Exporter qw(import);

our @EXPORT = qw(with_clock set_clock);

my $shim;

sub with_clock {
    my ($name, $start) = @_;

    $shim ||= compile();
    set_clock($name, 0);

    local $ENV{LD_PRELOAD} = $shim;
    local $ENV{CHAOS_CLOCK} = dir() . "/$name.clock";

    return $start->();
}

sub compile {
    my $file = dir() . '/clock.so';

    system("gcc -O1 -Wall -Wextra -Werror -shared -fPIC -o $file " .
           't/chaos/clock.c') == 0 or die "the clock could not be compiled\n";

    return $file;
}

# In place, as it is mapped.

sub set_clock {
    my ($name, $seconds) = @_;
    my $file = dir() . "/$name.clock";

    open my $out, -e $file ? '+<' : '>', $file or die "$file: $!\n";
    syswrite $out, pack('q', $seconds * 1000);
    close $out;
}

1;
