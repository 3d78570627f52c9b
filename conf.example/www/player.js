// Plays a live HLS playlist, again and again until it does.

const RETRY = 2000;             // ms, between attempts to open the playlist
const STALLED = 10000;          // ms without progress: start anew

export class Player {

    // on.state("connecting" | "playing" | "blocked" | "waiting")
    // on.refused(): the server does not give the video to this viewer

    constructor(video, url, cues, on) {
        this.video = video;
        this.url = url;
        this.cues = cues;
        this.on = on;
        this.hls = null;
        this.running = false;
        this.timer = 0;
        this.moved = 0;

        for (const name of ["playing", "timeupdate"]) {
            video.addEventListener(name, () => this.progress());
        }

        video.addEventListener("waiting", () => this.on.state("waiting"));

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

        // A browser that says it plays HLS by itself may do so badly, so hls.js
        // comes first.

        if (window.Hls?.isSupported()) {
            this.openHls();

        } else if (this.video.canPlayType("application/vnd.apple.mpegurl")) {
            this.cues.attach(this.video);
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

        hls.on(window.Hls.Events.ERROR, (event, data) => {
            if ([401, 403].includes(data.response?.code)) {
                this.on.refused();
            }

            if (data.fatal) {
                this.again();
            }
        });

        this.cues.attach(hls);
        hls.loadSource(this.url);
        hls.attachMedia(this.video);
    }

    close() {
        clearTimeout(this.timer);
        this.cues.detach();

        if (this.hls) {
            this.hls.destroy();
            this.hls = null;
        }

        this.video.onerror = null;
        this.video.removeAttribute("src");
        this.video.load();
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
}
