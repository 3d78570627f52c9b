// The page of a room: brings together what is played (player.js), what is
// known of the room (room.js) and what is seen (view.js).

import { Player } from "./player.js";
import { Room, roomName } from "./room.js";
import { View } from "./view.js";

const name = roomName();
const video = document.getElementById("video");

let picture = "connecting";     // the player's state
let spotlight = null;           // the cue of the frame on the screen
let trouble = name ? null : "unknown";

const view = new View({
    async click(product, title) {
        const counted = await room.count(product);

        view.toast(counted ? `Noted: ${title}`
                           : "That didn't get through. Please try again.");
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
});

const room = new Room(name, (problem) => {
    trouble = problem;

    if (room.state?.live && !problem) {
        player.start();
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
});


// What was sent is shown to its end, so as long as there is a picture the
// show goes on, whatever the room says.

function show() {
    const live = Boolean(room.state?.live);
    const playing = picture == "playing";

    view.blocked(picture == "blocked");

    if (trouble == "unknown" || picture == "unsupported") {
        view.badge(false, "Offline");
        view.state(trouble ?? picture);

    } else if (playing || picture == "blocked") {
        view.badge(true, "LIVE");
        view.state("playing");

    } else if (trouble) {
        view.badge(false, "Offline");
        view.state(trouble);

    } else if (live || !room.state) {
        view.badge(live, live ? "LIVE" : "Connecting");
        view.state(picture);

    } else {
        player.stop();
        view.badge(false, room.state.show ? "Ended" : "Soon");
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
    room.refresh();

} else {
    show();
}
