// Serves HLS as a script says, with cues, to pages of the same server: what an
// encoder, its gaps and pins would have made, without any of them.
//
//   const server = await serve({ media: FOLDER, files: { "/x.js": PATH } });
//   server.streams.NAME = {
//       periods: [{ pool, segments, from, date }],
//       cues: [{ id, at, product, told }], segments: 10, ended: false };
//
// FOLDER has the segments POOL-N.ts, each of SEGMENT ms.  A period has so many
// segments, which are listed as they would be finished if its host came at the
// wall clock `from` (ms); its first one has the date `date`, by default the same.
// A cue is listed from the wall clock `told` on, by default `at`; one of the form
// { tag } is written as it is.  A live playlist has the last `segments` segments.
// At /NAME/index.m3u8, and in a multivariant playlist at /NAME/main.m3u8; / is an
// empty page.

const fs = require("fs");
const http = require("http");

const SEGMENT = 2000;           // ms

const TYPES = { js: "text/javascript", css: "text/css", ts: "video/mp2t",
                m3u8: "application/vnd.apple.mpegurl" };


const MAIN = `#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=500000,CODECS="avc1.42c014,mp4a.40.2"
index.m3u8
`;


const date = (ms) => new Date(ms).toISOString();

function listed(stream) {
    const segments = [];

    stream.periods.forEach((period, number) => {
        for (let i = 0; i < period.segments; i++) {
            if (stream.ended || period.from + (i + 1) * SEGMENT <= Date.now()) {
                segments.push({ uri: `/${period.pool}-${i}.ts`, number,
                                first: i == 0,
                                date: (period.date ?? period.from)
                                      + i * SEGMENT });
            }
        }
    });

    return segments;
}

function tag(cue, next, end) {
    if (cue.tag) {
        return cue.tag;
    }

    const product = cue.product ? `,X-NGINX-COMMERCE-PRODUCT="${cue.product}"`
        + `,X-NGINX-COMMERCE-LINK="https://shop.example/${cue.product}"` : "";

    return `#EXT-X-DATERANGE:ID="${cue.id}",CLASS="nginx-commerce.product",`
           + `START-DATE="${date(cue.at)}",`
           + (end ? `END-DATE="${date(next?.at ?? end)}"`
                  : "PLANNED-DURATION=86400")
           + `,X-NGINX-COMMERCE-AT="${cue.at}"${product}`;
}

// From the cue on that is in force at the first segment.

function cuesOf(stream, segments) {
    const told = stream.cues.filter((cue) => (cue.told ?? cue.at) <= Date.now()
                                             || stream.ended);
    const at = (cue) => cue?.at ?? -Infinity;
    const begun = told.filter((cue) => at(cue) <= segments[0].date);
    const from = Math.max(...begun.map(at));
    const end = stream.ended && segments.at(-1).date + SEGMENT;

    return told.filter((cue) => cue.tag || at(cue) >= from)
               .map((cue, i, all) => tag(cue, all[i + 1], end));
}

function playlist(stream) {
    const all = listed(stream);
    const left = stream.ended ? 0 : Math.max(0, all.length - stream.segments);
    const segments = all.slice(left);
    const gone = all.slice(0, left + 1).filter(({ first, number }) =>
                                               first && number).length;
    const lines = ["#EXTM3U", "#EXT-X-VERSION:3",
                   `#EXT-X-TARGETDURATION:${SEGMENT / 1000}`,
                   `#EXT-X-MEDIA-SEQUENCE:${left}`,
                   `#EXT-X-DISCONTINUITY-SEQUENCE:${gone}`,
                   ...(segments.length ? cuesOf(stream, segments) : [])];

    segments.forEach(({ uri, number, first, date: ms }, i) => {
        if (first && number && i) {
            lines.push("#EXT-X-DISCONTINUITY");
        }

        lines.push(`#EXT-X-PROGRAM-DATE-TIME:${date(ms)}`,
                   `#EXTINF:${(SEGMENT / 1000).toFixed(3)},`, uri);
    });

    if (stream.ended) {
        lines.push("#EXT-X-ENDLIST");
    }

    return lines.join("\n") + "\n";
}


exports.SEGMENT = SEGMENT;

exports.serve = async ({ media, files }) => {
    const streams = {};

    const server = http.createServer((request, response) => {
        const path = new URL(request.url, "http://localhost").pathname;
        const [, name, list] = /^\/(\w+)\/(index|main)\.m3u8$/.exec(path) ?? [];
        const [, segment] = /^\/(\w+-\d+\.ts)$/.exec(path) ?? [];
        const file = files[path] ?? (segment && `${media}/${segment}`);
        const type = TYPES[path.split(".").pop()] ?? "text/html";

        response.setHeader("Content-Type", type);

        if (path == "/") {
            response.end("<!doctype html><meta charset=utf-8><title>t</title>");

        } else if (streams[name]) {
            response.setHeader("Cache-Control", "no-store");
            response.end(list == "main" ? MAIN : playlist(streams[name]));

        } else if (file && fs.existsSync(file)) {
            response.end(fs.readFileSync(file));

        } else {
            response.statusCode = path == "/favicon.ico" ? 204 : 404;
            response.end();
        }
    });

    await new Promise((done) => server.listen(0, "127.0.0.1", done));

    return { streams, url: `http://127.0.0.1:${server.address().port}` };
};
