/** The cues of a room in a page: see "Your page" in the README. */

/** A product as it was pinned: what the playlist's tag has of it. */
export interface CueCard {
    product: string;
    link?: string;
    /** what else commerce_hls_attributes sends, all as text */
    [attribute: string]: string | undefined;
}

/** What is in force from a frame on. */
export interface Cue {
    /** null before the first cue */
    id: string | null;
    /** from when on, ms since the epoch on the playlist's dates */
    at: number | null;
    /** null: nothing is pinned */
    card: CueCard | null;
}

/** A product as the shelf has it. */
export interface Product {
    product: string;
    title?: string;
    /** in minor units */
    price?: number;
    currency?: string;
    link?: string;
    image?: string;
    /** 0: sold out */
    stock?: number;
    version: number;
}

/** A room as commerce_shelf tells it. */
export interface Room {
    room: string;
    state: "scheduled" | "open" | "closed";
    title?: string;
    live: boolean;
    show: number;
    shelf: Product[];
    version: number;
}

/** Why a request was refused. */
export interface Refusal {
    status: number;
    reason: string;
    /** ms since the epoch, when a scheduled room begins */
    starts?: number;
}

export interface ShelfNews {
    problem: null | "unknown" | "refused" | "away";
    refusal: Refusal | null;
    room: Room | null;
}

/** What commerce_enter said; status is 0 if it could not be asked. */
export interface Entry {
    ok: boolean;
    status: number;
    reason?: string;
    room?: string;
    viewer?: string;
    token?: string;
    issued?: number;
    expires?: number;
    state?: string;
    starts?: number;
}

/** hls.js: as much of it as is used. */
export interface HlsJs {
    loadSource(url: string): void;
    readonly levels: ReadonlyArray<unknown>;
}

/** A shaka.Player: as much of it as is used. */
export interface Shaka {
    getPlayheadTimeAsDate(): Date | null;
    getNetworkingEngine(): unknown;
}

/** A player of video.js: as much of it as is used. */
export interface VideoJs {
    tech(safety?: unknown): unknown;
    currentSrc(): string;
}

export type Player = HlsJs | Shaka | VideoJs | HTMLMediaElement;

export interface Options {
    /** the address of commerce_shelf, for prices, stock and the room's state */
    shelf?: string;
    /**
     * the address of commerce_count, less /PRODUCT, for clicks; with ?replay=SHOW
     * where a show is watched again
     */
    cart?: string;
    /** the address of commerce_enter, for enter() */
    enter?: string;
    /** the playlist's, if the browser plays it itself under another one */
    playlist?: string;
    /** "include" sends cookies to an edge of another origin */
    credentials?: RequestCredentials;
}

export interface Events {
    /** a cue has come into force on the frame that is on the screen */
    cue: CustomEvent<Cue>;
    /** the shelf, or what is wrong with it, is another */
    shelf: CustomEvent<ShelfNews>;
    /** somebody has entered, was renewed, or refused */
    session: CustomEvent<Entry>;
}

export class CommerceCues extends EventTarget {

    constructor(player: Player | null, options?: Options);

    /** Follows a player, at best before it begins to load. */
    attach(player: Player): void;
    detach(): void;
    close(): void;

    /** the cue that is in force */
    readonly cue: Cue;

    /**
     * What a page shows now: product and link as they were pinned, the rest as
     * the shelf has it; null if nothing is pinned, or it is off the shelf.
     * Without options.shelf it is the cue's card.
     */
    readonly card: (Partial<Product> & { product: string }) | null;

    readonly room: Room | null;
    readonly products: ReadonlyMap<string, Product>;

    /** Asks for the shelf now: what is wrong with it, or null. */
    refresh(): Promise<ShelfNews["problem"]>;

    /** Sends a click; true if it was counted. */
    click(product: string): Promise<boolean>;

    /**
     * Enters the room, and renews the session from then on.
     *
     * @param proof a code, or a token of the viewer
     */
    enter(proof?: { code?: string; viewer?: string }): Promise<Entry>;

    /** An address with the session in it, if the edge is another origin. */
    address(url: string): string;

    addEventListener<Name extends keyof Events>(
        type: Name, listener: (event: Events[Name]) => void,
        options?: boolean | AddEventListenerOptions): void;
    removeEventListener<Name extends keyof Events>(
        type: Name, listener: (event: Events[Name]) => void,
        options?: boolean | EventListenerOptions): void;
}
