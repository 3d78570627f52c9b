// The room's door: what a viewer is told who enters, or is kept out.

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

    constructor(cues, changed) {
        this.cues = cues;
        this.changed = changed;
        this.state = null;      // null: inside, or nobody has asked yet
        this.hint = null;       // about the code that was tried
        this.starts = 0;        // ms; 0: nobody says when
        this.typed = false;     // a code was, by the viewer
        this.was = false;       // inside, some time before

        cues.addEventListener("session", ({ detail }) => this.take(detail));
    }

    // A platform's link may bring who its viewer is, or a code; what stands
    // behind the # is sent to nobody.

    arrive() {
        const given = new URLSearchParams(location.hash.slice(1));
        const proof = { viewer: given.get("viewer") ?? undefined,
                        code: tidy(given.get("code")) };

        if (proof.viewer || proof.code) {
            history.replaceState(null, "", location.pathname + location.search);
        }

        this.cues.enter(proof);
    }

    // code: what he has typed

    enter(code) {
        this.typed = Boolean(code);
        this.hint = null;
        this.cues.enter({ code: tidy(code) });
    }

    // what the edge said to him, or to a renewal

    take(answer) {
        if (answer.ok) {
            this.was = true;
            this.hint = null;
            this.state = answer.state == "scheduled" ? "scheduled" : null;
            this.starts = answer.starts ?? 0;

        } else if (answer.status == 0 || answer.status == 503) {
            this.hint = this.state && this.typed ? "later" : null;

        } else if (answer.reason) {
            this.refused(answer);
            this.hint = HINTS[answer.reason] ?? null;

        } else {
            this.state = null;                 // there is no door
        }

        this.changed();
    }

    // what a request of the room was refused for

    refused(problem) {
        this.starts = problem.starts ?? 0;
        this.state = STATES[problem.reason]
                     ?? (this.was ? "expired" : "code");
    }
}


function tidy(code) {
    return code?.normalize("NFKC").trim() || undefined;
}
