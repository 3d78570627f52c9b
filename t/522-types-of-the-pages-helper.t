# The types of the page's helper, for whoever writes a page in TypeScript: players
# as their own packages declare them, events, cards.

use strict;
use warnings;
use lib 't/lib';

use Commerce::Env qw(build dir root write_file);
use Test::More;

my $tsc = build() . '/node_modules/.bin/tsc';

# t/run installs it

is(system("$tsc --version > /dev/null 2>&1"), 0, 'TypeScript runs here')
    or exit 1;

symlink build() . '/node_modules', dir() . '/node_modules';
symlink root() . '/conf.example/www', dir() . '/www';
write_file(dir() . '/package.json', '{"type": "module"}');

sub errors {
    write_file(dir() . '/use.ts', <<'TS' . shift);
import { CommerceCues, type Cue, type Entry } from "./www/commerce-cues.js";
import Hls from "hls.js";
import videojs from "video.js";
import shaka from "shaka-player";

declare const video: HTMLVideoElement;

const cues = new CommerceCues(new Hls(), {
    shelf: "/rooms/demo", cart: "/cart/demo", enter: "/enter/demo",
    credentials: "include" });

TS
    my $dir = dir();

    return `cd $dir && $tsc --noEmit --strict --skipLibCheck --target es2022 \\
            --module esnext --moduleResolution bundler use.ts 2>&1`;
}

is(errors(<<'TS'), '', 'what a page does');
cues.addEventListener("cue", ({ detail }) => {
    const { id, at, card }: Cue = detail;
    const link: string | undefined = card?.link;
    const price: number | undefined = cues.card?.price;

    console.log(id, at, link, price, card?.product.toUpperCase());
});
cues.addEventListener("shelf", ({ detail }) =>
    console.log(detail.room?.shelf[0].title, detail.refusal?.reason));
cues.addEventListener("session", ({ detail }) => console.log(detail.token));

const entry: Promise<Entry> = cues.enter({ code: "K7QM4-X2D9R" });
const counted: Promise<boolean> = cues.click("pot");

cues.attach(new shaka.Player());
cues.attach(videojs(video));
cues.attach(video);
new CommerceCues(null).close();
TS

for my $wrong ('new CommerceCues("video");', 'cues.click(1);',
               'cues.enter("K7QM4-X2D9R");', 'cues.card = null;',
               'cues.addEventListener("cue", ({ detail }) => detail.prodct);')
{
    like(errors("$wrong\n"), qr/^use\.ts\(\d+,\d+\): error TS/m, $wrong);
}

done_testing();
