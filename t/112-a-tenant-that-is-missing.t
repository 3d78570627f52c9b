# A tenant that nobody defined is told with the line of the directive that names
# it or, where none is named, of the one that needs it.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Scenario;
use Test::More;

redis();

sub conf {
    my ($outer, $inner) = @_;

    return <<"CONF";
commerce east {
    redis  unix:%%REDIS%%;
    ledger %%LEDGER%% 1m;
}

events { }

http {
    server {
        listen %%HTTP%%;
        commerce_room r1;
        $outer

        location /live/ {
            $inner
        }

        location /other/ {
        }
    }
}
CONF
}

# the line that nginx names, as nginx() has written it

sub line {
    my ($text, $block) = @_;
    my $said = refused($text, modules => 'http') // return 'it starts';
    my ($line) = $said =~ /"commerce" block "$block" is .*nginx\.conf:(\d+)$/m
        or return $said;

    my @lines = split /\n/, read_file(dir('refused') . '/nginx.conf');

    return $lines[$line - 1] =~ s/^ +//r;
}

is(line(conf('', "commerce_tenant nobody;\ncommerce_hls on;"), 'nobody'),
   'commerce_tenant nobody;', 'one that is named');
is(line(conf('', "commerce_hls off;\ncommerce_tenant nobody;"), 'nobody'),
   'commerce_tenant nobody;', '... where nothing needs it');

is(line(conf('commerce_hls on;', 'commerce_tenant east;'), 'default'),
   'commerce_hls on;', 'commerce_hls, inherited');
is(line(conf('commerce_tenant east;', 'commerce_hls on;'), 'default'),
   'it starts', '... with a tenant at the level of its own');
is(line(conf('commerce_hls off;', "commerce_tenant east;\ncommerce_hls on;"),
        'default'),
   'it starts', '... switched off outside');

for my $directive ('commerce_hls on;', 'commerce_count click $arg_product;',
                   'commerce_shelf;', 'commerce_status;', 'commerce_api;')
{
    is(line(conf('commerce_hls off;', $directive), 'default'),
       $directive, $directive);
    is(line(conf('commerce_tenant east;', $directive), 'default'),
       'it starts', '... with a tenant');
}

finish();
