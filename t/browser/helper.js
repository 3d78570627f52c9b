// helper.js MEDIA WWW MODULES FORM...: what conf.example/www/commerce-cues.js
// tells of streams that are served as a script says (stream.js), in hls.js, Shaka,
// video.js and the browser itself.  MEDIA has the pools a and b of segments, each
// frame with its number as a barcode (16 bits at the bottom; b counts from 16384
// on); WWW is the example's folder, MODULES that of node's.  Prints for each form
// the troubles of its pages, and for each player what was told: [product, frame],
// frame being how many ms the frame on the screen was after the cue's date.

const { launch } = require("./chromium.js");
const { serve, SEGMENT } = require("./stream.js");

const [media, www, modules] = process.argv.slice(2);
const FRAME = 40;               // ms
const OTHER = 16384;            // what b counts from

const files = {
    "/commerce-cues.js": `${www}/commerce-cues.js`,
    "/commerce-players.js": `${www}/commerce-players.js`,
    "/commerce-room.js": `${www}/commerce-room.js`,
    "/hls.js": `${modules}/hls.js/dist/hls.min.js`,
    "/shaka.js": `${modules}/shaka-player/dist/shaka-player.compiled.js`,
    "/video.js": `${modules}/video.js/dist/video.min.js`,
};

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));


// In the page: window.play(name, player, url, options) plays, window.told[name]
// is what was told.

function prepare() {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });

    canvas.width = 320;
    canvas.height = 1;
    window.told = {};
    window.videos = {};
    window.ends = [];
    window.faults = [];

    function frame(video) {
        context.drawImage(video, 0, video.videoHeight - 8, 320, 1,
                          0, 0, 320, 1);

        const { data } = context.getImageData(0, 0, 320, 1);
        let value = 0;

        for (let i = 0; i < 16; i++) {
            value += data[(i * 20 + 10) * 4] > 127 ? 2 ** i : 0;
        }

        return value;
    }

    const players = {
        hls(video, url, attach) {
            const hls = new window.Hls({ liveSyncDurationCount: 2,
                                         backBufferLength: 60 });

            hls.on("hlsError", (event, { fatal, details }) =>
                fatal && window.faults.push(`hls.js: ${details}`));
            attach(hls);
            hls.loadSource(url);
            hls.attachMedia(video);
            window.ends.push(() => hls.destroy());
        },

        async shaka(video, url, attach) {
            const player = new window.shaka.Player();

            await player.attach(video);
            player.addEventListener("error", ({ detail }) =>
                detail.severity == 2
                && window.faults.push(`Shaka: ${detail.code}`));
            attach(player);
            await player.load(url);
            window.ends.push(() => player.destroy());
        },

        videojs(video, url, attach) {
            const player = window.videojs(video, { muted: true,
                                                   autoplay: true });

            player.on("error", () => window.faults.push("video.js"));
            attach(player);
            player.src({ src: url, type: "application/x-mpegURL" });
            window.ends.push(() => player.dispose());
        },

        // with what Safari tells of live video, as far as the frames tell it
        native(video, url, attach, { zero }) {
            let start = NaN;

            video.requestVideoFrameCallback((now, { mediaTime }) => {
                start = zero + frame(video) * 40 - mediaTime * 1000;
            });
            video.getStartDate = zero && (() => new Date(start));
            attach(video);
            video.src = url;
        },
    };

    // options: late, ms until the helper is there; zero, the date of frame 0
    window.play = async (name, player, url, options) => {
        const { CommerceCues } = await import("/commerce-cues.js");
        const video = document.createElement("video");
        const cues = new CommerceCues(null);
        const told = window.told[name] = [];
        let attached = null;

        video.muted = video.autoplay = true;
        document.body.append(video);
        window.videos[name] = video;

        cues.addEventListener("cue", ({ detail }) => {
            told.push({ id: detail.id, at: detail.at,
                        product: detail.card?.product ?? null,
                        frame: frame(video), time: video.currentTime });
        });

        await players[player](video, url, (what) => {
            attached = what;

            if (!options.late) {
                cues.attach(what);
            }
        }, options);

        video.play().catch(() => {});

        if (options.late) {
            setTimeout(() => cues.attach(attached), options.late);
        }
    };
}

async function page(browser, url) {
    const one = await browser.newPage();

    one.on("pageerror", (error) => one.troubles.push(String(error)));
    one.troubles = [];
    await one.goto(url);
    await one.evaluate(prepare);

    for (const script of ["/hls.js", "/shaka.js", "/video.js"]) {
        await one.addScriptTag({ url: script });
    }

    return one;
}

// The date of a frame: of which period it is, its number says.

function dated(stream, frame) {
    const [first, second] = stream.periods;
    const period = frame < OTHER ? first : second;

    return (period.date ?? period.from) + frame % OTHER * FRAME;
}

async function found(pages, stream) {
    const all = { told: {}, troubles: [] };

    for (const one of pages) {
        const told = await one.evaluate(() => window.told);

        // the helper is still there when its player is not any more
        await one.evaluate(() => window.ends.forEach((end) => end()));
        await sleep(700);

        for (const [name, cues] of Object.entries(told)) {
            all.told[name] = cues.map(({ product, at, frame }) =>
                [product ?? "-", at && dated(stream, frame) - at]);
        }

        all.troubles.push(...one.troubles,
                          ...await one.evaluate(() => window.faults));
        await one.close();
    }

    return all;
}

