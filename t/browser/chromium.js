// Debian's Chromium, as tests want it: no window, no traffic of its own.

const { chromium } = require("playwright-core");

const ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
    "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
];

const SCREENS = {
    phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2,
             hasTouch: true, isMobile: true },
    sideways: { viewport: { width: 844, height: 390 }, deviceScaleFactor: 2,
                hasTouch: true, isMobile: true },
    desktop: { viewport: { width: 1366, height: 820 } },
};


exports.launch = () => chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ARGUMENTS,
});


// A page of one of SCREENS.  page.troubles collects what the page complains
// about; addresses outside of this machine are not there.

exports.open = async (browser, screen, url, locale = "en-US") => {
    const context = await browser.newContext({ ...SCREENS[screen], locale });

    await context.route((address) => address.hostname != new URL(url).hostname,
                        (route) => route.abort());

    const page = await context.newPage();

    page.troubles = [];
    page.on("pageerror", (error) => page.troubles.push(String(error)));
    page.on("console", (message) => {
        if (message.type() == "error") {
            page.troubles.push(message.text());
        }
    });

    await page.goto(url);

    return page;
};


// Runs a script's work and prints what it found out as one line of JSON.

exports.main = async (work) => {
    const browser = await exports.launch();
    let status = 0;

    try {
        console.log(JSON.stringify(await work(browser)));

    } catch (error) {
        console.error(error);
        status = 1;
    }

    await browser.close();
    process.exit(status);
};
