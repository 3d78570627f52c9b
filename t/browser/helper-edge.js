// helper-edge.js WWW: what conf.example/www/commerce-cues.js makes of an edge that
// answers as a script says.  Prints a list of what is not as it should be.

const http = require("http");
const fs = require("fs");

const { main } = require("./chromium.js");

const www = process.argv[2];
const FILES = ["commerce-cues.js", "commerce-players.js", "commerce-room.js"];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const wrong = [];

function check(what, is, wanted) {
    if (JSON.stringify(is) != JSON.stringify(wanted)) {
        wrong.push(`${what}: ${JSON.stringify(is)},`
                   + ` not ${JSON.stringify(wanted)}`);
    }
}


// answers[path] is a list of [status, body, headers] or a function; the last one
// goes on being answered.  asked is what was asked.

const answers = {};
let asked = [];

async function serve() {
    const server = http.createServer((request, response) => {
        const { pathname, search } = new URL(request.url, "http://localhost");
        const file = FILES.find((name) => pathname == `/${name}`);

        if (file) {
            response.setHeader("Content-Type", "text/javascript");
            response.end(fs.readFileSync(`${www}/${file}`));
            return;
        }

        const list = answers[pathname] ?? [[pathname == "/" ? 200 : 404]];
        const [status, body = "", headers = {}]
            = list.length > 1 ? list.shift() : list[0];

        if (pathname != "/" && pathname != "/favicon.ico") {
            asked.push({ path: pathname + search, method: request.method,
                         at: Date.now(), agent: request.headers });
        }

        if (status == 0) {
            request.destroy();
            return;
        }

        // or else the browser itself sends again what is not answered
        response.writeHead(status, {
            "Connection": "close",
            "Content-Type": pathname == "/" ? "text/html" : "application/json",
            ...headers });
        response.end(typeof body == "string" ? body : JSON.stringify(body));
    });

    await new Promise((done) => server.listen(0, "127.0.0.1", done));

    return `http://127.0.0.1:${server.address().port}/`;
}

const of = (path) => asked.filter((one) => one.path == path);


async function page(browser, url, options) {
    const one = await browser.newPage();

    asked = [];
    one.on("pageerror", (error) => wrong.push(String(error)));
    await one.goto(url);
    await one.evaluate(async (given) => {
        const { CommerceCues } = await import("/commerce-cues.js");

        window.events = [];
        window.cues = new CommerceCues(null, given);

        for (const type of ["cue", "shelf", "session"]) {
            window.cues.addEventListener(type, ({ detail }) =>
                window.events.push([type, detail]));
        }
    }, options);

    return one;
}

const events = (one, type) => one.evaluate((wanted) => window.events
    .filter(([name]) => name == wanted).map(([, detail]) => detail), type);


// A click: counted, refused, refused for the moment, without an answer.

async function clicks(browser, url) {
    const one = await page(browser, url, { cart: "/cart/demo/" });
    const click = (product) => one.evaluate((name) => window.cues.click(name),
                                            product);

    answers["/cart/demo/tea"] = [[204]];
    answers["/cart/demo/none"] = [[404, { reason: "product_unknown" }]];
    answers["/cart/demo/busy"] = [[503], [429], [204]];
    answers["/cart/demo/full"] = [[503]];
    answers["/cart/demo/lost"] = [[0], [204]];

    check("a click", await click("tea"), true);
    check("its method", asked[0].method, "POST");
    check("of what is not there", await click("none"), false);
    check("once", of("/cart/demo/none").length, 1);
    check("refused for the moment", await click("busy"), true);
    check("three times", of("/cart/demo/busy").length, 3);
    check("refused all the time", await click("full"), false);
    check("not more than three times", of("/cart/demo/full").length, 3);
    check("without an answer", await click("lost"), false);
    check("and not sent again", of("/cart/demo/lost").length, 1);

    answers["/cart/demo/a%2Fb%3F"] = [[204]];
    await one.evaluate(() => window.cues.options.cart = "cart/demo?replay=7");
    check("in a replay", await click("a/b?"), true);
    check("its show", of("/cart/demo/a%2Fb%3F?replay=7").length, 1);

    // the page goes before the answer comes
    answers["/cart/demo/last"] = [[204]];
    await one.evaluate(() => {
        window.cues.click("last");
        location.href = "about:blank";
    });
    await sleep(1000);
    check("as the page goes", of("/cart/demo/last?replay=7").length, 1);
    await one.close();
}


const ROOM = { room: "demo", state: "open", live: true, show: 1, version: 1 };
const tea = (price) => ({ ...ROOM, shelf: [{ product: "tea", price,
                                             title: "Tea",
                                             link: "https://s.example/2",
                                             version: 1 }] });
const REFUSED = { status: 403, reason: "room_banned" };

// The shelf: what is told is told once; a card has the cue's link and the shelf's
// price; asked each second while something is pinned, then each four.

