// play.js PAGE SECONDS: opens a page with a video, waits until it has played
// for so many seconds, or a minute, and prints
//
//   played     how far it has come, s
//   answers    what the page fetched since it was there: addresses and statuses
//   cookies    how many cookies it has
//   troubles   what it complained about

const { main, open } = require("./chromium.js");

const [url, seconds] = process.argv.slice(2);


main(async (browser) => {
    const answers = [];
    const page = await open(browser, "desktop", url);

    page.on("response", (response) => {
        answers.push([response.url(), response.status()]);
    });

    await page.evaluate(() => window.begin());
    await page.waitForFunction((wanted) =>
        document.querySelector("video").currentTime >= wanted,
        Number(seconds), { timeout: 60000 }).catch(() => {});

    return {
        played: await page.evaluate(() =>
                              document.querySelector("video").currentTime),
        answers,
        cookies: (await page.context().cookies()).length,
        troubles: page.troubles,
    };
});
