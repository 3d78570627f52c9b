
/*
 * When segments begin, of playlists whose segments are named by when they
 * arrived: names that can't be, encoders that send late, hosts that come back.
 */

#include "hls_test.h"


#define BASE      ((int64_t) 1763841600000)    /* 2025-11-22T20:00:00Z */
#define LISTED    16
#define MISSING   INT64_MIN
#define GAP       0x01


/* a segment; times are ms after BASE, durations as they are written */

typedef struct {
    int64_t      name;
    const char  *duration;
    ngx_uint_t   gap;
} listed_t;


static ngx_commerce_hls_injection_t   injection;
static ngx_pool_t                    *pool;
static char                           text[1024 * 1024];


static void
is_number(int64_t got, int64_t wanted, const char *what)
{
    ok(got == wanted, "%s", what);

    if (got != wanted) {
        printf("# %lld, expected %lld\n", (long long) got, (long long) wanted);
    }
}


static void
write_list(listed_t *listed, ngx_uint_t n)
{
    char        *p;
    ngx_uint_t   i;

    p = text + sprintf(text, "#EXTM3U\n#EXT-X-TARGETDURATION:4\n");

    for (i = 0; i < n; i++) {

        if (listed[i].gap) {
            p += sprintf(p, "#EXT-X-DISCONTINUITY\n");
        }

        p += sprintf(p, "#EXTINF:%s,\n", listed[i].duration);

        if (listed[i].name == MISSING) {
            p += sprintf(p, "segment.ts\n");

        } else {
            p += sprintf(p, "%lld.ts\n", (long long) (BASE + listed[i].name));
        }
    }
}


static ngx_commerce_hls_outcome_e
date_text(ngx_commerce_period_t *periods, ngx_uint_t nperiods, int64_t offset)
{
    if (pool) {
        ngx_destroy_pool(pool);
    }

    pool = ngx_create_pool(4096, &ngx_shim_log);

    memset(&injection, 0, sizeof(injection));

    injection.pool = pool;
    injection.text = TEXT(text);
    injection.clock = NGX_COMMERCE_HLS_CLOCK_NAME;
    injection.offset = offset;
    injection.periods = periods;
    injection.nperiods = nperiods;

    if (ngx_commerce_hls_prepare(&injection) == NGX_OK) {
        (void) ngx_commerce_hls_plan(&injection);
    }

    return injection.outcome;
}


/* ms after BASE */

static int64_t
date(ngx_uint_t i)
{
    return injection.timeline.segments[i].date / 1000 - BASE;
}


static void
dates_are(listed_t *listed, ngx_uint_t n, int64_t *dates, const char *what)
{
    ngx_uint_t  i, good;

    write_list(listed, n);

    (void) date_text(NULL, 0, 0);

    good = injection.timeline.made;

    for (i = 0; good && i < n; i++) {
        good = date(i) == dates[i];
    }

    ok(good, "%s", what);

    for (i = 0; !good && i < n; i++) {
        printf("# %lld, expected %lld\n", (long long) date(i),
               (long long) dates[i]);
    }
}


#define DATES(listed, what, ...)                                              \
    dates_are(listed, sizeof(listed) / sizeof(listed[0]),                     \
              (int64_t[]) { __VA_ARGS__ }, what)


static void
test_bad_names(void)
{
    listed_t  same[] = { { 0, "2.000", 0 }, { 2000, "2.000", 0 },
                         { 2000, "2.000", 0 }, { 6000, "2.000", 0 } };

    listed_t  back[] = { { 0, "2.000", 0 }, { 2000, "2.000", 0 },
                         { 1000, "2.000", 0 }, { 6000, "2.000", 0 } };

    listed_t  first[] = { { MISSING, "2.5", 0 }, { 2500, "2.000", 0 },
                          { 4500, "2.000", 0 } };

    listed_t  second[] = { { 0, "2.000", 0 }, { MISSING, "1.000", 0 },
                           { MISSING, "2.000", 0 }, { 5000, "2.000", 0 } };

    listed_t  future[] = { { 0, "2.000", 0 },
                           { (int64_t) 7000000000000, "2.000", 0 },
                           { 4000, "2.000", 0 }, { 6000, "2.000", 0 } };

    listed_t  past[] = { { (int64_t) -700000000000, "2.000", 0 },
                         { 2000, "2.000", 0 }, { 4000, "2.000", 0 },
                         { 6000, "2.000", 0 } };

    listed_t  pairs[] = { { -2000, "2.000", 0 }, { 2000, "2.000", 0 },
                          { 4000, "2.000", 0 }, { 4000, "2.000", 0 },
                          { 8000, "2.000", 0 }, { 8000, "2.000", 0 } };

    listed_t  alone[] = { { 0, "2.000", 0 }, { 0, "2.000", 0 },
                          { 0, "2.000", 0 } };

    DATES(same, "the same name twice", 0, 2000, 4000, 6000);
    is_number(injection.timeline.repaired, 1, "... one is repaired");
    DATES(back, "a name that steps back", 0, 2000, 4000, 6000);
    DATES(first, "a first name without a time", 0, 2500, 4500);
    DATES(second, "two names without a time", 0, 2000, 3000, 5000);
    DATES(future, "a name of another century", 0, 2000, 4000, 6000);
    DATES(past, "... of the former one, at the beginning", 0, 2000, 4000, 6000);
    DATES(pairs, "what is left of such a pair, and others",
          0, 2000, 4000, 6000, 8000, 10000);

    write_list(alone, 3);
    ok(date_text(NULL, 0, 0) == NGX_COMMERCE_HLS_NO_CLOCK,
       "a number that all names have is no time");
}


