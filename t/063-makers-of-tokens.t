# The makers of tokens in the README, taken from it as they stand: each language
# makes the same tokens as another implementation, and the edge takes them.

use strict;
use warnings;

use lib 't/lib';
use Commerce::Env qw(root);
use Commerce::Live;
use Commerce::Scenario;
use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64url);
use Test::More;

use constant { KEY => '0123456789abcdef0123456789abcdef',
               MAC => 'Pszer66OsAQVYQhyj8t31Q' };

my $soon = time + 600;
my @viewer = qw(demo u42 1795381200 1795374000123);
my ($readme) = read_file(root() . '/README.md')
    =~ /^### Viewer tokens\n(.*?)^##/ms;

# Each says what the README's code is in, and what follows it: the calls, whose
# first argument is a secret.  What is run is given secrets, one after another.

my %languages = (
    sh => { file => 'tokens.sh', needs => ['sh', 'openssl'], calls => <<"END" },
for secret; do
    viewer_token "\$secret" r @viewer
    viewer_token "\$secret" i @viewer
    publish_token "\$secret" demo h1 $soon
done
END

    python => { file => 'tokens.py', needs => ['python3'], calls => <<"END" },
import sys

for secret in sys.argv[1:]:
    print(viewer_token(secret, "r", "demo", "u42", 1795381200, 1795374000123))
    print(viewer_token(secret, "i", "demo", "u42", 1795381200, 1795374000123))
    print(publish_token(secret, "demo", "h1", $soon))
END

    js => { file => 'tokens.js', needs => ['node'], calls => <<"END" },
for (const secret of process.argv.slice(2)) {
    for (const kind of ['r', 'i']) {
        console.log(viewerToken(secret, kind, 'demo', 'u42', 1795381200,
                                1795374000123));
    }

    console.log(publishToken(secret, 'demo', 'h1', $soon));
}
END

    php => { file => 'tokens.php', needs => ['php'], calls => <<"END" },
foreach (array_slice(\$argv, 1) as \$secret) {
    foreach (['r', 'i'] as \$kind) {
        echo viewer_token(\$secret, \$kind, 'demo', 'u42', 1795381200,
                          1795374000123), "\\n";
    }

    echo publish_token(\$secret, 'demo', 'h1', $soon), "\\n";
}
END

    go => { file => 'token/token.go', needs => ['go'], calls => '', more => {
        'go.mod' => "module example\n\ngo 1.19\n", 'main.go' => <<"END" } },
package main

import (
	"example/token"
	"fmt"
	"os"
)

func main() {
	for _, secret := range os.Args[1:] {
		for _, kind := range []string{"r", "i"} {
			fmt.Println(token.Viewer(secret, kind, "demo", "u42", 1795381200,
				1795374000123))
		}

		fmt.Println(token.Publish(secret, "demo", "h1", $soon))
	}
}
END

    java => { file => 'Tokens.java', needs => ['javac', 'java'], calls => '',
              more => { 'Main.java' => <<"END" } },
class Main {
    public static void main(String[] secrets) throws Exception {
        for (String secret : secrets) {
            for (String kind : new String[] { "r", "i" }) {
                System.out.println(Tokens.viewer(secret, kind, "demo", "u42",
                                                 1795381200L, 1795374000123L));
            }

            System.out.println(Tokens.publish(secret, "demo", "h1", ${soon}L));
        }
    }
}
END
);

my %commands = (
    sh => 'sh tokens.sh "$@"', python => 'python3 tokens.py "$@"',
    js => 'node tokens.js "$@"', php => 'php tokens.php "$@"',
    go => 'GOTOOLCHAIN=local GOPATH=$PWD/go GOCACHE=$PWD/cache go run . "$@"',
    java => 'javac *.java && java -Xshare:auto Main "$@"',
);

sub expected {
    my $secret = shift;
    my @tokens;

    for my $kind (qw(r i)) {
        my $text = join "\n", 'view', $kind, $kind eq 'i' ? '*' : 'demo',
                   @viewer[2, 3, 1];

        push @tokens, join '.', $kind, @viewer[2, 3, 1],
             encode_base64url(substr hmac_sha256($text, $secret), 0, 16);
    }

    my $text = "publish\ndemo\n$soon\nh1";

    return (@tokens, "$soon.h1." . encode_base64url(
                         substr hmac_sha256($text, $secret), 0, 16));
}

sub here {
    my $program = shift;

    return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

sub start {
    my ($language, $code) = @_;
    my $folder = dir("maker-$language");
    my $how = $languages{$language};
    my %files = ($how->{file} => "$code\n$how->{calls}",
                 %{$how->{more} || {}});

    mkdir "$folder/token";
    write_file("$folder/$_", $files{$_}) for keys %files;

    return run($language, 'sh', '-c',
               "cd '$folder' && $commands{$language}", 'sh', KEY, SECRET);
}

is((expected(KEY))[0], "r.1795381200.1795374000123.u42.${\ MAC}",
   'the check value');

my %makers;

for my $language (sort keys %languages) {
    my ($code, @more) = $readme =~ /^```$language\n(.*?)^```$/msg;

    ok(defined $code && !@more, "the README has $language")
        or next;

    my @lacking = grep { !here($_) } @{$languages{$language}{needs}};

    if (@lacking) {
        diag("not tested: $language, as @lacking is not installed");
        next;
    }

    $makers{$language} = start($language, $code);
}

redis();
host('h1');
room('demo');
live(proofs => 'token');

for my $language (sort keys %makers) {
    my $maker = $makers{$language};

    wait_for(60, sub { !$maker->running });

    my @made = split /\n/, $maker->log;

    is($maker->status, 0, "$language: it runs");
    is_deeply(\@made, [expected(KEY), expected(SECRET)],
              "$language: the tokens are right");
    like(attempt('demo?token=' . ($made[-1] // '')), qr/^Start/,
         "$language: the edge takes one");
}

finish();
