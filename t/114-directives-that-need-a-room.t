# What is about a room says so when it is given none, and a location has one
# content handler: nginx -t finds both, with the directive's place.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Test::More;

redis();

sub conf {
    my ($server, $location) = @_;

    return <<"CONF";
commerce {
    redis  unix:%%REDIS%%;
    ledger %%LEDGER%% 1m;
}

events { }

http {
    server {
        listen %%HTTP%%;
        $server

        location /live/ {
            $location
        }
    }
}
CONF
}

# what nginx says, and of the place the line

sub said {
    my ($server, $location) = @_;
    my $said = refused(conf($server, $location), modules => 'http')
        // return 'it starts';
    my ($what, $line) = $said =~ /\[emerg\] \S+ (.*) in \S+nginx\.conf:(\d+)$/m
        or return $said;
    my @lines = split /\n/, read_file(dir('refused') . '/nginx.conf');

    return "$what: " . $lines[$line - 1] =~ s/^ +//r;
}

my %needs = (
    commerce_access => 'commerce_access on;',
    commerce_hls    => 'commerce_hls on;',
    commerce_count  => 'commerce_count click $arg_product;',
    commerce_shelf  => 'commerce_shelf;',
);

for my $name (sort keys %needs) {
    my $directive = $needs{$name};

    is(said('', "root /;\n$directive"),
       qq("$name" directive needs "commerce_room": $directive),
       "$name without a room");
    is(said('', "$directive\ncommerce_room \$arg_room;"), 'it starts',
       '... with one');
    is(said('commerce_room $arg_room;', $directive), 'it starts',
       '... with one above');
}

is(said('commerce_hls on;', ''),
   '"commerce_hls" directive needs "commerce_room": commerce_hls on;',
   'commerce_hls above, and no room anywhere');
is(said('commerce_hls on;', 'commerce_room $arg_room;'), 'it starts',
   '... and a room in a location');
is(said('commerce_hls on;', "commerce_hls off;\ncommerce_room \$arg_room;"),
   '"commerce_hls" directive needs "commerce_room": commerce_hls on;',
   '... where it is off');
is(said('commerce_hls off;', ''), 'it starts', '... off needs none');

my $conflict = 'directive conflicts with another content handler of the'
               . ' location';

for my $directive ('commerce_count click p;', 'commerce_shelf;',
                   'commerce_status;', 'commerce_api;')
{
    my ($name) = $directive =~ /^(\w+)/;

    is(said('commerce_room r1;', "proxy_pass http://127.0.0.1;\n$directive"),
       qq("$name" $conflict: $directive), "$name after proxy_pass");
    is(said('commerce_room r1;', "$directive\nproxy_pass http://127.0.0.1;"),
       qq("$name" $conflict: $directive), '... before it');
}

is(said('commerce_room r1;', "commerce_shelf;\ncommerce_count click p;"),
   qq("commerce_count" $conflict: commerce_count click p;), 'two of ours');
is(said('commerce_room r1;', "commerce_count click p;\n"
        . "if (\$arg_x) { proxy_pass http://127.0.0.1; }\n"
        . "limit_except POST { deny all; }"),
   'it starts', 'another one in "if" is no conflict');

finish();
