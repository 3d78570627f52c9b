// In the page of players.js: plays streams, each in one of three players, and
// notes, frame by frame, what each of three ways of reading cues shows.
//
// A player here is made of an address and a function that takes its troubles,
// and has
//
//   player     the library's
//   video
//   version    of the library
//   raw(time)  the ranges that the player itself has at a time of its media:
//              objects with id and start, one for each of its own kind
//   date(time) the date that the player has for that time; null: not known
//   ranges()   the product ranges it has read: id and at, ms since the epoch

import { CommerceCues } from "/www/commerce-cues.js";

const CLASS = "nginx-commerce.product";
const AT = "X-NGINX-COMMERCE-AT";
const BITS = 20;
const BIT = 16;                 // pixels
const LOOK = 250;               // ms, how often ranges are looked for
const HOLD = 1000;              // ms
const OPEN = 86400;             // s

const number = (text) => Number(String(text).replace(/"/g, ""));

function put(name) {
    const stage = document.getElementById("stage");

    return stage.appendChild(document.createElement(name));
}

// what text tracks have, of which each range has several cues

function tracked(tracks, time) {
    const found = new Map();

    for (const track of Array.from(tracks)) {
        if (track.kind != "metadata") {
            continue;
        }

        for (const cue of Array.from(track.cues ?? [])) {
            if (cue.type == "com.apple.quicktime.HLS"
                && cue.startTime <= time && time < cue.endTime)
            {
                found.set(`${cue.id} ${cue.startTime} ${cue.endTime}`,
                          { id: cue.id, start: cue.startTime });
            }
        }
    }

    return [...found.values()];
}


function hls(url, trouble) {
    const video = put("video");
    const player = new Hls();

    player.loadSource(url);
    player.attachMedia(video);
    player.on(Hls.Events.ERROR, (_, { details, fatal }) =>
        trouble(details, fatal));

    const level = () => player.levels[player.currentLevel]?.details
                        ?? player.latestLevelDetails;

    return {
        player,
        video,
        version: Hls.version,
        raw: (time) => tracked(video.textTracks, time),
        date: (time) => player.playingDate && player.playingDate.getTime()
                        + 1000 * (time - video.currentTime),
        ranges: () => Object.values(level()?.dateRanges ?? {})
            .filter((range) => range.class == CLASS)
            .map(({ id, startDate, attr }) => ({
                id, at: attr[AT] ? number(attr[AT]) : startDate.getTime() })),
    };
}


function video_js(url, trouble) {
    const element = put("video-js");
    const player = videojs(element, { muted: true, autoplay: true,
        html5: { vhs: { overrideNative: true } } });

    player.src({ src: url, type: "application/x-mpegURL" });
    player.on("error", () => trouble(player.error()?.message, true));

    const vhs = () => player.tech({ IWillNotUseThisInPlugins: true })?.vhs;

    return {
        player,
        video: element.querySelector("video"),
        version: videojs.VERSION,
        raw: (time) => tracked(player.textTracks(), time),
        date: (time) => {
            const segment = vhs()?.playlists?.media()?.segments.find(
                ({ start, end }) => start <= time && time < end);

            return segment?.dateTimeObject
                   ? segment.dateTimeObject.getTime()
                     + 1000 * (time - segment.start)
                   : null;
        },
        ranges: () => (vhs()?.playlists?.media()?.dateRanges ?? [])
            .filter((range) => range.class == CLASS)
            .map((range) => ({
                id: range.id,
                at: range[AT] ? number(range[AT])
                              : range.startDate.getTime() })),
    };
}


// Shaka tells of the ranges that it has come to; what it has read is in
// "metadataadded", a piece for each attribute.

function shaka_player(url, trouble, seconds) {
    const video = put("video");
    const player = new shaka.Player();
    const inside = new Map();
    const read = new Map();
    const key = ({ id, startTime, endTime }) => `${id} ${startTime} ${endTime}`;

    player.addEventListener("timelineregionenter", ({ detail }) => {
        if (detail.schemeIdUri == CLASS) {
            inside.set(key(detail), { id: detail.id, start: detail.startTime });
        }
    });
    player.addEventListener("timelineregionexit", ({ detail }) =>
        inside.delete(key(detail)));
    player.addEventListener("timelineregionadded", ({ detail }) => {
        const at = detail.values?.find((value) => value.key == AT);

        if (detail.schemeIdUri == CLASS && at) {
            read.set(detail.id, { id: detail.id, at: number(at.data) });
        }
    });
    player.addEventListener("error", ({ detail }) =>
        trouble(detail.code ? `${detail.code} ${detail.data}`
                            : detail.stack ?? detail, detail.severity == 2));

    if (seconds) {
        player.configure("manifest.availabilityWindowOverride", seconds);
    }

    player.attach(video).then(() => player.load(url)).catch((error) =>
        trouble(`${error.code ?? error}`, true));

    return {
        player,
        video,
        version: shaka.Player.version,
        raw: () => [...inside.values()],
        date: (time) => player.getPlayheadTimeAsDate()
                        && player.getPlayheadTimeAsDate().getTime()
                           + 1000 * (time - video.currentTime),
        ranges: () => [...read.values()],
    };
}


// Shaka whose window is not closed by the wall clock when a host was away

const shaka_open = (url, trouble) => shaka_player(url, trouble, OPEN);


const players = { hls, videojs: video_js, shaka: shaka_player,
                  "shaka-open": shaka_open };

// the wall clock of a frame's making: its barcode has the last bits of it

const canvas = document.createElement("canvas");

canvas.width = BITS * BIT;
canvas.height = 1;

const context = canvas.getContext("2d", { willReadFrequently: true });

function made(video, now) {
    const { videoWidth, videoHeight } = video;

    context.drawImage(video, 0, videoHeight - 8, videoWidth, 1,
                      0, 0, canvas.width, 1);

    const { data } = context.getImageData(0, 0, canvas.width, 1);
    const range = 2 ** BITS;
    let value = 0;

    for (let i = 0; i < BITS; i++) {
        if (data[(i * BIT + BIT / 2) * 4] > 127) {
            value += 2 ** i;
        }
    }

    return now - ((now - value) % range + range) % range;
}

function change(list, id, frame) {
    if (list.length == 0 || list.at(-1).id != id) {
        list.push({ id, ...frame });
    }
}

function latest(ranges, start) {
    return ranges.reduce((last, range) =>
        last && last[start] >= range[start] ? last : range, null)?.id ?? null;
}


class Watch {
    constructor(kind, url) {
        this.found = { raw: [], rule: [], helper: [], read: {}, twice: {},
                       holds: [], troubles: [] };
        this.known = new Map();
        this.player = players[kind](url, (what, fatal) =>
            this.trouble(String(what), Boolean(fatal)));
        this.found.version = this.player.version;

        // which would open Shaka's window
        if (kind != "shaka") {
            this.help(new CommerceCues(this.player.player));
        }

        this.begin();
    }

    help(cues) {
        cues.addEventListener("cue", ({ detail }) => {
            const seen = Date.now();

            change(this.found.helper, detail.id,
                   { frame: made(this.player.video, seen), seen });
        });
    }

    // what comes again and again is told once, with how often

    trouble(what, fatal) {
        const { troubles } = this.found;

        if (troubles.at(-1)?.what == what) {
            troubles.at(-1).times++;

        } else {
            troubles.push({ what, fatal, times: 1, seen: Date.now() });
        }
    }

    begin() {
        const { video } = this.player;

        video.muted = true;
        video.autoplay = true;
        video.play().catch(() => {});
        setInterval(() => this.read(), LOOK);
        this.wait();
    }

    wait() {
        this.player.video.requestVideoFrameCallback((_, { mediaTime }) => {
            this.frame(mediaTime);
            this.wait();
        });
    }

    read() {
        for (const range of this.player.ranges()) {
            this.known.set(range.id, range);
            this.found.read[range.id] ??= Date.now();
        }
    }

    frame(time) {
        const { found } = this;
        const seen = Date.now();
        const now = { frame: made(this.player.video, seen), seen };

        if (found.last && (seen - found.last.seen > HOLD
                           || now.frame - found.last.frame > HOLD))
        {
            found.holds.push({ from: found.last, to: now });
        }

        this.notice(this.player.raw(time), now);
        this.compare(this.player.date(time), now);
        found.first ??= now;
        found.last = now;
    }

    notice(active, now) {
        change(this.found.raw, latest(active, "start"), now);

        for (const { id } of active) {
            if (active.filter((other) => other.id == id).length > 1) {
                this.found.twice[id] = true;
            }
        }
    }

    compare(date, now) {
        if (date !== null) {
            const begun = [...this.known.values()].filter(
                ({ at }) => at <= date);

            change(this.found.rule, latest(begun, "at"), now);
        }
    }
}


const options = new URLSearchParams(location.search);

window.watches = {};

for (const stream of options.getAll("play")) {
    const [, name, kind, url] = stream.match(/^([^=]+)=([\w-]+),(.+)$/);

    window.watches[name] = new Watch(kind, url);
}
