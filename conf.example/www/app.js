// The page of a room: brings together its door (door.js), what is played
// (player.js), what is known of the room (room.js) and what is seen (view.js).

import { Door } from "./door.js";
import { Player } from "./player.js";
import { Room, roomName } from "./room.js";
import { View } from "./view.js";
import { words } from "./words.js";

// what is refused at once, without another attempt to enter
const OUT = ["viewer_banned", "viewer_signed_out", "room_banned", "host_banned",
             "room_scheduled"];

const name = roomName();
const video = document.getElementById("video");

let picture = "connecting";     // the player's state
let spotlight = null;           // the cue of the frame on the screen
let trouble = name ? null : "unknown";

const view = new View({
    async click(product, title) {
        const counted = await room.count(product);

        view.toast(counted ? words.noted(title) : words.later);
        if (counted) {
            view.bump();
        }
    },

    sound() {
        video.muted = !video.muted;
        player.play();
    },

    play() {
        view.blocked(false);
        player.play();
    },

    enter(code) {
        enter(code);
    },
});

const door = new Door(name, () => show());

const room = new Room(name, (problem) => {
    trouble = problem == "refused" ? null : problem;

    if (problem == "refused") {
        refused(room.refusal);

    } else if (!problem) {
        door.state = null;

        if (room.state.live) {
            player.start();
        }
    }

    show();
    showCard();
    view.shelf([...room.products.values()]);
});

const player = new Player(video, `live/${name}/index.m3u8`, {
    state(state) {
        picture = state;
        show();
    },

    spotlight(cue) {
        spotlight = cue;
        showCard();

        if (cue && !room.products.has(cue.product)) {
            room.refresh();
        }
    },

    cue() {
        room.refresh();
    },

    refused() {
        room.refresh();
    },
});


async function enter(code) {
    if (await door.enter(code)) {
        room.refresh();
    }
}


// A session that has ended while the page slept is renewed if it can be; who is
// out stays out until he asks to come in.

function refused(problem) {
    if (OUT.includes(problem.reason)) {
        door.refused(problem);

    } else if (!door.state) {
        enter();
    }
}


// What was sent is shown to its end, so as long as there is a picture the
// show goes on, whatever the room says.

function show() {
    const live = Boolean(room.state?.live);
    const playing = picture == "playing";

    view.blocked(picture == "blocked" && !door.state);
    view.door(door);

    if (trouble == "unknown" || picture == "unsupported") {
        view.badge(false, words.offline);
        view.state(trouble ?? picture);

    } else if (door.state) {
        player.stop();
        view.badge(false, door.state == "scheduled" ? words.badgeSoon
                                                    : words.badgeDoor);
        view.state(door.state);

    } else if (playing || picture == "blocked") {
        view.badge(true, words.live);
        view.state("playing");

    } else if (trouble) {
        view.badge(false, words.offline);
        view.state(trouble);

    } else if (live || !room.state) {
        view.badge(live, live ? words.live : words.badgeConnecting);
        view.state(picture);

    } else {
        player.stop();
        view.badge(false, room.state.show ? words.badgeEnded : words.badgeSoon);
        view.state(room.state.show ? "ended" : "soon");
    }

    view.title(room.state?.title || name || "");
}


// The card as it was pinned, and from the shelf what the cue doesn't tell.  What
// the shelf doesn't have was taken down since, or comes with the next answer.

function showCard() {
    const product = spotlight && room.products.get(spotlight.product);

    view.card(product ? { ...product, ...spotlight } : null);
}


video.addEventListener("volumechange", () => view.sound(!video.muted));

document.addEventListener("visibilitychange", () => {
    if (name && !document.hidden) {
        room.refresh();
    }
});

if (name) {
    // in or not: the room is asked for what there is to see
    door.enter().then(() => room.refresh());

} else {
    show();
}
