# The folders of src stand on each other: what a file includes, and what an
# object needs when it is linked, is of its own folder or one below.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(build root read_file);
use File::Basename qw(basename);
use Test::More;

my %below = (
    core  => [],
    hls   => [qw(core)],
    redis => [qw(core)],
    http  => [qw(core hls redis)],
    rtmp  => [qw(core hls redis)],
);

# headers of others that a folder does without

my %foreign = (
    core  => qr{^(?:ngx_http|ngx_rtmp|hiredis|jansson)},
    hls   => qr{^(?:ngx_http|ngx_rtmp|ngx_event|hiredis|jansson|openssl)},
    redis => qr{^(?:ngx_http|ngx_rtmp|jansson)},
    rtmp  => qr{^(?:ngx_http|jansson)},
);

my %folder = (ngx_commerce_redis_scripts => 'redis');   # generated

for my $file (glob root() . '/src/*/*.[ch]') {
    my ($folder, $name) = $file =~ m{/(\w+)/(\w+)\.[ch]$};

    $folder{$name} = $folder;
}

for my $folder (sort keys %below) {
    my %may = map { $_ => 1 } $folder, @{$below{$folder}};
    my @files = glob root() . "/src/$folder/*.[ch]";
    my @wrong;

    for my $file (@files) {
        my $text = read_file($file);

        while ($text =~ /^#include\s*[<"]([^>"]+)\.h[>"]/mg) {
            my $of = $folder{$1};

            push @wrong, basename($file) . " includes $1.h"
                if $of ? !$may{$of} : $foreign{$folder}
                                      && $1 =~ $foreign{$folder};
        }
    }

    ok(@files, "src/$folder has files");
    is_deeply(\@wrong, [], "src/$folder includes nothing from above");
}

# The same of symbols, by which an arrow could run without an include.

my (%defines, %needs);

my @objects = map { glob build() . "/addon/$_/ngx_*commerce*.o" } keys %below;

for (split /\n/, `nm -A @objects`) {
    my ($folder, $object, $type, $symbol) =
        m{/(\w+)/(\w+\.o):.* (\w) (\w*commerce_\w+)$} or next;

    $defines{$symbol} = $folder if $type =~ /[A-TV-Z]/;
    $needs{$folder}{$symbol} = $object if $type eq 'U';
}

ok(keys %defines, 'the objects have symbols');

for my $folder (sort keys %below) {
    my %may = map { $_ => 1 } $folder, @{$below{$folder}};
    my @wrong = map { "$needs{$folder}{$_} needs $_ of $defines{$_}" }
                grep { $defines{$_} && !$may{$defines{$_}} }
                sort keys %{$needs{$folder}};

    is_deeply(\@wrong, [], "src/$folder needs no symbol from above");
}

done_testing();
