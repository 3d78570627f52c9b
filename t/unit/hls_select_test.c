
/*
 * Which cues a playlist shows: not those that nobody sees, and none that would
 * have to be taken back.
 */

#include "hls_test.h"
#include "ngx_commerce_hls_select.h"


#define BASE  ((int64_t) 1763841600000)    /* 2025-11-22T20:00:00Z */
#define MANY  400


static ngx_pool_t          *pool;
static ngx_commerce_cue_t   cues[MANY];
static char                 ids[MANY][8];
static ngx_uint_t           ncues;


/* at: ms from BASE, up to a negative number other than the first */

static void
pinned(const int *at, ngx_uint_t n)
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {
        snprintf(ids[i], sizeof(ids[i]), "%u", (unsigned) i + 1);

        cues[i].id = TEXT(ids[i]);
        cues[i].at = BASE + at[i];
    }

    ncues = n;
}


#define PINNED(...)                                                           \
    pinned((int[]) { __VA_ARGS__ },                                           \
           sizeof((int[]) { __VA_ARGS__ }) / sizeof(int))


static void
selected(ngx_commerce_hls_selection_t *selection, int start, int end)
{
    memset(selection, 0, sizeof(ngx_commerce_hls_selection_t));

    selection->pool = pool;
    selection->cues = cues;
    selection->ncues = ncues;
    selection->start = BASE + start;
    selection->end = BASE + end;

    (void) ngx_commerce_hls_select(selection);
}


static void
is_selection(ngx_commerce_hls_selection_t *selection, const char *expected,
    const char *what)
{
    char        text[4096], *p;
    ngx_str_t   got;
    ngx_uint_t  i;

    p = text;
    *p = '\0';

    for (i = 0; i < selection->nranges && p < text + 4000; i++) {
        p += sprintf(p, "%s%s", i ? " " : "",
                     (char *) selection->ranges[i].cue->id.data);
    }

    got = TEXT(text);

    is_text(got, expected, "%s", what);
}


static void
shows(int start, int end, const char *expected, const char *what)
{
    ngx_commerce_hls_selection_t  selection;

    selected(&selection, start, end);
    is_selection(&selection, expected, what);
}


static void
test_short(void)
{
    PINNED(-9000, -300, 500, 4000, 4200, 4900, 6000, 9500);

    shows(0, 10000, "2 3 4 6 7 8",
          "what comes soon after another one, and does not last, is nothing");

    shows(600, 10000, "3 4 6 7 8", "the same when the playlist moves on");

    shows(4500, 10000, "4 6 7 8", "... and one is in force that is left out");

    PINNED(0, 999, 1998, 2998);

    shows(0, 4000, "1 3 4", "a second is enough, a millisecond less isn't");

    PINNED(-500, 200, 1100);

    shows(0, 9000, "1 3", "none before lasted");
    shows(0, 0, "1", "a playlist that lasts no time");
}


static void
test_at_once(void)
{
    PINNED(0, 5000, 5200, 5400, 8000, 8900, 9950);

    shows(0, 5100, "1 2", "a cue is written at once");
    shows(0, 5300, "1 2", "... and stays; one that follows soon waits");
    shows(0, 6300, "1 2", "... as does another one");
    shows(0, 6400, "1 2 4", "... until it lasts");
    shows(0, 8950, "1 2 4 5", "a second after the last that was written");
    shows(0, 9960, "1 2 4 5 6 7", "what lasted is written");
    shows(5300, 9960, "2 4 5 6 7", "the same when the playlist moves on");
    shows(5500, 9960, "4 5 6 7", "... and on");
}


static const char *
has(ngx_commerce_hls_selection_t *selection, ngx_commerce_cue_t *cue)
{
    ngx_uint_t  i;

    for (i = 0; i < selection->nranges; i++) {
        if (selection->ranges[i].cue == cue) {
            return "";
        }
    }

    return NULL;
}


/*
 * Somebody pins at random; a playlist of six seconds goes on by steps, and has
 * the cues of up to its end, which is now.
 */

