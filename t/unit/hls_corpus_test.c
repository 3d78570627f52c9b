
/*
 * Over a corpus of playlists: what is made of each, and that taking our lines
 * out again gives the original bytes; also of each cut off anywhere, and with
 * bytes changed.
 */

#include "hls_test.h"
#include "ngx_commerce_hls_delta.h"


#define BASE      ((int64_t) 1763841600000)    /* 2025-11-22T20:00:00Z */
#define TEXT_MAX  8192

#define OFF       NGX_COMMERCE_HLS_CLOCK_OFF
#define NAME      NGX_COMMERCE_HLS_CLOCK_NAME


typedef struct {
    const char                  *file;
    ngx_commerce_hls_outcome_e   off;     /* with commerce_hls_clock off */
    ngx_commerce_hls_outcome_e   name;    /* and name */
} playlist_t;


#define INJECTED      NGX_COMMERCE_HLS_INJECTED
#define NOT_PARSED    NGX_COMMERCE_HLS_NOT_PARSED
#define MULTIVARIANT  NGX_COMMERCE_HLS_MULTIVARIANT
#define NO_CLOCK      NGX_COMMERCE_HLS_NO_CLOCK
#define HAS_CUES      NGX_COMMERCE_HLS_HAS_CUES
#define REPAIRED      NGX_COMMERCE_HLS_REPAIRED


static playlist_t  playlists[] = {
    { "nginx-rtmp-nested",           NO_CLOCK,      INJECTED },
    { "nginx-rtmp-flat",             NO_CLOCK,      INJECTED },
    { "nginx-rtmp-crlf",             NO_CLOCK,      INJECTED },
    { "nginx-rtmp-no-newline",       NO_CLOCK,      INJECTED },
    { "nginx-rtmp-republished",      NO_CLOCK,      INJECTED },
    { "nginx-rtmp-encrypted",        NO_CLOCK,      INJECTED },
    { "nginx-rtmp-sequential",       NO_CLOCK,      NO_CLOCK },
    { "names-step-back",             NO_CLOCK,      REPAIRED },
    { "names-tie",                   NO_CLOCK,      REPAIRED },
    { "names-burst",                 NO_CLOCK,      REPAIRED },
    { "nginx-rtmp-gap",              NO_CLOCK,      INJECTED },
    { "names-with-queries",          NO_CLOCK,      INJECTED },
    { "dated-each",                  INJECTED,      INJECTED },
    { "dated-once",                  INJECTED,      INJECTED },
    { "dated-late",                  INJECTED,      INJECTED },
    { "dated-next",                  NO_CLOCK,      NO_CLOCK },
    { "dated-ffmpeg",                INJECTED,      INJECTED },
    { "dated-crlf",                  INJECTED,      INJECTED },
    { "dated-after-extinf",          INJECTED,      INJECTED },
    { "dated-badly",                 NO_CLOCK,      NO_CLOCK },
    { "dated-badly-once",            INJECTED,      INJECTED },
    { "dated-zones",                 INJECTED,      INJECTED },
    { "dated-with-holes",            INJECTED,      INJECTED },
    { "undated",                     NO_CLOCK,      NO_CLOCK },
    { "fmp4-byterange",              INJECTED,      INJECTED },
    { "vod",                         INJECTED,      INJECTED },
    { "vod-undated",                 NO_CLOCK,      INJECTED },
    { "event",                       INJECTED,      INJECTED },
    { "iframes-only",                INJECTED,      INJECTED },
    { "variables",                   NO_CLOCK,      INJECTED },
    { "audio-shifted",               INJECTED,      INJECTED },
    { "subtitles",                   INJECTED,      INJECTED },
    { "scte35",                      INJECTED,      INJECTED },
    { "ranges-of-others",            INJECTED,      INJECTED },
    { "has-cues",                    HAS_CUES,      HAS_CUES },
    { "low-latency",                 INJECTED,      INJECTED },
    { "low-latency-parts-only",      INJECTED,      INJECTED },
    { "low-latency-byteranges",      INJECTED,      INJECTED },
    { "low-latency-delta",           INJECTED,      INJECTED },
    { "low-latency-delta-undated",   NO_CLOCK,      NO_CLOCK },
    { "multivariant",                MULTIVARIANT,  MULTIVARIANT },
    { "multivariant-iframes",        MULTIVARIANT,  MULTIVARIANT },
    { "multivariant-audio",          MULTIVARIANT,  MULTIVARIANT },
    { "no-segments",                 MULTIVARIANT,  MULTIVARIANT },
    { "only-first-line",             MULTIVARIANT,  MULTIVARIANT },
    { "empty",                       NOT_PARSED,    NOT_PARSED },
    { "byte-order-mark",             NO_CLOCK,      NO_CLOCK },
    { "mark-and-blank-lines",        NO_CLOCK,      INJECTED },
    { "first-line-attributes",       NOT_PARSED,    NOT_PARSED },
    { "first-line-attributes-dated", INJECTED,      INJECTED },
    { "html",                        NOT_PARSED,    NOT_PARSED },
    { "extinf-garbage",              NOT_PARSED,    NOT_PARSED },
    { "extinf-twice",                INJECTED,      INJECTED },
    { "extinf-huge",                 NOT_PARSED,    NOT_PARSED },
    { "uri-without-extinf",          NOT_PARSED,    NOT_PARSED },
    { "cut-off",                     INJECTED,      INJECTED },
    { "skip-garbage",                NOT_PARSED,    NOT_PARSED },
    { "nul-bytes",                   INJECTED,      INJECTED },
    { "blank-lines",                 INJECTED,      INJECTED },
};


