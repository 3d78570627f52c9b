package Commerce::Token;

# Viewers' tokens as a backend makes them, and as edges make sessions.
#
#   viewer_token(room, subject, %options)
#                  kind ('r'), issued (ms, by default a second ago), expires
#                  (s, by default an hour from now), secret
#   write_secret(path)
#                  the file that "secret" names, with
#   SECRET         which is what tokens are signed with

use strict;
use warnings;

use Commerce::Env qw(write_file);
use Digest::SHA qw(hmac_sha256);
use Exporter qw(import);
use MIME::Base64 qw(encode_base64url);
use Time::HiRes ();

our @EXPORT = qw(viewer_token write_secret SECRET);

use constant SECRET => 'a secret of the tests, long enough for anybody';

sub viewer_token {
    my ($room, $subject, %options) = @_;
    my $now = Time::HiRes::time();
    my $kind = $options{kind} // 'r';
    my $issued = $options{issued} // int($now * 1000) - 1000;
    my $expires = $options{expires} // int($now) + 3600;
    my $scope = $kind eq 'i' ? '*' : $room;
    my $signed = join "\n", 'view', $kind, $scope, $expires, $issued, $subject;
    my $mac = hmac_sha256($signed, $options{secret} // SECRET);

    return join '.', $kind, $expires, $issued, $subject,
                     encode_base64url(substr $mac, 0, 16);
}

sub write_secret {
    my $path = shift;

    write_file($path, SECRET . "\n");
    chmod 0644, $path;
}

1;
