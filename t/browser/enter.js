// enter.js PAGE API CODE FOLDER: viewers at the doors of rooms.  demo is
// unlisted, and CODE opens it; soon is scheduled, and begins in a while; a
// session is short.  Leaves pictures in FOLDER; prints what each viewer read,
// and whether he saw the picture.

const { main, open } = require("./chromium.js");

const [url, api, code, folder] = process.argv.slice(2);
const PATIENCE = { timeout: 60000 };
const found = {};


const state = (page, word) =>
    page.locator(`#frame[data-word="${word}"]`).waitFor(PATIENCE);

async function read(page) {
    const text = (id) => page.locator(`#${id}`).textContent();

    return `${await text("notice-title")}/${await text("notice-text")}`;
}

// frames come, and go on coming

async function plays(page) {
    await page.locator('#frame[data-state="playing"]').waitFor(PATIENCE);

    const time = () => page.locator("#video").evaluate(
        (video) => video.currentTime);
    const from = await time();

    while (await time() < from + 1) {
        await page.waitForTimeout(200);
    }

    return true;
}

async function write(method, path, body) {
    const answer = await fetch(`${api}/${path}`, {
        method,
        headers: { "Content-Type": "application/json" },
        body: body && JSON.stringify(body),
    });

    if (!answer.ok) {
        throw new Error(`${method} ${path}: ${await answer.text()}`);
    }
}

const entry = (page, ok = true) => page.waitForResponse(
    (answer) => answer.url().includes("/enter/") && answer.ok() == ok,
    PATIENCE);

async function type(page, text) {
    await page.locator("#code").fill(text);
    await page.locator('#door [type="submit"]').click();
}


// One who has the code: what he types wrong, right, and how he is renewed; then
// he is put out.

async function friend(browser) {
    const page = await open(browser, "phone", url);

    await state(page, "code");
    found.door = await read(page);
    await page.screenshot({ path: `${folder}/door.png` });

    await type(page, "AAAAA-AAAAA");
    await page.locator("#hint:not(:empty)").waitFor(PATIENCE);
    found.wrong = await page.locator("#hint").textContent();

    const answer = entry(page);

    await type(page, code.toLowerCase());

    const { viewer, token } = await (await answer).json();
    const renewal = entry(page);

    found.plays = await plays(page);
    await page.screenshot({ path: `${folder}/inside.png` });

    const later = await (await renewal).json();

    found.renewed = later.viewer == viewer && later.token != token
                    && await plays(page);

    await write("PUT", `rooms/demo/out/${viewer}`);
    await state(page, "removed");
    found.removed = await read(page);
    found.stopped = await page.locator("#video").evaluate(
        (video) => video.readyState == 0);
    await page.screenshot({ path: `${folder}/removed.png` });

    await page.context().close();
}


// One whose link has the code; everybody is signed out, and he comes back.

async function linked(browser) {
    const page = await open(browser, "desktop", `${url}#code=${code}`);

    found.linked = await plays(page)
                   && !(await page.evaluate(() => location.hash));

    await write("POST", "rooms/demo/signout", { everybody: true });
    await state(page, "signedOut");
    found.signedOut = await read(page);

    // proofs of the next moments are void, too: he tries until it is over

    while (await page.locator("#door").isVisible()) {
        await type(page, code);
        await page.waitForTimeout(500);
    }

    found.back = await plays(page);

    await write("PATCH", "rooms/demo", { state: "banned" });
    await state(page, "closed");
    found.closed = await read(page);

    await page.context().close();
}


// One who comes before the show, and reads Chinese.

async function early(browser) {
    const page = await open(browser, "phone", `${url}?room=soon`, "zh-CN");

    await state(page, "scheduled");
    await page.locator("#notice-text", { hasText: "00:" }).waitFor(PATIENCE);
    found.scheduled = await read(page);
    found.language = await page.evaluate(() => document.documentElement.lang);
    await page.screenshot({ path: `${folder}/scheduled.png` });

    await write("PATCH", "rooms/soon", { state: "open" });
    await state(page, "soon");
    found.begins = await read(page);

    await page.context().close();
}


main(async (browser) => {
    await Promise.all([friend(browser), early(browser)]);
    await linked(browser);

    return found;
});