static const char  *corpus;


static size_t
read_file(const char *name, char *text)
{
    FILE    *f;
    char     path[1024];
    size_t   len;

    snprintf(path, sizeof(path), "%s/%s.m3u8", corpus, name);

    f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(1);
    }

    len = fread(text, 1, TEXT_MAX, f);
    fclose(f);

    return len;
}


static ngx_uint_t
begins(const char *p, const char *last, const char *prefix)
{
    size_t  len;

    len = strlen(prefix);

    return (size_t) (last - p) >= len && memcmp(p, prefix, len) == 0;
}


/* what a text has that we may write */

#define DATED     0x01
#define NUMBERED  0x02
#define COMMENT   0x04


/*
 * Copies lines, but for those that are ours, and with no word of delta updates;
 * tells of what may be.
 */

static size_t
filter(const char *text, size_t len, char *out, ngx_uint_t ours,
    ngx_uint_t *has)
{
    char        *to;
    ngx_str_t    line;
    ngx_uint_t   is;
    const char  *p, *eol, *last;

    static const char  cls[] = "CLASS=\"" NGX_COMMERCE_HLS_CLASS "\",START";

    to = out;
    last = text + len;
    *has = 0;

    for (p = text; p < last; p = eol) {

        eol = memchr(p, '\n', last - p);
        eol = eol ? eol + 1 : last;

        is = begins(p, last, "#EXT-X-PROGRAM-DATE-TIME:") ? DATED : 0;

        if (begins(p, last, "#EXT-X-DISCONTINUITY-SEQUENCE")) {
            is = NUMBERED;

        } else if (begins(p, last, NGX_COMMERCE_HLS_DATES)) {
            is = COMMENT;
        }

        *has |= is;

        if (begins(p, last, "#EXT-X-SERVER-CONTROL:")) {
            line.data = (u_char *) p;
            line.len = eol - p;
            to = (char *) ngx_commerce_hls_delta_refuse((u_char *) to, &line);

        } else if (!(is & ours)
                   && !(begins(p, last, "#EXT-X-DATERANGE:ID=\"demo-")
                        && memmem(p, eol - p, cls, sizeof(cls) - 1)))
        {
            memcpy(to, p, eol - p);
            to += eol - p;
        }
    }

    return to - out;
}


