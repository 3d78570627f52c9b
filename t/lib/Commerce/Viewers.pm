package Commerce::Viewers;

# Playlists for viewers with tokens, on top of Commerce::HLS.
#
#   viewers('more of http {}', %options)
#                  hls() with a secret, or several (secrets => [...])
#   session_of(room, token, seconds)
#                  the session that an edge makes of a token of the room
#
# What Commerce::Token has is exported, too.

use strict;
use warnings;

use Commerce::HLS qw(hls);
use Commerce::Scenario qw(dir write_file);
use Commerce::Token;
use Exporter qw(import);

our @EXPORT = qw(viewers session_of viewer_token write_secret SECRET);

sub viewers {
    my ($conf, %options) = @_;
    my $secrets = delete $options{secrets} || [SECRET];

    write_file(dir() . '/secret', join '', map { "$_\n" } @$secrets);
    chmod 0644, dir() . '/secret';

    return hls($conf, commerce => 'secret %%DIR%%/secret;', %options);
}

sub session_of {
    my ($room, $token, $seconds) = @_;
    my (undef, undef, $issued, $subject) = split /\./, $token;

    return viewer_token($room, $subject, kind => 's', issued => $issued,
                        expires => int(($issued + $seconds * 1000) / 1000));
}

1;
