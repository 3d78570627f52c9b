// The page of a room: brings together its door (door.js), what is played
// (player.js), what the edge tells of the room (commerce-cues.js) and what is
// seen (view.js).

import { CommerceCues } from "./commerce-cues.js";
import { Door } from "./door.js";
import { Player } from "./player.js";
import { roomName } from "./room.js";
import { View } from "./view.js";
import { words } from "./words.js";

// what is refused at once, without another attempt to enter
const OUT = ["viewer_banned", "viewer_signed_out", "room_banned", "host_banned",
             "room_scheduled"];

const name = roomName();
const video = document.getElementById("video");

let picture = "connecting";     // the player's state
let trouble = name ? null : "unknown";

const view = new View({
    async click(product, title) {
        const counted = await cues.click(product);

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
        door.enter(code);
    },
});

const cues = new CommerceCues(null, {
    shelf: `rooms/${name}`,
    cart: `cart/${name}`,
    enter: `enter/${name}`,
});

const door = new Door(cues, () => show());

cues.addEventListener("shelf", ({ detail }) => {
    trouble = detail.problem == "refused" ? null : detail.problem;

    if (detail.problem == "refused") {
        refused(detail.refusal);

    } else if (!detail.problem) {
        door.state = null;

        if (cues.room.live) {
            player.start();
        }
    }

    show();
    showCard();
    view.shelf([...cues.products.values()]);
});

cues.addEventListener("cue", () => showCard());

const player = new Player(video, `live/${name}/index.m3u8`, cues, {
    state(state) {
        picture = state;
        show();
    },

    refused() {
        cues.refresh();
    },
});


// A session that has ended while the page slept is renewed if it can be; who is
// out stays out until he asks to come in.

function refused(problem) {
    if (OUT.includes(problem.reason)) {
        door.refused(problem);

    } else if (!door.state) {
        door.enter();
    }
}


// What was sent is shown to its end, so as long as there is a picture the
// show goes on, whatever the room says.

function show() {
    const live = Boolean(cues.room?.live);
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

    } else if (live || !cues.room) {
        view.badge(live, live ? words.live : words.badgeConnecting);
        view.state(picture);

    } else {
        player.stop();
        view.badge(false, cues.room.show ? words.badgeEnded : words.badgeSoon);
        view.state(cues.room.show ? "ended" : "soon");
    }

    view.title(cues.room?.title || name || "");
}


function showCard() {
    view.card(cues.card);
}


video.addEventListener("volumechange", () => view.sound(!video.muted));

if (name) {
    door.arrive();

} else {
    show();
}
