// What is told of rooms and products, as a page may use it.

const NAME = /^[a-z0-9][A-Za-z0-9_-]{0,63}$/;


// the room's name: ?room=NAME, or "demo"; null if it is no name

export function roomName() {
    const name = new URLSearchParams(location.search).get("room") ?? "demo";

    return NAME.test(name) ? name : null;
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