static ngx_uint_t
stays(unsigned seed, int step)
{
    int                            now, at[MANY];
    ngx_uint_t                     i, n;
    ngx_commerce_hls_selection_t   before, after;

    srand(seed);

    n = 0;

    for (now = -9000; now < 60000 && n < MANY; n++) {
        at[n] = now;
        now += 1 + rand() % ((rand() % 4) ? 600 : 5000);
    }

    pinned(at, n);

    before.nranges = 0;

    for (now = 6000; now < 60000; now += step) {

        for (ncues = 0; ncues < n && at[ncues] <= now; ncues++) { /* void */ }

        selected(&after, now - 6000, now);

        for (i = 0; i < before.nranges; i++) {

            /* that is over when the next one begins before the playlist */

            if (!has(&after, before.ranges[i].cue)
                && (i + 1 < before.nranges
                    ? before.ranges[i + 1].start > after.start
                    : after.nranges == 0
                      || after.ranges[0].start > after.start))
            {
                printf("# seed %u, at %d: cue %s is gone\n", seed, now,
                       (char *) before.ranges[i].cue->id.data);
                return 0;
            }
        }

        for (i = 1; i < after.nranges; i++) {
            if (after.ranges[i].start - after.ranges[i - 1].start < 1
                || after.nranges > 14)
            {
                return 0;
            }
        }

        before = after;
    }

    return 1;
}


static void
test_stays(void)
{
    unsigned    seed;
    ngx_uint_t  good;

    good = 1;

    for (seed = 1; seed <= 200 && good; seed++) {
        good = stays(seed, 2000) && stays(seed, 330);
    }

    ok(good, "what was written stays while a playlist shows it");
}


static void
test_storm(void)
{
    int         at[50];
    ngx_uint_t  i;

    for (i = 0; i < 50; i++) {
        at[i] = 200 * i;
    }

    pinned(at, 50);
    shows(0, 60000, "1 6 11 16 21 26 31 36 41 46 50",
          "five pins a second: one is seen, and the last");
}


static void
test_listed(void)
{
    ngx_commerce_hls_selection_t  selection;

    PINNED(-9000, 3000, 5000, 7000, 12000);

    selected(&selection, 0, 20000);
    ngx_commerce_hls_select_listed(&selection, BASE, BASE + 4000);
    ngx_commerce_hls_select_listed(&selection, BASE + 10000, BASE + 12000);
    ngx_commerce_hls_select_drop(&selection);

    is_selection(&selection, "1 2 4", "those that segments show");

    selected(&selection, 0, 20000);
    ngx_commerce_hls_select_listed(&selection, BASE + 12000, BASE + 16000);
    ngx_commerce_hls_select_listed(&selection, BASE + 6999, BASE + 7001);
    ngx_commerce_hls_select_listed(&selection, BASE, BASE + 1);
    ngx_commerce_hls_select_listed(&selection, BASE + 1, BASE + 1);
    ngx_commerce_hls_select_drop(&selection);

    is_selection(&selection, "1 3 4 5", "... in any order");

    selected(&selection, 0, 20000);
    ngx_commerce_hls_select_drop(&selection);

    is_selection(&selection, "", "no segments, no cues");
}


/* ten cues as rooms have them are 3 KB at most */

static void
test_size(void)
{
    int                           at[10];
    char                          link[64];
    size_t                        len;
    u_char                        buf[8192], *p;
    ngx_str_t                     room;
    ngx_uint_t                    i;
    ngx_commerce_hls_minute_t     minute;
    ngx_commerce_hls_selection_t  selection;

    for (i = 0; i < 10; i++) {
        at[i] = 5000 * i;
    }

    pinned(at, 10);

    room = TEXT("studio-kitchen-2");
    snprintf(link, sizeof(link), "https://shop.example.com/p/enamel-kettle-2l");

    for (i = 0; i < 10; i++) {
        cues[i].id = TEXT("1763841600000-0");
        cues[i].card.product = TEXT("enamel-kettle-2l");
        cues[i].card.link = TEXT(link);
    }

    selected(&selection, 0, 60000);
    memset(&minute, 0, sizeof(minute));
    p = buf;

    for (i = 0; i < selection.nranges; i++) {
        p = ngx_commerce_hls_daterange_write(p, &room, &selection.ranges[i],
                                             NGX_COMMERCE_HLS_ATTRIBUTE_LINK,
                                             &minute);
        *p++ = '\n';
    }

    len = p - buf;

    ok(selection.nranges == 10 && len <= 3072, "ten cues in 3 KB");
    printf("# %u bytes\n", (unsigned) len);

    memset(cues, 0, sizeof(cues));
}


int
main(int argc, char **argv)
{
    pool = ngx_create_pool(4096, &ngx_shim_log);

    test_short();
    test_at_once();
    test_stays();
    test_storm();
    test_listed();
    test_size();

    ngx_destroy_pool(pool);

    return tap_done();
}