/* an encoder that was stalled for 16 s; what it has sent in the end comes */

static void
test_burst(void)
{
    ngx_uint_t  i;
    listed_t    burst[LISTED], clip[9];
    int64_t     dates[LISTED];

    for (i = 0; i < LISTED; i++) {
        burst[i] = (listed_t) { 2000 * i, "2.000", 0 };
        dates[i] = 2000 * i;
    }

    for (i = 3; i < 12; i++) {
        burst[i].name = 21700 + 40 * (i - 3);
    }

    dates[11] = burst[11].name;

    dates_are(burst, LISTED, dates, "nine segments in a burst");
    is_number(injection.timeline.repaired, 8, "... all but what is in time");

    dates_are(burst + 4, LISTED - 4, dates + 4, "what is left of them");

    for (i = 0; i < 9; i++) {
        clip[i] = (listed_t) { 40 * i, "2.000", 0 };
        dates[i] = 320 - 2000 * (8 - (int64_t) i);
    }

    dates_are(clip, 9, dates, "a clip sent at once is older than its end");
}


static void
test_own_clock(void)
{
    ngx_uint_t  i;
    int64_t     dates[3600];
    listed_t    listed[3600];

    /* up to 90 ms late, in no order */

    for (i = 0; i < 3600; i++) {
        listed[i] = (listed_t) { 2000 * i + i * 7919 % 91, "2.000", 0 };
        dates[i] = listed[i].name;
    }

    dates_are(listed, 3600, dates, "names in order stay as they are");

    /* a clock that is 100 ppm slow is 720 ms late after two hours */

    for (i = 0; i < 3600; i++) {
        listed[i].name = 2000 * i + i / 5 + i * 7919 % 61;
        dates[i] = listed[i].name;
    }

    dates_are(listed, 3600, dates, "... if the encoder's clock is slow");

    for (i = 0; i < 3600; i++) {
        listed[i].name = 2000 * i - i / 5 + i * 7919 % 61;
        dates[i] = listed[i].name;
    }

    dates_are(listed, 3600, dates, "... or fast");

    for (i = 0; i < 100; i++) {
        listed[i] = (listed_t) { 6400 * i, "6", 0 };
        dates[i] = 6400 * i;
    }

    dates_are(listed, 100, dates, "... if EXTINF is rounded");
}


/* of a stream with stalls, each window dates a segment alike */

static void
test_windows(void)
{
    int64_t     first[400], late, off, most;
    listed_t    listed[400];
    ngx_uint_t  i, k;

    late = 0;

    for (i = 0; i < 400; i++) {

        if (i % 40 == 20) {
            late = 14000;
        }

        listed[i] = (listed_t) { 2000 * i + late + i * 7919 % 11, "2.000", 0 };
        first[i] = MISSING;

        late = ngx_max(late - 1960, 0);
    }

    most = 0;

    for (i = 0; i + LISTED <= 400; i++) {

        write_list(listed + i, LISTED);
        (void) date_text(NULL, 0, 0);

        for (k = 0; k < LISTED; k++) {

            if (first[i + k] == MISSING) {
                first[i + k] = date(k);
            }

            off = date(k) - first[i + k];
            most = ngx_max(most, llabs(off));

            off = date(k) - 2000 * (int64_t) (i + k);
            most = ngx_max(most, llabs(off));
        }
    }

    ok(most <= 20, "dates in all windows are right and the same");
    printf("# within %lld ms\n", (long long) most);
}


/* the dates of a stream go on over the host's gap */

