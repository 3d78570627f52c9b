// chapters.js PAGE MULTIVARIANT CLIP: what Shaka knows of a recording's
// chapters, and how hls.js and Shaka play a clip to its end.  Prints
//
//   chapters  by Shaka: title, startTime and endTime, s
//   hls, shaka
//             of the clip: duration, s, the IDs of its date ranges in their
//             order, whether it came to its end

const { main, open } = require("./chromium.js");

const [page, multivariant, clip] = process.argv.slice(2);


// all in the page

async function chapters(url) {
    const video = document.createElement("video");
    const player = new shaka.Player();

    await player.attach(video);
    await player.load(url);

    const found = await player.getChaptersAsync("und");

    await player.destroy();

    return found.map(({ title, startTime, endTime }) =>
        ({ title, startTime, endTime }));
}


function played(video) {
    video.muted = true;
    video.playbackRate = 4;

    return new Promise((resolve) => {
        video.addEventListener("ended", () => resolve(true));
        setTimeout(resolve, 30000, false);
        video.play();
    });
}


async function byHls(url) {
    const video = document.body.appendChild(document.createElement("video"));
    const hls = new Hls();
    let ranges;

    hls.on(Hls.Events.LEVEL_LOADED, (event, { details }) => {
        ranges = Object.keys(details.dateRanges);
    });

    hls.loadSource(url);
    hls.attachMedia(video);

    const ended = await window.played(video);

    return { duration: video.duration, ranges, ended };
}


async function byShaka(url) {
    const video = document.body.appendChild(document.createElement("video"));
    const player = new shaka.Player();
    const ranges = [];

    player.addEventListener("timelineregionadded", ({ detail }) => {
        ranges.push(detail.id);
    });

    await player.attach(video);
    await player.load(url);

    const ended = await window.played(video);

    return { duration: video.duration, ranges, ended };
}


main(async (browser) => {
    const tab = await open(browser, "desktop", page);

    await tab.evaluate(`window.played = ${played}`);

    return {
        chapters: await tab.evaluate(chapters, multivariant),
        hls: await tab.evaluate(byHls, clip),
        shaka: await tab.evaluate(byShaka, clip),
        troubles: tab.troubles,
    };
});
