# Names that break the rules are refused, whatever they are made of, and
# reach nobody else.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Live;
use Commerce::Scenario;
use Test::More;

redis();
host('h1');
room('demo', key => sha('k'));
live();

my %names = (
    'an empty name'          => '',
    'an empty name, with a key' => '?key=k',
    'a dot'                  => '.?key=k',
    'dots'                   => '../demo?key=k',
    'a slash'                => 'demo/x?key=k',
    'a leading hyphen'       => '-demo?key=k',
    'a capital first'        => 'Demo?key=k',
    'a space'                => 'de mo?key=k',
    'a line feed'            => "demo\nx?key=k",
    'a NUL'                  => "demo\0x?key=k",
    'a NUL in an argument'   => "demo?key=k\0x",
    'a NUL at the end'       => "demo\0x",
    'bytes'                  => "\xff\xfe\x01?key=k",
    '65 characters'          => 'a' x 65 . '?key=k',
    '1 KB'                   => 'a' x 1024,
    '1 KB of arguments'      => 'demo?x=' . 'a' x 1024 . '&key=k',
    'not a key either'       => '../../etc/passwd',
);

for my $name (sort keys %names) {
    is(attempt($names{$name}), 'BadName bad_name', $name);
}

like(attempt('demo?key=k'), qr/^Start/, 'a good one');
is_deeply([map { m{([^/]+)$} } glob dir('hls') . '/*'], [], 'nothing was written');

my $log = log_text();
is(() = $log =~ /was refused: bad_name/g, scalar(keys %names),
   'the log says each once');
unlike($log, qr/passwd/, 'and does not repeat them');

finish();
