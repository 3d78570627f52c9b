// A room as the server tells it, and the clicks it is told.

const NAME = /^[a-z0-9][A-Za-z0-9_-]{0,63}$/;


// the room's name: ?room=NAME, or "demo"; null if it is no name

export function roomName() {
    const name = new URLSearchParams(location.search).get("room") ?? "demo";

    return NAME.test(name) ? name : null;
}


export class Room {

    constructor(name, changed) {
        this.name = name;
        this.changed = changed;
        this.state = null;
        this.products = new Map();
        this.refusal = null;    // why the room may not be seen, if so
        this.timer = 0;
        this.busy = false;
        this.more = false;
    }

    // Fetches the room now and every few seconds from then on: less often
    // while the page is hidden.  A call during a fetch causes one more.

    async refresh() {
        if (this.busy) {
            this.more = true;
            return;
        }

        this.busy = true;
        clearTimeout(this.timer);

        const problem = await this.fetch();

        this.busy = false;
        this.timer = setTimeout(() => this.refresh(),
                                this.more ? 0 : document.hidden ? 30000 : 4000);
        this.more = false;
        this.changed(problem);
    }

    // null, "unknown", "refused" or "away"

    async fetch() {
        try {
            // the browser asks with the ETag that it has
            const answer = await fetch(`rooms/${this.name}`,
                                       { cache: "no-cache" });

            this.refusal = null;

            if (answer.status == 401 || answer.status == 403) {
                this.refusal = await answer.json();
                this.state = null;
                this.products.clear();
                return "refused";
            }

            if (!answer.ok) {
                return answer.status == 404 ? "unknown" : "away";
            }

            this.state = await answer.json();
            this.products = new Map(this.state.shelf.map((card) =>
                                                   [card.product, card]));
            return null;

        } catch {
            return "away";
        }
    }

    // true if the click was counted

    async count(product) {
        try {
            // the answer may come after the page has gone
            const answer = await fetch(
                `cart/${this.name}/${encodeURIComponent(product)}`,
                { method: "POST", keepalive: true });

            return answer.ok;

        } catch {
            return false;
        }
    }
}


// minor units and a currency code, as the viewer writes money

export function money(price, currency) {
    if (price === undefined || price === null || price === "") {
        return "";
    }

    try {
        const format = new Intl.NumberFormat(undefined, {
            style: "currency", currency, currencyDisplay: "narrowSymbol" });
        const digits = format.resolvedOptions().maximumFractionDigits;

        return format.format(Number(price) / 10 ** digits);

    } catch {
        return currency ? `${price} ${currency}` : String(price);
    }
}


// an address that a page may use, or null

export function address(text) {
    if (!text || !URL.canParse(text, location.href)) {
        return null;
    }

    const url = new URL(text, location.href);

    return url.protocol == "https:" || url.protocol == "http:"
           ? url.href : null;
}