async function shelf(browser, url) {
    answers["/rooms/demo"] = [[200, tea(1)], [200, tea(1)], [500, "?"],
                              [200, tea(1)], [403, REFUSED], [403, REFUSED],
                              [404], [0], [200, "no JSON"], [200, tea(2)]];

    const one = await page(browser, url, { shelf: "/rooms/demo" });

    await one.waitForFunction(() => window.events.length);

    for (let i = 0; i < 9; i++) {
        await one.evaluate(() => window.cues.refresh());
    }

    check("what the shelf tells", (await events(one, "shelf")).map((news) =>
              [news.problem, news.refusal?.reason, news.room?.shelf[0].price]),
          [[null, null, 1], ["away", null, 1], [null, null, 1],
           ["refused", "room_banned", null], ["unknown", null, null],
           ["away", null, null], [null, null, 2]]);

    const cue = (card) => one.evaluate((given) => window.cues.reach(
        { id: String(given?.product), at: 1, card: given }), card);
    const card = () => one.evaluate(() => window.cues.card);

    await cue({ product: "tea", link: "https://s.example/1", price: "9" });
    check("the card", await card(), { product: "tea", link: "https://s.example/1",
                                      price: 2, title: "Tea", version: 1 });
    asked = [];
    await sleep(3600);
    check("each second", of("/rooms/demo").length >= 2, true);
    await cue({ product: "gone", link: "https://s.example/3" });
    check("off the shelf", await card(), null);
    await sleep(300);
    await cue(null);
    check("nothing", await card(), null);
    await one.evaluate(() => window.cues.close());
    await sleep(200);
    asked = [];
    await sleep(1500);
    check("closed", asked, []);
    await one.close();
}


// The session: who is refused stays out until he asks again; who can't be asked
// is, again; the shelf follows.

async function session(browser, url) {
    const entry = (ms) => ({ room: "demo", token: `s.1.1.u.${ms}`, issued: 1000,
                             expires: 1000 + ms, state: "open" });

    answers["/rooms/demo"] = [[200, tea(1)]];
    answers["/enter/demo"] = [[403, { reason: "code_wrong" }],
                              [200, entry(3000)], [200, entry(3600000)]];

    const one = await page(browser, url, { shelf: "/rooms/demo",
                                           enter: "/enter/demo" });

    await sleep(300);
    check("nothing by itself", asked.length, 0);

    const first = await one.evaluate(() => window.cues.enter({ code: "x" }));

    check("refused", [first.ok, first.status, first.reason],
          [false, 403, "code_wrong"]);
    await sleep(1200);
    check("and not again", of("/enter/demo").length, 1);
    check("the shelf, all the same", (await events(one, "shelf")).length, 1);

    await one.evaluate(() => window.cues.enter());
    await one.waitForFunction(() => window.events.filter(([type]) =>
        type == "session").length > 2);
    check("renewed", (await events(one, "session")).map(({ ok }) => ok),
          [false, true, true]);

    const [, entered, renewed] = of("/enter/demo");

    check("in time", renewed.at - entered.at < 3000, true);
    await one.evaluate(() => window.cues.close());
    await one.close();
}


// The playlist, where the player keeps it to itself.

async function playlists(browser, url) {
    const one = await page(browser, url, {});
    const read = (lines) => one.evaluate(async (text) =>
        (await import("/commerce-players.js")).readPlaylist(text),
        lines.join("\r\n"));

    check("a multivariant playlist", (await read([
        "#EXTM3U", "#EXT-X-STREAM-INF:BANDWIDTH=1", "low.m3u8",
        "#EXT-X-STREAM-INF:BANDWIDTH=2", "high.m3u8"])).variant, "low.m3u8");

    const list = await read([
        "#EXTM3U", "#EXT-X-TARGETDURATION:4", "# a comment",
        '#EXT-X-DATERANGE:ID="a",X-A="b,C=d",DURATION=4.5,X-B=0x1F',
        "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:10.5Z",
        "#EXTINF:4.0,a title, with a comma", "1.ts", "#EXTINF:2,", "2.ts",
        "#EXT-X-DISCONTINUITY",
        "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T01:01:00.000+01:00",
        "#EXTINF:3,", "3.ts", "#EXT-X-ENDLIST", ""]);

    check("ranges", list.ranges, [{ ID: "a", "X-A": "b,C=d", DURATION: "4.5",
                                    "X-B": "0x1F" }]);
    check("where segments lie", list.stretches,
          [{ from: 0, to: 4, zero: 10500 }, { from: 4, to: 6, zero: 10500 },
           { from: 6, to: 9, zero: 54000 }]);
    check("the rest", [list.target, list.ended, list.variant], [4, true, null]);
    await one.close();
}


main(async (browser) => {
    const url = await serve();

    await clicks(browser, url);
    await shelf(browser, url);
    await session(browser, url);
    await playlists(browser, url);

    return wrong;
});
