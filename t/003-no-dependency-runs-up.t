# The folders of src stand on each other: what a file includes, and what an
# object needs when it is linked, is of its own folder or one below.  Within a
# folder files don't need each other in circles.

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
    core  => qr{^(?:ngx_http|ngx_rtmp|hiredis)},
    hls   => qr{^(?:ngx_http|ngx_rtmp|ngx_event|hiredis|cjose|jansson|openssl)},
    redis => qr{^(?:ngx_http|ngx_rtmp|cjose|jansson)},
    rtmp  => qr{^(?:ngx_http|cjose|jansson)},
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

# Which node of Redis has a key, and by what connection, is the client's affair.

my %inner = (
    ngx_commerce_redis_node => qr/_(?:node|heartbeat|client)$/,
    ngx_commerce_redis_client =>
        qr/_redis_(?:client|module|push)$/,
);

for my $inner (sort keys %inner) {
    my @wrong = grep { read_file($_) =~ /^#include "$inner\.h"/m
                       && s{.*/|\.[ch]$}{}gr !~ $inner{$inner} }
                glob root() . '/src/*/*.[ch]';

    is_deeply(\@wrong, [], "$inner.h is for those below");
}

# The same of symbols, by which an arrow could run without an include.

my (%folder_of, %file_of, %needs);

# What was built from a file that is there no longer may still lie about.

my @objects = grep { m{/(\w+)\.o$} && $folder{$1} }
              map { glob build() . "/addon/$_/ngx_*commerce*.o" } keys %below;

for (split /\n/, `nm -A @objects`) {
    my ($folder, $file, $type, $symbol) =
        m{/(\w+)/(\w+)\.o:.* (\w) (\w*commerce_\w+)$} or next;

    if ($type =~ /[A-TV-Z]/) {
        $folder_of{$symbol} = $folder;
        $file_of{$symbol} = $file;
    }

    $needs{$folder}{$file}{$symbol} = 1 if $type eq 'U';
}

ok(keys %file_of, 'the objects have symbols');

for my $folder (sort keys %below) {
    my %may = map { $_ => 1 } $folder, @{$below{$folder}};
    my @wrong;

    for my $file (sort keys %{$needs{$folder}}) {
        push @wrong, map { "$file needs $_ of $folder_of{$_}" }
                     grep { $folder_of{$_} && !$may{$folder_of{$_}} }
                     sort keys %{$needs{$folder}{$file}};
    }

    is_deeply(\@wrong, [], "src/$folder needs no symbol from above");
}

# The circles that remain: who may be in one, and why it is one.

my @circles = (
    [core => qr/_zone/,
     'whoever finds no space frees what others hold'],
);

# What an nginx module's files know of it, its index, makes no circle.

sub arrows {
    my ($folder, $file) = @_;
    my %seen = ($file => 1);

    return grep { defined && !$seen{$_}++ }
           map { $file_of{$_} }
           grep { !/_module$/ && ($folder_of{$_} // '') eq $folder }
           sort keys %{$needs{$folder}{$file}};
}

# Those that are reached from a file and reach it.

sub reached {
    my ($arrows, $from) = @_;
    my @todo = $from;
    my %seen;

    while (defined(my $file = shift @todo)) {
        push @todo, grep { !$seen{$_}++ } @{$arrows->{$file} || []};
    }

    return \%seen;
}

for my $folder (sort keys %below) {
    my %arrows = map { $_ => [arrows($folder, $_)] } keys %{$needs{$folder}};
    my %reached = map { $_ => reached(\%arrows, $_) } keys %arrows;
    my (%done, @wrong);

    for my $file (sort keys %arrows) {
        my @circle = grep { $reached{$_} && $reached{$_}{$file} }
                     sort keys %{$reached{$file}};

        next if !@circle || $done{"@circle"}++;
        next if grep {
            my ($where, $who) = @$_;
            $where eq $folder && @circle == grep { /$who/ } @circle
        } @circles;

        push @wrong, "@circle";
    }

    is_deeply(\@wrong, [], "src/$folder has no circle of files");
}

done_testing();
