// What players know of the video that they play.
//
// The tags come from what hls.js and video.js keep of the playlist that they
// have just read.  Shaka turns tags into regions, keyed by their start and end,
// and loses some; so its responses are read instead.  A browser that plays HLS
// itself tells nothing: there the playlist is fetched once more, each target
// duration.
//
// adapt() gives
//
//   video()             the element, if there is one
//   playlist()          what was read last, another object after each reload;
//                       null: nothing yet; undefined: the player does not tell
//   ranges(playlist)    the attributes of its EXT-X-DATERANGEs
//   source()            its address
//   stretch(time, playlist)
//                       where that time (s) lies: from and to (s), and zero, the
//                       date (ms) that the time 0 would have; null if the player
//                       does not know
//   close()             lets go of the player
//
// and sees to it that what the player requests carries the session as it is now.

const AGAIN = 5000;             // ms, until a playlist is asked for again
const MANIFEST = 0;             // Shaka's type of request
const ROUND = 0.001;            // s
const DAY = 86400;              // s


export function adapt(player, session) {
    if (player.loadSource) {
        return hlsJs(player, session);
    }

    if (player.getPlayheadTimeAsDate) {
        return shaka(player, session);
    }

    return player.tech ? videoJs(player, session) : native(player);
}


function hlsJs(hls, session) {
    const setup = hls.config.xhrSetup;

    hls.config.xhrSetup = async (xhr, url, context) => {
        await setup?.(xhr, url, context);

        const request = session.request(url);

        if (xhr.readyState == xhr.UNSENT && request.url != url) {
            xhr.open("GET", request.url, true);
        }

        xhr.withCredentials ||= request.withCookies;
    };

    return {
        video: () => hls.media,
        playlist: () => hls.levels[hls.currentLevel]?.details
                        ?? hls.latestLevelDetails ?? null,
        ranges: (list) => Object.values(list.dateRanges).map(({ attr }) => attr),

        stretch(time, list) {
            const segment = list?.fragments.find(({ start, duration }) =>
                               time >= start - ROUND && time < start + duration);

            if (segment) {
                return stretchOf(segment.start,
                                 segment.start + segment.duration,
                                 segment.programDateTime);
            }

            const date = hls.playingDate;
            const zero = date - hls.media?.currentTime * 1000;

            return date && zero ? { from: time, to: time, zero } : null;
        },

        close() {
            hls.config.xhrSetup = setup;
        },
    };
}


function shaka(player, session) {
    const engine = player.getNetworkingEngine();
    const late = player.getAssetUri() != null;
    let list = null;
    let zero = null;

    const asks = (type, request) => {
        const requests = request.uris.map((uri) => session.request(uri));

        request.uris = requests.map(({ url }) => url);
        request.allowCrossSiteCredentials ||= requests[0]?.withCookies;
    };

    const hears = (type, response) => {
        if (type == MANIFEST) {
            const found = readPlaylist(new TextDecoder().decode(response.data));

            // audio has none
            if (found.ranges.length) {
                list = found;
            }
        }
    };

    // After a host's gap dates are behind the wall clock, by which Shaka would
    // have the playlist move on.

    if (isNaN(player.getConfiguration().manifest.availabilityWindowOverride)) {
        player.configure("manifest.availabilityWindowOverride", DAY);
    }

    engine.registerRequestFilter(asks);
    engine.registerResponseFilter(hears);

    return {
        video: () => player.getMediaElement(),
        playlist: () => list ?? (late ? undefined : null),
        source: () => player.getAssetUri(),

        // The date is that of a playhead which is kept within the range in which
        // one may seek: what is played outside of it goes on as before.

        stretch(time) {
            const video = player.getMediaElement();
            const date = player.getPlayheadTimeAsDate();
            const { start, end } = player.seekRange();

            if (date && video && video.currentTime >= start
                && video.currentTime <= end)
            {
                zero = date - video.currentTime * 1000;
            }

            return zero && { from: time, to: time, zero };
        },

        close() {
            engine.unregisterRequestFilter(asks);
            engine.unregisterResponseFilter(hears);
        },
    };
}


