// cue.js PAGE API PRODUCT...: pins one product after another and reads, from
// the barcode in the video (20 bits of the wall clock's milliseconds, at the
// bottom of the picture), which frame each card appeared on.  Prints for each
// pin: product, at (ms since the epoch), frame (the clock of the first frame
// with the card, ms after at) and late (ms from the pin to the screen).

const { main, open } = require("./chromium.js");

const [url, api, ...products] = process.argv.slice(2);
const BITS = 20;


// In the page: each frame's clock, and what the card shows on that frame.

function watch(bits) {
    const video = document.getElementById("video");
    const card = document.getElementById("card");
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const shown = [];

    canvas.width = 640;
    canvas.height = 1;

    function clock() {
        const { videoWidth, videoHeight } = video;

        context.drawImage(video, 0, videoHeight - 8, videoWidth, 1,
                          0, 0, canvas.width, 1);

        const { data } = context.getImageData(0, 0, canvas.width, 1);
        let value = 0;

        for (let i = 0; i < bits; i++) {
            if (data[(i * 20 + 10) * 4] > 127) {
                value += 2 ** i;
            }
        }

        return value;
    }

    // The page asks for its frame first, so that it has answered it by now.

    function frame() {
        const product = card.hidden ? "" : card.dataset.product;

        if (product !== shown.at(-1)?.product) {
            shown.push({ product, clock: clock(), seen: Date.now() });
        }

        video.requestVideoFrameCallback(frame);
    }

    video.requestVideoFrameCallback(frame);
    window.shownCards = shown;
}


async function pin(product) {
    const answer = await fetch(`${api}/pin`, {
        method: product ? "PUT" : "DELETE",
        headers: { "Content-Type": "application/json" },
        body: product ? JSON.stringify({ product }) : undefined,
    });
    const text = await answer.text();

    if (!answer.ok) {
        throw new Error(`pin ${product}: ${answer.status} ${text}`);
    }

    return JSON.parse(text).at;
}

// the difference of a clock of BITS bits to a time, the shorter way round

function difference(clock, time) {
    const range = 2 ** BITS;
    const ahead = ((clock - time) % range + range) % range;

    return ahead < range / 2 ? ahead : ahead - range;
}


main(async (browser) => {
    const page = await open(browser, "desktop", url);

    await page.locator('#frame[data-state="playing"]').waitFor(
        { timeout: 60000 });
    await page.evaluate(watch, BITS);
    await page.waitForTimeout(2000);

    const pins = [];

    for (const product of products) {
        const wanted = product == "-" ? "" : product;

        pins.push({ product: wanted, at: await pin(wanted) });
        // not in step with segments or frames
        await page.waitForTimeout(1700 + Math.random() * 1300);
    }

    // for the last pin to reach the screen
    await page.waitForTimeout(12000);

    const shown = (await page.evaluate(() => window.shownCards))
                  .filter(({ clock }) => difference(clock, pins[0].at) > -500);

    return pins.map(({ product, at }, i) => ({
        product, at,
        shown: shown[i]?.product,
        frame: shown[i] && difference(shown[i].clock, at),
        late: shown[i] && shown[i].seen - at,
    }));
});
