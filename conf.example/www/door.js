// The room's door: enters, and renews the session long before it ends.  The
// session is a cookie that the page itself can't see.

const AWAY = 5000;              // ms, until a renewal is tried again
const LONGEST = 2 ** 31 - 1;    // ms that a timer can take

// what a refusal comes to; the others say that more is to be shown
const STATES = {
    viewer_banned: "removed",
    viewer_signed_out: "signedOut",
    room_banned: "closed",
    host_banned: "closed",
    room_scheduled: "scheduled",
    proof_expired: "expired",
    not_following: "follow",
    code_wrong: "code",
    too_many_guesses: "code",
    bad_name: "unknown",
};

const HINTS = { code_wrong: "wrong", too_many_guesses: "slower" };


export class Door {

    // changed(): the state, a hint or the time of the show may be another

    constructor(name, changed) {
        this.name = name;
        this.changed = changed;
        this.state = null;      // null: inside, or nobody has asked yet
        this.hint = null;       // about the code that was tried
        this.starts = 0;        // ms; 0: nobody says when
        this.due = 0;           // ms by performance.now(): renew then
        this.timer = 0;
        this.busy = null;       // an attempt to enter
        this.was = false;       // inside, some time before

        // a platform's link may bring who its viewer is, or a code; what stands
        // behind the # is sent to nobody
        const given = new URLSearchParams(location.hash.slice(1));

        this.viewer = given.get("viewer");
        this.code = given.get("code");

        if (this.viewer || this.code) {
            history.replaceState(null, "", location.pathname + location.search);
        }

        document.addEventListener("visibilitychange", () => {
            if (!document.hidden && this.due && performance.now() > this.due) {
                this.enter();
            }
        });
    }

    // true if the viewer is inside now; code: what he has typed

    async enter(code = this.code) {
        await this.busy;

        this.busy = this.attempt(code);
        await this.busy;

        this.changed();

        return this.state == null;
    }

    async attempt(code) {
        const headers = { "Content-Type": "application/json" };

        if (this.viewer) {
            headers.Authorization = `Bearer ${this.viewer}`;
        }

        const body = JSON.stringify({
            code: code ? code.normalize("NFKC").trim() : undefined,
            id: identifier(this.name),
        });

        clearTimeout(this.timer);
        this.code = null;
        this.hint = null;

        try {
            const answer = await fetch(`enter/${this.name}`,
                                       { method: "POST", headers, body });

            if (answer.status == 503) {
                throw new Error(answer.statusText);
            }

            if (answer.headers.get("Content-Type")?.includes("json")) {
                this.take(await answer.json(), answer);

            } else {
                this.state = null;             // there is no door
            }

        } catch {
            this.hint = this.state && code ? "later" : null;
            this.wait(AWAY);
            this.code = code;
        }
    }

    take(json, answer) {
        if (!answer.ok) {
            this.refused(json);
            this.hint = HINTS[json.reason] ?? null;
            return;
        }

        // by the server's clock, which the viewer's may differ from
        const now = Date.parse(answer.headers.get("Date")) || Date.now();
        const left = json.expires - now;

        this.was = true;
        this.state = json.state == "scheduled" ? "scheduled" : null;
        this.starts = json.starts ?? 0;
        this.wait(Math.min(left * (0.6 + 0.2 * Math.random()), LONGEST));
    }

    // what a request of the room was refused for

    refused(problem) {
        this.due = 0;
        this.starts = problem.starts ?? 0;
        this.state = STATES[problem.reason]
                     ?? (this.was ? "expired" : "code");
    }

    wait(ms) {
        this.due = performance.now() + ms;
        this.timer = setTimeout(() => this.enter(), ms);
    }
}


// Who tries again is the same, and takes no second use of a code.

function identifier(name) {
    const key = `commerce-${name}`;
    let id = sessionStorage.getItem(key);

    if (!id) {
        id = [...crypto.getRandomValues(new Uint8Array(16))]
             .map((byte) => byte.toString(16).padStart(2, "0")).join("");
        sessionStorage.setItem(key, id);
    }

    return id;
}