function videoJs(player, session) {
    // false while it changes, and in the end
    const tech = () => player.tech(true) || null;
    const vhs = () => tech()?.vhs;

    const asks = (options) => {
        const request = session.request(options.uri);

        options.uri = request.url;
        options.withCredentials ||= request.withCookies;

        return options;
    };

    const hook = () => vhs()?.xhr.onRequest(asks);

    player.on("xhr-hooks-ready", hook);
    hook();

    return {
        video: () => tech()?.el(),
        playlist: () => vhs() ? vhs().playlists?.media() ?? null : undefined,
        source: () => player.currentSrc(),
        ranges: (list) => vhs() ? (list.dateRanges ?? []).map(tagOf)
                                : list.ranges,

        stretch(time, list) {
            if (!vhs()) {
                return native(tech().el()).stretch(time, list);
            }

            // videoTimingInfo, and with it convertToProgramTime(), is off by what
            // the encoder's clock showed when the video began
            const segment = list?.segments?.find(({ start, end }) =>
                               time >= start - ROUND && time < end);

            return segment ? stretchOf(segment.start, segment.end,
                                       segment.dateTimeObject
                                       ?? segment.programDateTime) : null;
        },

        close() {
            player.off("xhr-hooks-ready", hook);
            vhs()?.xhr.offRequest(asks);
        },
    };
}

// video.js spells xNginxCommerceAt

function tagOf(range) {
    return Object.fromEntries(Object.entries(range).map(([name, value]) =>
               [name.replace(/[a-z](?=[A-Z])/g, "$&-").toUpperCase(), value]));
}


// What has an end begins with its first segment at the time 0; of what is live,
// browsers that play HLS themselves tell the date of the time 0.

function native(video) {
    return {
        video: () => video,
        playlist: () => undefined,
        source: () => video.currentSrc,

        stretch(time, list) {
            if (list?.ended) {
                return list.stretches.find(({ to }) => time < to) ?? null;
            }

            const zero = Number(video.getStartDate?.());

            return zero ? { from: time, to: time, zero } : null;
        },
    };
}

function stretchOf(from, to, date) {
    return date == null ? null : { from, to, zero: date - from * 1000 };
}


// A playlist that its player keeps to itself.  Of a multivariant one the first
// variant will do: all have the same cues.

export class Playlist {

    constructor(url, session) {
        this.session = session;
        this.list = null;
        this.timer = 0;
        this.closed = false;
        this.load(url);
    }

    async load(url) {
        let pause = AGAIN;

        try {
            const request = this.session.request(url);
            const answer = await fetch(request.url, {
                credentials: request.withCookies ? "include" : "same-origin" });

            if (answer.ok) {
                const list = readPlaylist(await answer.text());

                if (list.variant) {
                    url = new URL(list.variant, answer.url).href;
                    pause = 0;

                } else {
                    this.list = list;
                    pause = Math.max(list.target * 1000, 1000);
                }
            }

        } catch {
            // it may be there the next time
        }

        if (!this.closed && !this.list?.ended) {
            this.timer = setTimeout(() => this.load(url), pause);
        }
    }

    close() {
        this.closed = true;
        clearTimeout(this.timer);
    }
}


// Of a playlist: ranges, the attributes of its EXT-X-DATERANGEs; stretches, where
// its segments lie if the first one begins at the time 0; target (s); whether it
// has ended; and its first variant, if it is a multivariant one.

export function readPlaylist(text) {
    const list = { ranges: [], stretches: [], target: 0, ended: false,
                   variant: null };
    let from = 0, date = NaN, duration = 0, variants = false;

    const tags = {
        "EXT-X-DATERANGE": (value) => list.ranges.push(attributes(value)),
        "EXT-X-TARGETDURATION": (value) => list.target = Number(value),
        "EXT-X-ENDLIST": () => list.ended = true,
        "EXT-X-STREAM-INF": () => variants = true,
        "EXT-X-PROGRAM-DATE-TIME": (value) => date = Date.parse(value),
        "EXTINF": (value) => duration = parseFloat(value),
    };

    for (const line of text.split(/\r?\n/)) {
        const [, name, value] = /^#(EXT[^:]*):?(.*)$/.exec(line) ?? [];

        if (name) {
            tags[name]?.(value);

        } else if (line.trim() && !line.startsWith("#")) {
            if (variants) {
                list.variant ??= line.trim();
            }

            list.stretches.push({ from, to: from + duration,
                                  zero: date - from * 1000 });
            from += duration;
            date += duration * 1000;
        }
    }

    return list;
}

function attributes(text) {
    const found = {};

    for (const [, name, quoted, plain]
         of text.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))/g))
    {
        found[name] = quoted ?? plain;
    }

    return found;
}
