package Commerce::Viewers;

# Viewers and their tokens, on top of Commerce::HLS.
#
#   viewers('more of http {}', %options)
#                  hls() with a secret
#   viewer_token(room, subject, %options)
#                  kind ('r'), issued (ms, by default now), expires (s, by
#                  default an hour from now), secret
#   session_of(room, token, seconds)
#                  the token of the session that an edge makes of that one
#   SECRET         what signs them

use strict;
use warnings;

use Commerce::HLS qw(hls);
use Commerce::Scenario;
use Digest::SHA qw(hmac_sha256);
use Exporter qw(import);
use MIME::Base64 qw(encode_base64url);
use Time::HiRes qw(time);

our @EXPORT = qw(viewers viewer_token session_of SECRET);

use constant SECRET => 'a secret of the tests, long enough for anybody';

sub viewers {
    my ($conf, %options) = @_;

    write_file(dir() . '/secret', SECRET . "\n");
    chmod 0644, dir() . '/secret';

    return hls($conf, commerce => 'secret %%DIR%%/secret;', %options);
}

sub viewer_token {
    my ($room, $subject, %options) = @_;
    my $kind = $options{kind} || 'r';
    my $issued = $options{issued} || int(time * 1000);
    my $expires = $options{expires} || int(time) + 3600;

    return join '.', $kind, $expires, $issued, $subject,
                     mac($options{secret} || SECRET, 'view', $kind,
                         $kind eq 'i' ? '*' : $room, $expires, $issued,
                         $subject);
}

sub session_of {
    my ($room, $token, $seconds) = @_;
    my (undef, undef, $issued, $subject) = split /\./, $token;

    return viewer_token($room, $subject, kind => 's', issued => $issued,
                        expires => int(($issued + $seconds * 1000) / 1000));
}

sub mac {
    my ($secret, @signed) = @_;

    return encode_base64url(substr hmac_sha256(join("\n", @signed), $secret),
                            0, 16);
}

1;
