// visit.js URL FOLDER: what a viewer does in a room, on a phone and on a
// desktop.  Leaves pictures of it in FOLDER; prints
//
//   cards      products that were on the card, in turn
//   clicks     product: how often it was clicked
//   rows       products on the shelf
//   troubles   what the pages complained about
//
// Each click is on a button that a viewer could hit: Playwright sees to that.

const { main, open } = require("./chromium.js");

const [url, folder] = process.argv.slice(2);
const found = { cards: [], clicks: {}, rows: [], troubles: [] };


const card = (page) => page.locator("#card:not([hidden])");

async function picture(page, name) {
    await page.waitForTimeout(400);          // for what moves to come to rest
    await page.screenshot({ path: `${folder}/${name}.png` });
}

// A click, or a key on the button, opens the shop and is answered; a picture
// is taken if it is given a name, and the shop's page closed again.

async function click(page, place, key, name) {
    const product = await place.getAttribute("data-product");
    const buy = place.locator(".buy");
    const answer = page.waitForResponse((response) =>
                       response.url().endsWith(`/cart/demo/${product}`));
    const shop = page.context().waitForEvent("page");

    if (key) {
        await buy.focus();
        await page.keyboard.press(key);
    } else {
        await buy.click();
    }

    if ((await answer).status() != 204) {
        throw new Error(`${product}: ${(await answer).status()}`);
    }

    if (name) {
        await picture(page, name);
    }

    await (await shop).close();
    found.clicks[product] = (found.clicks[product] ?? 0) + 1;
}


async function phone(browser) {
    const page = await open(browser, "phone", url);

    await card(page).waitFor({ timeout: 60000 });
    found.cards.push(await card(page).getAttribute("data-product"));
    await picture(page, "phone");

    await click(page, card(page), null, "phone-click");

    await page.locator("#cart").click();
    await picture(page, "phone-shelf");

    for (const row of await page.locator(".row").all()) {
        found.rows.push(await row.getAttribute("data-product"));

        if (await row.locator(".buy").getAttribute("aria-disabled") != "true") {
            await click(page, row);
            await click(page, row);
        }
    }

    await page.keyboard.press("Escape");
    await page.locator("#shelf").waitFor({ state: "hidden" });

    await page.locator("#sound").click();
    if (await page.locator("#video").evaluate((video) => video.muted)) {
        throw new Error("the sound is still off");
    }

    found.troubles.push(...page.troubles);
    await page.context().close();
}

async function desktop(browser) {
    const page = await open(browser, "desktop", url);

    await card(page).waitFor({ timeout: 60000 });

    const first = await card(page).getAttribute("data-product");

    found.cards.push(first);
    await picture(page, "desktop");

    for (const row of await page.locator(".row").all()) {
        if (await row.locator(".buy").getAttribute("aria-disabled") != "true") {
            await click(page, row, "Enter");
        }
    }

    await page.locator(`#card:not([hidden]):not([data-product="${first}"])`)
              .waitFor({ timeout: 60000 });
    found.cards.push(await card(page).getAttribute("data-product"));

    found.troubles.push(...page.troubles);
    await page.context().close();
}

async function sideways(browser) {
    const page = await open(browser, "sideways", url);

    await card(page).waitFor({ timeout: 60000 });
    await picture(page, "sideways");
    await page.context().close();
}


main(async (browser) => {
    await phone(browser);
    await desktop(browser);
    await sideways(browser);

    return found;
});
