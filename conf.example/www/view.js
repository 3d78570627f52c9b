// What is on the page.  Data is only ever written as text.

import { address, money } from "./room.js";
import { translate, words } from "./words.js";

const element = (id) => document.getElementById(id);

const FEW = 10;                 // a stock from which on it is not mentioned
const WIDE = matchMedia("(min-width: 900px) and (min-height: 481px)");

// where a code may be typed, and where one may just come in again
const FIELD = ["code", "follow", "signedOut", "expired"];
const AGAIN = ["follow", "signedOut", "expired"];


export class View {

    // on.click(product), on.sound(), on.play(), on.enter(code)

    constructor(on) {
        translate(document);
        translate(element("product").content);

        this.on = on;
        this.starts = 0;
        this.spotlight = null;
        this.toastTimer = 0;

        element("sound").addEventListener("click", () => on.sound());
        element("play").addEventListener("click", () => on.play());
        element("cart").addEventListener("click", () => this.toggleShelf());
        element("close").addEventListener("click", () => this.closeShelf());
        element("again").addEventListener("click", () => on.enter());
        element("door").addEventListener("submit", (event) => {
            event.preventDefault();
            on.enter(element("code").value);
        });

        setInterval(() => this.countdown(), 1000);

        const shelf = element("shelf");

        shelf.addEventListener("close", () => this.shelfMoved());
        shelf.addEventListener("click", (event) => {
            if (event.target == shelf) {       // the backdrop
                this.closeShelf();
            }
        });

        const video = element("video");

        video.addEventListener("resize", () => this.fit(video));

        WIDE.addEventListener("change", () => this.closeShelf());
        if (WIDE.matches) {
            this.openShelf();
        }
    }

    // the frame takes the picture's shape

    fit(video) {
        if (video.videoWidth && video.videoHeight) {
            const aspect = video.videoWidth / video.videoHeight;

            element("frame").style.setProperty("--aspect", aspect);
            element("frame").classList.toggle("tall", aspect < 0.8);
        }
    }

    badge(live, text) {
        element("badge").classList.toggle("live", live);
        write(element("badge"), text);
    }

    title(text) {
        write(element("title"), text);
        document.title = text || words.page;
    }

    // state: "playing" or one of the words that are notices

    state(state) {
        const waits = state == "connecting" || state == "waiting";
        const notice = words[state];

        element("frame").dataset.state = state == "playing" ? "playing"
                                         : waits ? "waiting" : "offline";

        write(element("notice-title"), notice?.[0] ?? "");
        write(element("notice-text"), notice?.[1] ?? "");

        element("frame").dataset.word = state;
        this.countdown();
    }

    // the door's state, what it says of a code, and when the show begins

    door(door) {
        const closed = !FIELD.includes(door.state);

        if (element("door").hidden && !closed) {
            element("code").value = "";
        }

        element("door").hidden = closed;
        element("again").hidden = !AGAIN.includes(door.state);
        write(element("hint"), words[door.hint] ?? "");

        this.starts = door.state == "scheduled" ? door.starts : 0;
    }

    countdown() {
        const left = this.starts - Date.now();

        if (left > 0) {
            write(element("notice-text"),
                  words.begins(new Date(this.starts).toLocaleString(),
                               clock(left)));
        }
    }

    blocked(blocked) {
        element("play").hidden = !blocked;
    }

    sound(on) {
        element("sound").setAttribute("aria-pressed", on);
    }

    // a card (product, title, price, …) or null

    card(card) {
        const place = element("card");

        this.spotlight = card?.product ?? null;
        this.mark();

        if (!card) {
            place.hidden = true;
            return;
        }

        if (place.dataset.product != card.product) {
            place.replaceChildren(blank());
            place.dataset.product = card.product;
        }

        this.fill(place, card);
        place.hidden = false;
    }

