// helper-origin.js PAGE EDGE TOKEN SECONDS: pages of another origin, and another site,
// than the edge's.  PAGE/example.html is the README's, which sends cookies; in
// others hls.js, Shaka and video.js have none.  TOKEN lets a viewer in, and is good
// for less than SECONDS, for so long they play.  Prints what they found.

const { launch } = require("./chromium.js");

const [page, edge, token, seconds] = process.argv.slice(2);
const PATIENCE = { timeout: 60000 };
const found = { example: {}, players: {}, refused: [] };

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));


async function api(method, path, body) {
    const answer = await fetch(`${edge}/api/${path}`, {
        method, headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body) });

    if (!answer.ok) {
        throw new Error(`${method} ${path}: ${await answer.text()}`);
    }
}

async function visit(browser, url) {
    const one = await (await browser.newContext()).newPage();

    await one.route("https://shop.example.com/**", (route) => route.abort());
    one.on("pageerror", (error) => found.refused.push(String(error)));
    one.on("console", (message) => {
        if (message.type() == "error") {
            found.refused.push(message.text());
        }
    });
    one.on("response", (answer) => {
        if (answer.status() >= 400) {
            found.refused.push(`${answer.status()} ${answer.url()}`);
        }
    });
    await one.goto(url);

    return one;
}

const scripts = { hls: "hls.min.js", shaka: "shaka-player.compiled.js",
                  videojs: "video.min.js" };

// In the page: plays without cookies.

async function watch([name, edge, token]) {
    const { CommerceCues } = await import("./commerce-cues.js");
    const video = document.body.appendChild(document.createElement("video"));
    const cues = new CommerceCues(null, { shelf: `${edge}/rooms/demo`,
                                          enter: `${edge}/enter/demo` });

    const players = {
        hls(url) {
            const hls = new window.Hls();

            cues.attach(hls);
            hls.loadSource(url);
            hls.attachMedia(video);
        },

        async shaka(url) {
            const player = new window.shaka.Player();

            await player.attach(video);
            cues.attach(player);
            await player.load(url);
        },

        videojs(url) {
            const player = window.videojs(video, { muted: true,
                                                   autoplay: true });

            cues.attach(player);
            player.src({ src: url, type: "application/x-mpegURL" });
        },
    };

    window.told = [];
    window.renewed = 0;
    video.muted = video.autoplay = true;
    cues.addEventListener("cue", ({ detail }) =>
        window.told.push(detail.card?.product ?? "-"));
    cues.addEventListener("session", ({ detail }) =>
        window.renewed += detail.ok ? 1 : 0);

    await cues.enter({ viewer: token });
    await players[name](cues.address(`${edge}/live/demo/index.m3u8`));
    video.play().catch(() => {});
}

const time = (one) => one.evaluate(() =>
    document.querySelector("video").currentTime);


async function example(one) {
    const card = one.locator("#card");
    const price = one.locator("#price");

    await one.waitForFunction(() => document.querySelector("video").currentTime
                                    > 1, null, PATIENCE);
    found.example.before = await card.isHidden();
    await api("PUT", "rooms/demo/pin", { product: "tea" });
    await card.waitFor(PATIENCE);
    found.example.card = await card.textContent();

    const click = one.waitForResponse((answer) =>
        answer.url().startsWith(`${edge}/cart/demo/tea`), PATIENCE);

    await one.locator("#name").click();
    found.example.click = (await click).status();

    const changed = Date.now();

    await api("PATCH", "products/tea", { price: 4900 });
    await one.waitForFunction(() => document.getElementById("price").textContent
                                    .startsWith("49 "), null, PATIENCE);
    found.example.changed = Date.now() - changed;
    found.example.price = await price.textContent();
}


(async () => {
    const browser = await launch();
    const until = Date.now() + seconds * 1000;
    let status = 0;

    try {
        const one = await visit(browser, `${page}/example.html#viewer=${token}`);
        const pages = { example: one };

        for (const [name, script] of Object.entries(scripts)) {
            pages[name] = await visit(browser, `${page}/empty.html`);
            await pages[name].addScriptTag({ url: `${page}/${script}` });
            await pages[name].evaluate(watch, [name, edge, token]);
        }

        await example(one);
        await sleep(until - Date.now());

        for (const [name, each] of Object.entries(pages)) {
            const from = await time(each);

            await sleep(2500);
            found.players[name] = {
                goes: await time(each) > from + 1,
                told: await each.evaluate(() => window.told),
                renewed: await each.evaluate(() => window.renewed),
            };
        }

        console.log(JSON.stringify(found));

    } catch (error) {
        console.error(error, JSON.stringify(found));
        status = 1;
    }

    await browser.close();
    process.exit(status);
})();