const PLAYERS = ["hls", "shaka", "videojs"];

const play = (one, names, url, what = "", options = {}) => Promise.all(
    names.map((name) => one.evaluate((how) => window.play(...how),
                                     [name + what, name, url, options])));

// for each player to have been told so often, or of nothing being pinned

const wait = (one, times) => one.waitForFunction((least) =>
    Object.values(window.told).every((told) =>
        least ? told.length >= least : told.at(-1)?.product === null),
    times, { timeout: 60000 }).catch(() => {});

const pin = (at, product, told = at) => ({ id: `demo-${at}`, at, product, told });

// to a time, or so many s before the last cue was told

const seek = (one, time, before) => one.evaluate(([to, by]) => {
    for (const [name, video] of Object.entries(window.videos)) {
        if (to != null) {
            video.pause();
        }

        video.currentTime = to ?? window.told[name].at(-1).time - by;
    }
}, [time, before]);


const forms = {

    // From the beginning to the end, and back: to a product, to before the first.

    async vod({ browser, streams, url }) {
        const date = Date.parse("2026-11-22T19:00:00.120Z");

        streams.vod = {
            ended: true,
            periods: [{ pool: "a", segments: 8, from: date }],
            cues: [{ tag: '#EXT-X-DATERANGE:ID="ad",CLASS="com.example.ad",'
                          + 'START-DATE="2026-11-22T19:00:00.500Z",DURATION=9' },
                   pin(date + 3000, "tea"), pin(date + 4000, "lamp"),
                   pin(date + 6500), pin(date + 8000, "scarf")],
        };

        const one = await page(browser, url);

        await play(one, [...PLAYERS, "native"], `${url}/vod/main.m3u8`);
        await play(one, PLAYERS, `${url}/vod/index.m3u8`, " late",
                   { late: 1500 });
        await wait(one, 4);
        await seek(one, 5.01);
        await sleep(1500);
        await seek(one, 1.01);
        await sleep(1500);

        return found([one], streams.vod);
    },

    // Joined when it has been on for a while, with a product pinned long before;
    // two pins a second apart, nothing, and back into the past.

    async steady({ browser, streams, url }) {
        const from = Date.now() - 30000;
        const now = Date.now();

        streams.steady = {
            segments: 8,
            periods: [{ pool: "a", segments: 30, from }],
            cues: [{ ...pin(from + 5000, "knife"),
                     tag: '#EXT-X-DATERANGE:ID="k",START-DATE="'
                          + new Date(from + 5000).toISOString()
                          + '",CLASS="nginx-commerce.product",'
                          + 'X-NGINX-COMMERCE-PRODUCT="knife"' },
                   pin(now + 3000, "tea"), pin(now + 4000, "lamp"),
                   pin(now + 7000)],
        };

        const one = await page(browser, url);
        const other = await page(browser, url);

        await play(one, PLAYERS, `${url}/steady/index.m3u8`);
        await play(other, ["native"], `${url}/steady/index.m3u8`, "",
                   { zero: from });
        await Promise.all([wait(one, 4), wait(other, 4)]);
        await sleep(1000);
        await seek(one, null, 1.5);
        await wait(one, 6);
        await sleep(1000);

        return found([one, other], streams.steady);
    },

    gap: (all) => gap(all, "gap", 0),
    jump: (all) => gap(all, "jump", 6000),
};


// A host's gap of six seconds: dates go on without a hole, or jump over it.  One
// product is pinned before it, one in it, one after it; a viewer is there all the
// time, and one comes after.

async function gap({ browser, streams, url }, name, hole) {
    const length = 11 * SEGMENT;
    const from = Date.now() - length + 6000;
    const back = from + length + 6000;
    const shift = 6000 - hole;

    streams[name] = {
        segments: 14,
        periods: [{ pool: "a", segments: 11, from },
                  { pool: "b", segments: 25, from: back, date: back - shift }],
        cues: [pin(from + 5000, "knife"),
               pin(back - 9000, "tea"),
               pin(back - 2000 - (hole ? 0 : 4000), "lamp", back - 2000),
               pin(back + 3000 - shift, "scarf", back + 3000),
               pin(back + 4000 - shift, null, back + 4000)],
    };

    const one = await page(browser, url);

    await play(one, PLAYERS, `${url}/${name}/index.m3u8`);
    await sleep(back + 3000 - Date.now());

    const other = await page(browser, url);

    await play(other, PLAYERS, `${url}/${name}/index.m3u8`, " after");
    await Promise.all([wait(one), wait(other)]);
    await sleep(1000);

    return found([one, other], streams[name]);
}


(async () => {
    const browser = await launch();
    const server = await serve({ media, files });
    const results = {};
    let status = 0;

    try {
        for (const name of process.argv.slice(5)) {
            results[name] = await forms[name]({ browser, ...server });
        }

        console.log(JSON.stringify(results));

    } catch (error) {
        console.error(error);
        status = 1;
    }

    await browser.close();
    process.exit(status);
})();
