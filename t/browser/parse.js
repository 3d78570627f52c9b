// parse.js PLAIN OURS FILE...: fetches each FILE from two addresses, the one
// where playlists are as they are and the one where cues are put in, and has
// m3u8-parser and hls-parser read both.  Prints, by FILE:
//
//   cues      how many ranges of ours the second one has
//   segments  how many segments each parser sees in the first one, null if it
//             can't read it
//   wrong     what else they see in the second one, by parser: anything but
//             ranges, dates where there were none, and that there are no delta
//             updates

const { isDeepStrictEqual } = require("util");
const m3u8 = require("m3u8-parser");
const hls = require("hls-parser");

const [plain, ours, ...files] = process.argv.slice(2);
const OURS = /^#EXT-X-DATERANGE:.*CLASS="nginx-commerce\.product"/gm;

hls.setOptions({ silent: true });


// What a parser makes of a text: an object as JSON has it, with segments.

const parsers = {
    "m3u8-parser": (text) => {
        const parser = new m3u8.Parser();
        const complaints = [];

        const complain = ({ message }) =>
            complaints.push(message.replace(/DATERANGE #\d+/, "DATERANGE"));

        parser.on("warn", complain);
        parser.on("error", complain);
        parser.push(text);
        parser.end();

        return { ...parser.manifest, complaints };
    },

    "hls-parser": (text) => {
        const found = hls.parse(text);

        return { ...found, source: undefined,
                 segments: found.segments ?? [] };
    },
};

const DATES = ["programDateTime", "dateTimeString", "dateTimeObject"];
const RANGES = ["dateRange", "dateRanges"];
const DELTAS = ["canSkipUntil", "canSkipDateranges"];

function read(parse, text) {
    try {
        return JSON.parse(JSON.stringify(parse(text)));

    } catch (error) {
        return { fails: error.message, segments: [] };
    }
}

// Without what we put in or take out; m3u8-parser notes dates of segments at
// the top as well.

function bare(found, dated) {
    const unwanted = new Set([...RANGES, ...DELTAS, ...dated ? [] : DATES]);

    return JSON.parse(JSON.stringify(found, (name, value) =>
        unwanted.has(name) ? undefined : value));
}

function differences(one, other) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    const found = [];

    for (const name of names) {
        if (isDeepStrictEqual(one[name], other[name])) {
            continue;
        }

        found.push(`${name}: ${JSON.stringify(one[name])?.slice(0, 300)}`
                   + ` and ${JSON.stringify(other[name])?.slice(0, 300)}`);
    }

    return found;
}

const get = async (address) => (await fetch(address)).text();


async function compare(file) {
    const texts = [await get(`${plain}/${file}`), await get(`${ours}/${file}`)];
    const dated = texts[0].includes("#EXT-X-PROGRAM-DATE-TIME");
    const found = { cues: texts[1].match(OURS)?.length ?? 0, segments: {},
                    wrong: [] };

    for (const [name, parse] of Object.entries(parsers)) {
        const [one, other] = texts.map((text) => read(parse, text));

        found.segments[name] = one.fails ? null : one.segments?.length ?? 0;
        found.wrong.push(...differences(bare(one, dated), bare(other, dated))
                            .map((difference) => `${name}: ${difference}`));
    }

    return found;
}

async function main() {
    const found = {};

    for (const file of files) {
        found[file] = await compare(file);
    }

    console.log(JSON.stringify(found));
}

main();