    shelf(cards) {
        const list = element("list");
        const rows = new Map([...list.children].map((row) =>
                                            [row.dataset.product, row]));

        // rows that stay keep their place under a finger and their focus

        cards.forEach((card, i) => {
            let row = rows.get(card.product);

            if (!row) {
                row = document.createElement("li");
                row.className = "row";
                row.dataset.product = card.product;
                row.append(blank());
            }

            rows.delete(card.product);

            if (list.children[i] != row) {
                list.insertBefore(row, list.children[i] ?? null);
            }

            this.fill(row, card);
        });

        for (const row of rows.values()) {
            row.remove();
        }

        write(element("number"), cards.length ? String(cards.length) : "");
        element("cart").setAttribute("aria-label",
                                     words.all(cards.length));
        this.mark();
    }

    mark() {
        for (const row of element("list").children) {
            row.classList.toggle("now", row.dataset.product == this.spotlight);
        }
    }

    fill(place, card) {
        const title = card.title || card.product;
        const left = stock(card.stock);
        const image = place.querySelector("img");
        const source = address(card.image);

        write(place.querySelector(".name"), title);
        write(place.querySelector(".price"), money(card.price, card.currency));
        write(place.querySelector(".stock"),
              left > 0 && left < FEW ? words.left(left) : "");

        if (source && image.src != source) {
            image.src = source;
        }

        image.hidden = !source;
        this.fillBuy(place.querySelector(".buy"), card, title, left);
    }

    fillBuy(buy, card, title, left) {
        const link = address(card.link);
        const gone = left == 0;

        write(buy, gone ? words.gone : words.buy);
        buy.setAttribute("aria-label", `${buy.textContent}: ${title}`);
        buy.setAttribute("aria-disabled", gone);

        if (link && !gone) {
            buy.href = link;
            buy.removeAttribute("role");
            buy.removeAttribute("tabindex");

        } else {
            // without a place to go to it is a button all the same
            buy.removeAttribute("href");
            buy.setAttribute("role", "button");
            buy.tabIndex = 0;
        }

        buy.onclick = gone ? null : () => this.on.click(card.product, title);
        buy.onkeydown = (event) => {
            if (!buy.hasAttribute("href")
                && (event.key == "Enter" || event.key == " "))
            {
                event.preventDefault();
                buy.click();
            }
        };
    }

    toast(text) {
        write(element("toast"), text);
        element("toast").classList.add("shown");
        this.fadeToast();
    }

    // whoever is at the shop meanwhile sees it when back

    fadeToast() {
        clearTimeout(this.toastTimer);
        this.toastTimer = setTimeout(() => {
            if (document.hidden) {
                document.addEventListener("visibilitychange",
                                          () => this.fadeToast(),
                                          { once: true });
            } else {
                element("toast").classList.remove("shown");
            }
        }, 2500);
    }

    bump() {
        const cart = element("cart");

        cart.classList.remove("bump");
        void cart.offsetWidth;                 // so that it begins anew
        cart.classList.add("bump");
    }

    // On a phone the shelf is a sheet above the page; on a desktop a column
    // beside the picture, which takes no focus away.

    openShelf() {
        const shelf = element("shelf");

        if (WIDE.matches) {
            shelf.setAttribute("open", "");

        } else {
            shelf.showModal();
            element("list").focus();
        }

        this.shelfMoved();
    }

    closeShelf() {
        const shelf = element("shelf");

        if (shelf.matches(":modal")) {
            shelf.close();

        } else {
            shelf.removeAttribute("open");
            this.shelfMoved();
        }
    }

    toggleShelf() {
        if (element("shelf").open) {
            this.closeShelf();

        } else {
            this.openShelf();
        }
    }

    shelfMoved() {
        element("cart").setAttribute("aria-expanded", element("shelf").open);
    }
}


function blank() {
    return element("product").content.cloneNode(true);
}


// ms as hours, minutes and seconds

function clock(ms) {
    const seconds = Math.ceil(ms / 1000);
    const parts = [seconds / 3600, seconds / 60 % 60, seconds % 60];

    return parts.map((part) => String(Math.floor(part)).padStart(2, "0"))
           .join(":");
}


// the number left, or undefined if it isn't told

function stock(text) {
    return text === undefined || text === null || text === ""
           ? undefined : Number(text);
}


// does nothing when nothing changes, so that a screen reader stays quiet

function write(place, text) {
    if (place.textContent != text) {
        place.textContent = text;
    }
}
