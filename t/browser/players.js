// players.js PAGE NAME=PLAYER,STREAM ...: plays streams side by side, each by
// its NAME in hls, videojs, shaka or shaka-open, which is Shaka with a window
// that never closes.  Says "playing" on a line once all of them play, or a
// minute is over.  SIGUSR1 ends it, once frames that were made after it are on
// the screen, or half a minute later; so do fifteen minutes.  Then it prints a
// line of JSON with what players-page.js has found, by NAME:
//
//   version   of the player
//   raw       by the player's own mapping of dates: which range is the latest
//             of those that last, from which frame on (its clock, ms since the
//             epoch), and when that was on the screen
//   rule      by comparing the ranges' times with the date that is played
//   helper    by commerce-cues.js; not in shaka
//   read      when it first had each range, ms since the epoch, a quarter of a
//             second late at most
//   twice     ranges that the player had several times at once
//   holds     the frames around each second, or more, in which there was
//             nothing new on the screen, or that was left out
//   first, last   frame
//   troubles  what the player complained about
//
// and under "page" the troubles of the page.

const { main, open } = require("./chromium.js");

const [page, ...streams] = process.argv.slice(2);
const LONGEST = 900000;         // ms
const MINUTE = { timeout: 60000 };
const HALF_A_MINUTE = { timeout: 30000 };
const LAG = 500;                // ms, of players that look four times a second

const enough = new Promise((resolve) => {
    process.once("SIGUSR1", () => resolve(Date.now() + LAG));
    setTimeout(resolve, LONGEST, 0).unref();
});

main(async (browser) => {
    const query = streams.map((stream) => `play=${encodeURIComponent(stream)}`);
    const tab = await open(browser, "desktop", `${page}?${query.join("&")}`);
    const shown = (frame, limit) => tab.waitForFunction(
        (wanted) => Object.values(window.watches).every(
            (watch) => watch.found.last?.frame >= wanted),
        frame, limit).catch(() => {});

    await shown(1, MINUTE);
    console.log("playing");

    await shown(await enough, HALF_A_MINUTE);

    const found = await tab.evaluate(() => Object.fromEntries(
        Object.entries(window.watches).map(([name, watch]) =>
            [name, watch.found])));

    return { ...found, page: { troubles: tab.troubles } };
});
