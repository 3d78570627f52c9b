// What the edge tells of a room, and who watches it.

const PINNED = 1000;            // ms between requests of the shelf: a price is
const IDLE = 4000;              // shown; none is; nobody looks
const HIDDEN = 30000;

const AWAY = 5000;              // ms, until a renewal is tried again
const SECOND = 1000;
const LONGEST = 2 ** 31 - 1;    // ms that a timer can take
const VIEWER = /([?&]viewer=)([^&#]*)/;


// What a page shows of a room.  The browser asks with the ETag that it has, and
// what has not changed is a 304.

export class Shelf {

    // on.changed({ problem, refusal, room }); on.pinned(): a price is shown

    constructor(session, options, on) {
        this.session = session;
        this.url = options.shelf;
        this.on = on;
        this.room = null;
        this.products = new Map();
        this.problem = undefined;   // null, "unknown", "refused" or "away"
        this.text = null;
        this.busy = null;
        this.more = false;
        this.timer = 0;
        this.seen = () => document.hidden || !this.timer || this.refresh();

        document.addEventListener("visibilitychange", this.seen);
    }

    close() {
        this.url = null;
        clearTimeout(this.timer);
        document.removeEventListener("visibilitychange", this.seen);
    }

    // Asks now, and again and again from then on.  A call during a request
    // causes one more.

    refresh() {
        this.more = true;
        this.busy ??= this.turn().finally(() => this.busy = null);

        return this.busy;
    }

    // what is answered next is told, be it the same

    forget() {
        this.problem = undefined;
    }

    async turn() {
        clearTimeout(this.timer);

        while (this.url && this.more) {
            this.more = false;
            await this.ask();
        }

        if (this.url) {
            this.timer = setTimeout(() => this.refresh(),
                                    document.hidden ? HIDDEN
                                    : this.on.pinned() ? PINNED : IDLE);
        }

        return this.problem;
    }

    async ask() {
        try {
            const answer = await fetch(this.session.address(this.url), {
                cache: "no-cache", credentials: this.session.credentials });
            const refused = answer.status == 401 || answer.status == 403;

            if (answer.ok || refused) {
                const text = await answer.text();

                this.take(refused ? "refused" : null, text, JSON.parse(text));

            } else {
                this.take(answer.status == 404 ? "unknown" : "away");
            }

        } catch {
            this.take("away");
        }
    }

    take(problem, text = this.text, json = undefined) {
        if (!this.url || (problem == this.problem && text == this.text)) {
            return;
        }

        this.problem = problem;
        this.text = text;

        if (json) {
            this.room = problem ? null : json;
            this.products = new Map(this.room?.shelf.map((card) =>
                                                         [card.product, card]));
        }

        this.on.changed({ problem, refusal: problem ? json ?? null : null,
                          room: this.room });
    }
}


// Who watches.  His session is a cookie, which the page can't see.  To an edge of
// another origin it goes as an argument besides, for browsers may keep such
// cookies from being sent.

export class Session {

    constructor(options, told) {
        this.url = options.enter && new URL(options.enter, document.baseURI).href;
        this.credentials = options.credentials ?? "same-origin";
        this.told = told;
        this.token = null;
        this.viewer = null;     // a token of who he is
        this.former = new Set();
        this.due = 0;           // ms by performance.now(): renew then
        this.timer = 0;
        this.busy = null;
        this.seen = () => {
            if (!document.hidden && this.due && performance.now() > this.due) {
                this.enter();
            }
        };

        document.addEventListener("visibilitychange", this.seen);
    }

    close() {
        this.told = () => {};
        this.wait = () => {};
        clearTimeout(this.timer);
        document.removeEventListener("visibilitychange", this.seen);
    }

    // What the edge says, with ok and status; status is 0 if it says nothing.

    async enter(proof = {}) {
        await this.busy;

        this.busy = this.attempt(proof);

        const answer = await this.busy;

        this.told(answer);

        return answer;
    }

    async attempt({ code, viewer = this.viewer }) {
        const bearer = isForeign(this.url) && this.token || viewer;
        const headers = { "Content-Type": "application/json" };

        if (bearer) {
            headers.Authorization = `Bearer ${bearer}`;
        }

        clearTimeout(this.timer);
        this.due = 0;
        this.viewer = viewer;
        this.former.add(viewer);

        try {
            const answer = await fetch(this.url, {
                method: "POST", headers, credentials: this.credentials,
                body: JSON.stringify({ code, id: identifier(this.url) }) });
            const json = /json/.test(answer.headers.get("Content-Type"))
                         ? await answer.json() : {};

            if (answer.ok) {
                this.take(json, Date.parse(answer.headers.get("Date")));

            } else if (answer.status == 503) {
                this.wait(AWAY, { code });

            } else {
                this.token = null;
            }

            return { ...json, ok: answer.ok, status: answer.status };

        } catch {
            this.wait(AWAY, { code });
            return { ok: false, status: 0 };
        }
    }

    // now: by the server's clock, in whole seconds; NaN if it is not told to other
    // origins.  The viewer's may be wrong, so that what it says has to be possible.

    take({ token, issued, expires }, now) {
        const whole = expires - issued;
        const left = expires - (now || Date.now());

        if (token) {
            this.token = token;
            this.former.add(token);
            this.wait((left > 0 && left < whole + SECOND ? left : whole / 2)
                      * (0.6 + 0.2 * Math.random()));
        }
    }

    wait(ms, proof) {
        const pause = Math.min(Math.max(ms, SECOND), LONGEST);

        this.due = performance.now() + pause;
        this.timer = setTimeout(() => this.enter(proof), pause);
    }

    // the same address with the session, if the edge is another origin

    address(url) {
        return this.token && isForeign(url) ? withViewer(url, this.token) : url;
    }

    // What a player would ask for with a former session of this viewer it asks
    // for with the one of now, and so plays on.

    request(url) {
        const given = VIEWER.exec(url)?.[2];

        return {
            url: this.token && given && given != this.token && this.isHis(given)
                 ? withViewer(url, this.token) : url,
            withCookies: this.credentials == "include" && Boolean(this.url)
                         && originOf(url) == originOf(this.url),
        };
    }

    // playlists carry sessions, s.EXP.IAT.SUBJECT.MAC, that he was not told of

    isHis(token) {
        const [kind, , , subject] = token.split(".");

        return this.former.has(token)
               || (kind == "s" && subject == this.token.split(".")[3]);
    }

    // A click.  Its answer, which may come after the page has gone, or null.

    async post(url) {
        const address = this.address(url);

        try {
            return "keepalive" in Request.prototype
                   ? await fetch(address, { method: "POST", keepalive: true,
                                            credentials: this.credentials })
                   : { ok: navigator.sendBeacon(address) };

        } catch {
            return null;
        }
    }
}


function originOf(url) {
    return new URL(url, document.baseURI).origin;
}

function isForeign(url) {
    return originOf(url) != location.origin;
}

// other arguments may be signed, and stay byte by byte

function withViewer(url, token) {
    const [address, ...anchor] = url.split("#");

    return [VIEWER.test(address)
            ? address.replace(VIEWER, `$1${token}`)
            : `${address}${address.includes("?") ? "&" : "?"}viewer=${token}`,
            ...anchor].join("#");
}


// Who tries again is the same, and takes no second use of a code.

function identifier(url) {
    const key = `commerce ${url}`;
    const made = [...crypto.getRandomValues(new Uint8Array(16))]
                 .map((byte) => byte.toString(16).padStart(2, "0")).join("");

    try {
        const id = sessionStorage.getItem(key) ?? made;

        sessionStorage.setItem(key, id);

        return id;

    } catch {
        return made;            // a page that may keep nothing
    }
}
