// The cues of a room in a page, whatever plays its video: hls.js, Shaka Player,
// video.js, or the browser itself.
//
//   import { CommerceCues } from "./commerce-cues.js";
//
//   const cues = new CommerceCues(player, { shelf, cart });
//   cues.addEventListener("cue", () => show(cues.card));
//
// A script that is no module says import("./commerce-cues.js").then(…).  The
// types are in commerce-cues.d.ts; README, "Your page", says how to use it.
//
// A cue carries the date from which on it is in force (X-NGINX-COMMERCE-AT, ms
// since the epoch, on the playlist's own dates).  What is compared with it is
// the date of the frame on the screen, which each player can tell from its
// segments.  Where a player itself would show a cue is not asked: video.js and
// Shaka reckon that from the first date of the session, which is wrong after a
// gap, and look a few times a second.

import { adapt, Playlist } from "./commerce-players.js";
import { Session, Shelf } from "./commerce-room.js";

const CLASS = "nginx-commerce.product";
const PREFIX = "X-NGINX-COMMERCE-";
const NOTHING = { id: null, at: null, card: null };

const TICK = 100;               // ms, between looks where no frames are told of
const STILL = 500;              // ms without a frame: a look without
const BEHIND = 0.25;            // s, that currentTime may be behind the frame
const SEEK = 5;                 // s, a step that is no playback
const SHAKE = 1000;             // ms that dates may step back between segments
const MOST = 1000;              // cues, and stretches, that are remembered

const CLICKS = [0, 1000, 3000]; // ms before each attempt to send a click


export class CommerceCues extends EventTarget {

    constructor(player, options = {}) {
        super();

        this.options = options;
        this.cue = NOTHING;
        this.playback = null;
        this.session = new Session(options, (answer) => this.entered(answer));
        this.shelf = new Shelf(this.session, options, {
            changed: (shelf) => this.tell("shelf", shelf),
            pinned: () => Boolean(this.cue.card),
        });

        if (!options.enter) {
            this.shelf.refresh();
        }

        if (player) {
            this.attach(player);
        }
    }

    // Follows a player, at best before it begins to load.

    attach(player) {
        this.detach();
        this.playback = new Playback(player, this.session, this.options, {
            cue: (cue) => this.reach(cue),
            cues: (cues) => this.foresee(cues),
        });
    }

    detach() {
        this.playback?.close();
        this.playback = null;

        if (this.cue != NOTHING) {
            this.reach(NOTHING);
        }
    }

    close() {
        this.detach();
        this.shelf.close();
        this.session.close();
    }

    // What a page shows now, or null: the cue's product and link, as they were
    // pinned; and of the shelf, as it is now, what it costs and whether there is
    // any.  What is not on the shelf is not for sale any more.

    get card() {
        const { card } = this.cue;

        if (!card || !this.options.shelf) {
            return card;
        }

        const product = this.products.get(card.product);

        return product ? { ...card, ...product, link: card.link ?? product.link }
                       : null;
    }

    get room() {
        return this.shelf.room;
    }

    get products() {
        return this.shelf.products;
    }

    refresh() {
        return this.shelf.refresh();
    }

    enter(proof) {
        return this.session.enter(proof);
    }

    address(url) {
        return this.session.address(url);
    }

    // in or not: the shelf says what there is to see

    entered(answer) {
        this.tell("session", answer);

        if (answer.reason) {
            this.shelf.forget();
        }

        this.shelf.refresh();
    }

    // True if the click was counted.  Who is refused for the moment tries again;
    // an answer that is lost may have been a yes, so that is no reason to.

    async click(product) {
        const url = new URL(this.options.cart, document.baseURI);

        url.pathname = url.pathname.replace(/\/?$/, "/")
                       + encodeURIComponent(product);

        for (const pause of CLICKS) {
            // the first goes out before the page may be left
            if (pause) {
                await new Promise((done) => setTimeout(done, pause));
            }

            const answer = await this.session.post(url.href);

            if (![429, 503].includes(answer?.status)) {
                return answer?.ok ?? false;
            }
        }

        return false;
    }

    reach(cue) {
        this.cue = cue;
        this.tell("cue", cue);

        if (cue.card) {
            this.shelf.refresh();
        }
    }

    // the shelf has what is new by the time that its frame is on the screen

    foresee(cues) {
        if (cues.some(({ card }) => card && !this.products.has(card.product))) {
            this.shelf.refresh();
        }
    }

    tell(type, detail) {
        this.dispatchEvent(new CustomEvent(type, { detail }));
    }
}


// Which cue is in force on the frame that is on the screen.

class Playback {

    // on.cue(cue): it is in force now; on.cues(cues): the playlist has new ones

    constructor(player, session, options, on) {
        this.player = adapt(player, session);
        this.session = session;
        this.options = options;
        this.on = on;
        this.own = null;        // the playlist, if it is read by ourselves
        this.list = null;       // the playlist that was learned last
        this.cues = [];         // ascending by at
        this.stretches = [];    // { from, to, zero, list }, as they were played
        this.shown = null;      // the ID of the cue that was told last
        this.time = null;       // s, of the last look
        this.date = null;       // ms
        this.video = null;
        this.framed = 0;        // ms, when a frame was told of
        this.emptied = () => this.forget();
        this.timer = setInterval(() => this.tick(), TICK);
    }

