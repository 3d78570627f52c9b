# The README and the code name the same directives, contexts, variables and
# reasons; src/README.md names what is there.
#
# In README.md a directive has a heading of level 3 or 4 under "Directives",
# its name alone, and under it lines that begin with Syntax:, Default: and
# Context:.  A variable stands with its dollar under "Variables".

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(root read_file);
use Test::More;

my %contexts = (
    NGX_MAIN_CONF      => 'main',
    NGX_COMMERCE_CONF  => 'commerce',
    NGX_HTTP_MAIN_CONF => 'http',
    NGX_HTTP_SRV_CONF  => 'server',
    NGX_HTTP_SIF_CONF  => 'if in server',
    NGX_HTTP_LOC_CONF  => 'location',
    NGX_HTTP_LIF_CONF  => 'if in location',
    NGX_RTMP_MAIN_CONF => 'rtmp',
    NGX_RTMP_SRV_CONF  => 'server',
    NGX_RTMP_APP_CONF  => 'application',
);

my $source = join '', map { read_file($_) } glob root() . '/src/*/*.c';
my $readme = read_file(root() . '/README.md');

my %coded = directives_of_code($source);
my %told = directives_of_readme(section($readme, 'Directives'));

ok(keys %coded, 'the code has directives');

for my $name (sort { $a cmp $b } keys %{{%coded, %told}}) {
    my $told = $told{$name};

    ok($coded{$name}, "$name of the README is in the code") or next;
    ok($told, "$name of the code is in the README") or next;

    like($told->{syntax}, qr/^\Q$name\E\b/, "$name: Syntax names it");
    ok(length $told->{default}, "$name: Default");
    is($told->{context}, join(', ', sort keys %{$coded{$name}}),
       "$name: Context");
}

my $variables = section($readme, 'Variables');
my %variables = map { $_ => 1 } variables_of_code($source);
my %told_variables = map { $_ => 1 } $variables =~ /\$(commerce_\w+)/g;

is_deeply([sort keys %told_variables], [sort keys %variables], 'variables');

my %reasons = map { $_ => 1 }
              reasons_of_code(read_file(root() . '/src/core/ngx_commerce.c'));
my %told_reasons = map { $_ => 1 } $variables =~ /`([a-z_]+)`(?= `|\n`|\n\n)/g;

is_deeply([sort keys %told_reasons], [sort keys %reasons], 'reasons');

my $map = read_file(root() . '/src/README.md');
my $sources = join '', $source, map { read_file($_) } glob root() . '/src/*/*.h';

for my $path ($map =~ m{`((?:core|hls|http|redis|rtmp)/[\w./]+)`}g) {
    my ($folder, $name) = split m{/}, $path, 2;
    ok((grep { -e } root() . "/src/$path",
        map { ("$_.c", "$_.h") }
        map { root() . "/src/$folder/$_$name" }
        'ngx_commerce_', "ngx_commerce_${folder}_", "ngx_${folder}_commerce_"),
       "src/README.md: $path is there");
}

for my $name ($map =~ /`(ngx_\w+)`/g) {
    ok($sources =~ /\b$name\b/, "src/README.md: $name is in the code");
}

done_testing();

sub reasons_of_code {
    my $text = shift;

    return grep { $_ ne 'allowed' } $text =~ /ngx_string\("([a-z_]+)"\)/g;
}

sub directives_of_code {
    my $text = shift;
    my %found;

    while ($text =~ /ngx_command_t\s+\w+\[\]\s*=\s*\{(.*?)ngx_null_command/gs) {
        my $table = $1;

        while ($table =~ /\{\s*ngx_string\("(\w+)"\),([\w\s|]+),/g) {
            my ($name, $flags) = ($1, $2);

            for my $flag ($flags =~ /\w+/g) {
                $found{$name}{$contexts{$flag}} = 1 if $contexts{$flag};
            }
        }
    }

    return %found;
}

sub variables_of_code {
    my $text = shift;
    my @found;

    while ($text =~ /ngx_http_variable_t\s+\w+\[\]\s*=\s*\{(.*?)\};/gs) {
        push @found, $1 =~ /ngx_string\("(\w+)"\)/g;
    }

    return @found;
}

sub section {
    my ($text, $title) = @_;

    return $text =~ /^## \Q$title\E\n(.*?)(?=^## |\z)/ms ? $1 : '';
}

sub directives_of_readme {
    my $text = shift;
    my (%found, $name);

    for my $line (split /\n/, $text) {
        if ($line =~ /^####? `?(\w+)`?$/) {
            $name = $1;

        } elsif (defined $name
                 && $line =~ /^\W*(Syntax|Default|Context):\W*(.*?)[\W]*$/)
        {
            $found{$name}{lc $1} = $2;
        }
    }

    for my $name (keys %found) {
        my %parts = (syntax => '', default => '', context => '',
                     %{$found{$name}});

        s/[`*]//g for values %parts;
        $parts{context} = join ', ', sort split /,\s*/, $parts{context};
        $parts{default} = '-' if $parts{default} eq ''
                                 && exists $found{$name}{default};
        $found{$name} = \%parts;
    }

    return %found;
}
