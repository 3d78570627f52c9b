// Plays a live HLS playlist and says which product is in the spotlight of the
// frame that is on the screen.

const PREFIX = "X-NGINX-COMMERCE-";
const RETRY = 2000;             // ms, between attempts to open the playlist
const STALLED = 10000;          // ms without progress: start anew
const GAP = 0.1;                // s

export class Player {

    // on.state("connecting" | "playing" | "blocked" | "waiting")
    // on.spotlight(card): card.product and the cue's other attributes, or null
    // on.cue(): the playlist has a cue that was not there before
    // on.refused(): the server does not give the video to this viewer

    constructor(video, url, on) {
        this.video = video;
        this.url = url;
        this.on = on;
        this.hls = null;
        this.running = false;
        this.timer = 0;
        this.seen = new Set();
        this.shown = undefined;
        this.moved = 0;

        for (const name of ["playing", "timeupdate"]) {
            video.addEventListener(name, () => this.progress());
        }

        video.addEventListener("waiting", () => this.on.state("waiting"));
        video.addEventListener("seeked", () => this.look(video.currentTime));

        if (video.requestVideoFrameCallback) {
            this.everyFrame();

        } else {
            video.addEventListener("timeupdate",
                                   () => this.look(video.currentTime));
        }

        setInterval(() => this.watch(), 1000);
    }

    start() {
        if (this.running) {
            return;
        }

        this.running = true;
        this.moved = performance.now();
        this.on.state("connecting");
        this.open();
    }

    stop() {
        if (this.running) {
            this.running = false;
            this.close();
        }
    }

    open() {
        clearTimeout(this.timer);

        // A browser may say that it plays HLS by itself and still keep the
        // cues from pages, so hls.js comes first.

        if (window.Hls?.isSupported()) {
            this.openHls();

        } else if (this.video.canPlayType("application/vnd.apple.mpegurl")) {
            this.video.src = this.url;
            this.video.onerror = () => this.again();
            this.play();

        } else {
            this.on.state("unsupported");
        }
    }

    openHls() {
        const hls = this.hls = new window.Hls({
            liveSyncDurationCount: 2,
            liveMaxLatencyDurationCount: 6,
            maxLiveSyncPlaybackRate: 1.1,
            backBufferLength: 30,
        });

        hls.on(window.Hls.Events.MANIFEST_PARSED, () => this.play());

        hls.on(window.Hls.Events.LEVEL_UPDATED, (event, data) => {
            this.learn(Object.keys(data.details.dateRanges));
        });

        hls.on(window.Hls.Events.ERROR, (event, data) => {
            if ([401, 403].includes(data.response?.code)) {
                this.on.refused();
            }

            if (data.fatal) {
                this.again();
            }
        });

        hls.loadSource(this.url);
        hls.attachMedia(this.video);
    }

    close() {
        clearTimeout(this.timer);

        if (this.hls) {
            this.hls.destroy();
            this.hls = null;
        }

        this.video.onerror = null;
        this.video.removeAttribute("src");
        this.video.load();
        this.seen.clear();
        this.show(null);
    }

    again() {
        this.close();

        if (this.running) {
            this.moved = performance.now();
            this.timer = setTimeout(() => this.open(), RETRY);
            this.on.state("connecting");
        }
    }

    async play() {
        try {
            await this.video.play();

        } catch (error) {
            if (error.name == "NotAllowedError") {
                this.on.state("blocked");
            }
        }
    }

    progress() {
        this.moved = performance.now();

        if (this.running && !this.video.paused) {
            this.on.state("playing");
        }
    }

    // a live playlist that stops growing is not an error to hls.js

    watch() {
        if (this.running && this.hls && !this.video.paused && !document.hidden
            && performance.now() - this.moved > STALLED)
        {
            this.again();
        }
    }

    learn(ids) {
        const fresh = ids.filter((id) => !this.seen.has(id));

        this.seen = new Set(ids);

        if (fresh.length) {
            this.on.cue();
        }
    }

    everyFrame() {
        this.video.requestVideoFrameCallback((now, frame) => {
            this.look(frame.mediaTime);
            this.everyFrame();
        });
    }

    look(time) {
        this.show(spotlight(this.video.textTracks, time));
    }

    show(card) {
        const id = card ? card.id : null;

        if (id !== this.shown) {
            this.shown = id;
            this.on.spotlight(card);
        }
    }
}


// A date range becomes one text track cue for each of its X- attributes, all
// with the range's ID.  Of the ranges that hold the time, the one that starts
// last is in force.

function spotlight(tracks, time) {
    const cues = cuesOf(tracks);
    let card = null;

    // a range ends where the next begins, but for rounding: no gap shows
    const grace = cues.some((cue) => cue.startTime > time
                                     && cue.startTime < time + GAP) ? GAP : 0;

    for (const cue of cues) {
        if (time < cue.startTime || time >= cue.endTime + grace) {
            continue;
        }

        const id = cue.id || String(cue.startTime);

        if (!card || (cue.startTime > card.start && id != card.id)) {
            card = { id, start: cue.startTime };
        }

        if (card.id == id) {
            const name = cue.value.key.slice(PREFIX.length).toLowerCase();

            card[name] = cue.value.data;
        }
    }

    return card?.product ? card : null;
}


function cuesOf(tracks) {
    const cues = [];

    for (const track of tracks) {
        if (track.kind != "metadata") {
            continue;
        }

        if (track.mode == "disabled") {
            track.mode = "hidden";
        }

        cues.push(...[...track.cues ?? []].filter((cue) =>
                                     cue.value?.key?.startsWith(PREFIX)));
    }

    return cues;
}