static ngx_uint_t
restores(test_room_t *room, const char *text, size_t len, ngx_uint_t clock,
    ngx_commerce_hls_outcome_e *outcome)
{
    char        *out, *original;
    size_t       n;
    ngx_str_t    injected;
    ngx_uint_t   has, good;

    *outcome = inject(&room->room, text, len, clock,
                      NGX_COMMERCE_HLS_ATTRIBUTE_LINK, &injected);
    good = 1;

    if (*outcome == INJECTED || *outcome == REPAIRED) {
        out = malloc(injected.len + 1);
        original = malloc(len + 1);

        len = filter(text, len, original, 0, &has);

        n = filter((char *) injected.data, injected.len, out,
                   (has & DATED) ? 0 : ~has, &has);

        good = (n == len && memcmp(out, original, len) == 0);

        free(original);
        free(out);
    }

    free(injected.data);

    return good;
}


static void
test_playlist(playlist_t *playlist, test_room_t *room)
{
    char                        text[TEXT_MAX];
    size_t                      len;
    ngx_uint_t                  good;
    ngx_commerce_hls_outcome_e  off, name;

    len = read_file(playlist->file, text);

    good = restores(room, text, len, OFF, &off)
           && restores(room, text, len, NAME, &name);

    ok(good && off == playlist->off && name == playlist->name, "%s",
       playlist->file);

    if (off != playlist->off || name != playlist->name) {
        printf("# outcomes: %d, %d\n", off, name);
    }
}


static void
test_damaged(playlist_t *playlist, test_room_t *room)
{
    char                        text[TEXT_MAX], c;
    size_t                      len, i;
    ngx_uint_t                  good, n;
    ngx_commerce_hls_outcome_e  outcome;

    static const char  bytes[] = { '\n', '\r', '\0', '"', ':', '#', '9',
                                   (char) 0xff };

    len = read_file(playlist->file, text);
    good = 1;

    for (i = 0; i < len && good; i++) {

        good = restores(room, text, i, NAME, &outcome);

        /* a few of the bytes at each place: all of them over the corpus */

        for (n = 0; n < 2 && good; n++) {
            c = text[i];
            text[i] = bytes[(i * 3 + n * 5) % sizeof(bytes)];
            good = restores(room, text, len, NAME, &outcome);
            text[i] = c;
        }
    }

    ok(good, "%s, cut off and changed at each byte", playlist->file);

    if (!good) {
        printf("# at byte %u\n", (unsigned) i);
    }
}


/* a gap within nginx-rtmp-gap */

static ngx_commerce_period_t  periods[] = {
    { 0, BASE - 3600000, BASE - 3600060, BASE - 3600060, 0, 33 },
    { 1, BASE + 20000, BASE + 19940, BASE + 19940, 12000, 33 }
};


int
main(int argc, char **argv)
{
    char         path[1024], *slash;
    ngx_uint_t   i;
    test_room_t  room;

    /* the corpus is beside this source */

    snprintf(path, sizeof(path), "%s", __FILE__);
    slash = strrchr(path, '/');
    snprintf(slash ? slash + 1 : path, 16, "corpus");

    corpus = (argc > 1) ? argv[1] : path;

    room_init(&room, 6, (int64_t[]) { BASE - 100000, BASE - 2, BASE + 1500,
                                      BASE + 4000, BASE + 14000,
                                      BASE + 3600000 });

    room.room.periods = periods;
    room.room.nperiods = sizeof(periods) / sizeof(periods[0]);

    for (i = 0; i < sizeof(playlists) / sizeof(playlists[0]); i++) {
        test_playlist(&playlists[i], &room);
        test_damaged(&playlists[i], &room);
    }

    return tap_done();
}