    close() {
        clearInterval(this.timer);
        this.follow(null);
        this.own?.close();
        this.player.close?.();
    }

    // something else is played, or the same anew

    forget() {
        this.own?.close();
        this.own = this.list = this.time = this.date = null;
        this.cues = [];
        this.stretches = [];
    }

    follow(video) {
        this.video?.removeEventListener("emptied", this.emptied);
        this.video = video;
        video?.addEventListener("emptied", this.emptied);
        this.everyFrame(video);
    }

    everyFrame(video) {
        video?.requestVideoFrameCallback?.((now, { mediaTime }) => {
            if (video == this.video) {
                this.framed = performance.now();
                this.look(mediaTime);
                this.everyFrame(video);
            }
        });
    }

    // Where no frames are told of: the page is hidden, the picture stands still,
    // there is none, or the browser does not tell.

    tick() {
        const video = this.player.video() ?? null;

        if (video != this.video) {
            this.follow(video);
        }

        if (video && video.readyState >= video.HAVE_CURRENT_DATA
            && !video.seeking && performance.now() - this.framed > STILL)
        {
            this.look(video.currentTime);
        }
    }

    look(time) {
        const list = this.playlist();

        if (list && list != this.list) {
            this.list = list;
            this.learn(this.player.ranges?.(list) ?? list.ranges);
        }

        if (time < this.time && time > this.time - BEHIND) {
            time = this.time;
        }

        const date = this.dateOf(time);

        if (date != null) {
            this.pass(time, date);
        }
    }

    // Playback tells each cue that it passes; a seek, or dates that jump, the one
    // in force there.

    pass(time, date) {
        const step = this.time == null ? Infinity : time - this.time;
        const plays = step >= 0 && step < SEEK;

        if (plays && date < this.date && date > this.date - SHAKE) {
            date = this.date;
        }

        const from = plays && date - this.date < SEEK * 1000 ? this.date : date;
        const begun = this.cues.filter((cue) => cue.at <= date);
        const passed = begun.filter((cue) => cue.at > from);

        this.time = time;
        this.date = date;

        for (const cue of passed.length ? passed : begun.slice(-1)) {
            this.show(cue);
        }

        if (!begun.length) {
            this.show(NOTHING);
        }
    }

    show(cue) {
        if (cue.id !== this.shown) {
            this.shown = cue.id;
            this.on.cue(cue);
        }
    }

    playlist() {
        const list = this.player.playlist();

        if (list !== undefined) {
            return list;
        }

        const url = this.options.playlist ?? this.player.source();

        if (!this.own && url) {
            this.own = new Playlist(url, this.session);
        }

        return this.own?.list;
    }

    // Adds a playlist's cues to those that former ones had: what has left it may
    // still be played.  One that has not begun can be taken back.

    learn(ranges) {
        const listed = ranges.map(cueOf).filter(Boolean);
        const first = Math.min(...listed.map((cue) => cue.at));
        const known = new Map(this.cues.map((cue) => [cue.id, cue]));
        const fresh = listed.filter((cue) => !known.has(cue.id));

        for (const cue of this.cues) {
            if (cue.at >= first && cue.at > this.date) {
                known.delete(cue.id);
            }
        }

        for (const cue of listed) {
            known.set(cue.id, cue);
        }

        this.cues = [...known.values()].sort((a, b) => a.at - b.at).slice(-MOST);

        if (fresh.length) {
            this.on.cues(fresh);
        }
    }

    // ms since the epoch, or null.  What is played may have left the playlist:
    // then it goes on from what was played before it.

    dateOf(time) {
        const last = this.stretches.at(-1);

        if (last && last.list == this.list
            && time >= last.from && time < last.to)
        {
            return last.zero + time * 1000;
        }

        const found = this.player.stretch(time, this.list);

        if (!found) {
            const before = this.stretches.filter(({ from }) => from <= time)
                               .sort((a, b) => b.from - a.from)[0];

            return before ? before.zero + time * 1000 : null;
        }

        if (found.to > found.from) {
            this.stretches.push({ ...found, list: this.list });

            if (this.stretches.length > MOST) {
                this.stretches.shift();
            }
        }

        return found.zero + time * 1000;
    }
}


// A tag's attributes as a cue, or null.  One without a product says that nothing
// is pinned.

function cueOf(range) {
    const at = Number(range[PREFIX + "AT"]) || +new Date(range["START-DATE"]);
    const card = {};

    if (range.CLASS != CLASS || !at) {
        return null;
    }

    for (const name of Object.keys(range)) {
        if (name.startsWith(PREFIX) && name != PREFIX + "AT") {
            card[name.slice(PREFIX.length).toLowerCase()] = range[name];
        }
    }

    return { id: range.ID, at, card: card.product ? card : null };
}