static ngx_commerce_period_t  gap[] = {
    { 4, BASE - 60000, BASE - 60060, BASE - 60060, 500, 33 },
    { 5, BASE + 26000, BASE + 25940, BASE + 25000, 20440, 33 }
};


static void
test_gap(void)
{
    ngx_uint_t  i;
    int64_t     dates[] = { -500, 1500, 3500, 5500, 7500 };

    listed_t    listed[] = { { 0, "2.000", 0 }, { 2000, "2.000", 0 },
                             { 4000, "1.967", 0 }, { 26000, "2.000", GAP },
                             { 27940, "2.000", 0 } };

    write_list(listed, 5);

    ok(date_text(gap, 2, 0) == NGX_COMMERCE_HLS_INJECTED,
       "two periods, with a gap of 20 s");

    for (i = 0; i < 5; i++) {
        is_number(date(i), dates[i], "... dated without it");
    }

    is_number(injection.sequence, 5, "discontinuities before it");

    write_list(listed + 3, 2);
    (void) date_text(gap, 2, 0);

    is_number(date(0), dates[3], "the same when the gap is what is first");
    is_number(injection.sequence, 5, "its own is not before it");

    write_list(listed + 4, 1);
    (void) date_text(gap, 2, 0);

    is_number(date(0), dates[4], "the same when the gap is gone");
    is_number(injection.sequence, 6, "nor does its number");

    listed[3].name += 1930;
    listed[4].name += 1930;

    write_list(listed + 3, 2);
    (void) date_text(gap, 2, 1930);

    is_number(date(0), dates[3], "a rendition that comes 1.93 s later");

    listed[0].name = MISSING;
    listed[1].name = MISSING;
    write_list(listed, 3);
    (void) date_text(gap, 2, 0);

    is_number(injection.sequence, 5, "known by any segment");

    listed[2].name = -100000;
    write_list(listed + 2, 1);
    (void) date_text(gap, 2, 0);

    is_number(injection.sequence, -1, "not known before the first period");

    /* the room's first one */

    gap[0].number = 0;
    gap[1].number = 1;

    listed[2] = (listed_t) { -60000, "2.000", GAP };
    write_list(listed + 2, 1);
    (void) date_text(gap, 2, 0);

    is_number(injection.sequence, 0, "none before the first");
}


/* periods that are no such, and names at the ends of time */

static void
test_extremes(void)
{
    listed_t               listed[] = { { 0, "999999", 0 },
                                        { 2000, "999999", 0 } };
    ngx_commerce_period_t  wrong[] = {
        { UINT64_MAX, INT64_MIN, INT64_MAX, 0, INT64_MIN, 0 },
        { 0, INT64_MAX, INT64_MIN, 0, INT64_MAX, INT64_MIN }
    };

    write_list(listed, 2);
    (void) date_text(wrong, 2, 0);
    (void) date_text(wrong, 1, 0);
    (void) date_text(wrong + 1, 1, 86400000);

    ok(injection.outcome == NGX_COMMERCE_HLS_REPAIRED, "numbers of any size");
}


/* an edge leaves the dates of our origins, and moves cues as they did */

static void
test_edge(void)
{
    char         ours[512];
    ngx_str_t    out;
    test_room_t  room;

    static const char  line[] = "#NGINX-COMMERCE-DATES\n";
    static const char  foreign[] =
        "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:05.560Z\n"
        "#EXTINF:2.000,\n1763841626000.ts\n";

    room_init(&room, 1, (int64_t[]) { BASE + 26500 });

    room.room.periods = gap;
    room.room.nperiods = 2;

    inject(&room.room, foreign, strlen(foreign), NGX_COMMERCE_HLS_CLOCK_NAME, 0,
           &out);
    is_text(out, foreign, "others' dates: the cue is not in them");
    free(out.data);

    sprintf(ours, "#EXTM3U\n%s%s", line, foreign + 8);

    inject(&room.room, ours, strlen(ours), NGX_COMMERCE_HLS_CLOCK_NAME, 0,
           &out);

    ok(strstr((char *) out.data, "START-DATE=\"2025-11-22T20:00:06.060Z\"")
       && strstr((char *) out.data, "DATES\n#EXT-X-PROGRAM-DATE-TIME:2025-11-22"
                                    "T20:00:05.560Z\n#EXT-X-DATERANGE"),
       "ours: it is where our dates have it");
    free(out.data);
}


int
main(void)
{
    test_bad_names();
    test_burst();
    test_own_clock();
    test_windows();
    test_gap();
    test_extremes();
    test_edge();

    if (pool) {
        ngx_destroy_pool(pool);
    }

    return tap_done();
}
