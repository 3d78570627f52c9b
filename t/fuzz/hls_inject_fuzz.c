
/*
 * The bytes are a playlist.  Cues are put in; without our lines it is the
 * same bytes again.  It takes time in proportion to the length, also amid
 * thousands of segments and with as many cues as a room can have.  What the
 * cache has of earlier playlists is what would be written now.
 */

/* links: src/hls/ngx_commerce_hls_*.c */


#include <time.h>
#include "fuzz.h"
#include "ngx_shim.h"
#include "ngx_commerce_hls_cache.h"
#include "ngx_commerce_hls_chapters.h"
#include "ngx_commerce_hls_clip.h"
#include "ngx_commerce_hls_daterange.h"
#include "ngx_commerce_hls_delta.h"
#include "ngx_commerce_hls_inject.h"
#include "ngx_commerce_hls_playlist.h"


#define BASE        ((int64_t) 1763841600000)   /* 2025-11-22T20:00:00Z */
#define MANY_CUES   200
#define LONG_TEXT   (64 * 1024)
#define LONG_TIMES  4                           /* that many times longer */
#define NOISE       0.005                       /* s of CPU */

#define TEXT(s)    { sizeof(s) - 1, (u_char *) s }


static ngx_commerce_cue_t  cues[] = {
    { TEXT("1-0"), BASE - 100000, 1, .card = { .product = TEXT("p-1") } },
    { TEXT("2-0"), BASE - 2, 1,
      .card = { .product = TEXT("p-2"),
                .link = TEXT("https://example.com/p-2") } },
    { TEXT("3-0"), BASE + 1500, 1, .card = { .product = TEXT("") } },
    { TEXT("4-0"), BASE + 4000, 1, .card = { .product = TEXT("p-1") } },
    { TEXT("5-0"), BASE + 3600000, 1, .card = { .product = TEXT("p-3") } }
};


/* a gap of three seconds after the first two */

static ngx_commerce_period_t  periods[] = {
    { 0, BASE - 3600000, BASE - 3600060, BASE - 3600060, 0, 33 },
    { 1, BASE + 5000, BASE + 4940, BASE + 4940, 3000, 33 }
};


static ngx_commerce_room_t  room = {
    .name = TEXT("demo"),
    .cues = cues,
    .ncues = sizeof(cues) / sizeof(cues[0]),
    .periods = periods,
    .nperiods = sizeof(periods) / sizeof(periods[0])
};


static ngx_commerce_cue_t   many_cues[MANY_CUES];


static ngx_commerce_room_t  busy_room = {
    .name = TEXT("demo"),
    .cues = many_cues,
    .ncues = MANY_CUES
};


static ngx_uint_t
begins(u_char *p, u_char *last, const char *prefix)
{
    size_t  len;

    len = strlen(prefix);

    return (size_t) (last - p) >= len && memcmp(p, prefix, len) == 0;
}


#define DATE      "#EXT-X-PROGRAM-DATE-TIME:"
#define SEQUENCE  "#EXT-X-DISCONTINUITY-SEQUENCE"


/* a date range of the room's, as only we write it, in a line */

static ngx_uint_t
is_ours(u_char *p, u_char *last)
{
    static const char  id[] = "#EXT-X-DATERANGE:ID=\"demo-";

    if (!begins(p, last, id)) {
        return 0;
    }

    p = memchr(p + sizeof(id) - 1, '"', last - p - (sizeof(id) - 1));

    return p && begins(p, last,
                       "\",CLASS=\"" NGX_COMMERCE_HLS_CLASS "\",START");
}


static u_char *
line_end(u_char *p, u_char *last)
{
    u_char  *eol;

    eol = memchr(p, '\n', last - p);

    return eol ? eol + 1 : last;
}


static ngx_uint_t
is_comment(u_char *p, u_char *last)
{
    return begins(p, last, NGX_COMMERCE_HLS_DATES "\n")
           || begins(p, last, NGX_COMMERCE_HLS_DATES "\r\n");
}


static ngx_uint_t
has_line(u_char *p, u_char *last, const char *prefix)
{
    for ( /* void */ ; p < last; p = line_end(p, last)) {
        if (begins(p, last, prefix)) {
            return 1;
        }
    }

    return 0;
}


/* what a playlist that lacks it may be given */

#define DATES   0x01
#define NUMBER  0x02


static ngx_uint_t
lacks(u_char *p, u_char *last)
{
    ngx_uint_t  what;

    if (has_line(p, last, DATE)) {
        return 0;
    }

    what = DATES;

    if (!has_line(p, last, SEQUENCE)) {
        what |= NUMBER;
    }

    return what;
}


static ngx_uint_t
is_given(u_char *p, u_char *last, ngx_uint_t what)
{
    return is_ours(p, last)
           || ((what & DATES) && begins(p, last, DATE))
           || ((what & NUMBER) && begins(p, last, SEQUENCE))
           || is_comment(p, last);
}


/* a copy without our lines and, in both, without a word of delta updates */

static ngx_str_t
plain(u_char *p, u_char *last, ngx_uint_t given)
{
    u_char     *eol, *to;
    ngx_str_t   text, line;

    text.data = malloc(last - p + 1);
    to = text.data;

    for ( /* void */ ; p < last; p = eol) {
        eol = line_end(p, last);

        if (begins(p, eol, "#EXT-X-SERVER-CONTROL:")) {
            line.data = p;
            line.len = eol - p;
            to = ngx_commerce_hls_delta_refuse(to, &line);

        } else if (!is_given(p, eol, given)) {
            to = ngx_cpymem(to, p, eol - p);
        }
    }

    text.len = to - text.data;

    return text;
}


/* compares what was written, our lines left out, with the original */

static void
must_restore(ngx_str_t *text, u_char *p, u_char *last)
{
    ngx_str_t  original, restored;

    original = plain(text->data, text->data + text->len, 0);
    restored = plain(p, last, lacks(text->data, text->data + text->len));

    must(restored.len == original.len);
    must(memcmp(restored.data, original.data, original.len) == 0);

    free(original.data);
    free(restored.data);
}


static void
must_be_kept(ngx_commerce_hls_injection_t *injection, u_char *p, size_t len)
{
    ngx_commerce_hls_output_t  *kept, output;

    static ngx_commerce_hls_cache_t  *cache;

    if (cache == NULL) {
        cache = ngx_commerce_hls_cache_create(
                                      ngx_create_pool(4096, &ngx_shim_log));
    }

    kept = ngx_commerce_hls_cache_find(cache, injection);

    if (kept == NULL) {
        ngx_memzero(&output, sizeof(output));
        output.text.data = p;
        output.text.len = len;
        ngx_commerce_hls_hash(&output.text, output.hash);

        ngx_commerce_hls_cache_add(cache, injection, &output);
        kept = ngx_commerce_hls_cache_find(cache, injection);
    }

    if (kept == NULL) {
        must(injection->text.len + len > NGX_COMMERCE_HLS_CACHE_ENTRY / 2);
        return;
    }

    must(kept->text.len == len);
    must(memcmp(kept->text.data, p, len) == 0);
}


static void
inject(ngx_str_t *text, ngx_commerce_room_t *room, ngx_uint_t clock,
    ngx_uint_t delta)
{
    u_char                        *out, *last;
    ngx_pool_t                    *pool;
    ngx_commerce_hls_injection_t   injection;

    ngx_memzero(&injection, sizeof(injection));

    pool = ngx_create_pool(4096, &ngx_shim_log);

    injection.pool = pool;
    injection.text = *text;
    injection.room = room->name;
    injection.clock = clock;
    injection.delta = delta;
    injection.attributes = NGX_COMMERCE_HLS_ATTRIBUTE_LINK;

    if (ngx_commerce_hls_prepare(&injection) != NGX_OK) {
        must(injection.outcome != NGX_COMMERCE_HLS_INJECTED);
        ngx_destroy_pool(pool);
        return;
    }

    injection.cues = room->cues;
    injection.ncues = room->ncues;
    injection.periods = room->periods;
    injection.nperiods = room->nperiods;

    must(ngx_commerce_hls_plan(&injection) == NGX_OK);

    out = malloc(injection.size);
    last = ngx_commerce_hls_inject(&injection, out);

    must((size_t) (last - out) <= injection.size);

    if (!delta) {
        must_restore(text, out, last);
    }

    must_be_kept(&injection, out, last - out);

    free(out);
    ngx_destroy_pool(pool);
}


/* the moment of a cue is a playlist of some of the segments, and has ended */

static void
clip(ngx_str_t *text, const char *id)
{
    size_t                         size;
    u_char                        *out, *last;
    ngx_pool_t                    *pool;
    ngx_uint_t                     n;
    ngx_commerce_hls_injection_t   injection;

    ngx_memzero(&injection, sizeof(injection));

    pool = ngx_create_pool(4096, &ngx_shim_log);

    injection.pool = pool;
    injection.text = *text;
    injection.room = room.name;
    injection.clock = NGX_COMMERCE_HLS_CLOCK_NAME;
    injection.cues = room.cues;
    injection.ncues = room.ncues;
    injection.periods = room.periods;
    injection.nperiods = room.nperiods;
    injection.clip.data = (u_char *) id;
    injection.clip.len = strlen(id);

    if (ngx_commerce_hls_prepare(&injection) == NGX_OK
        && ngx_commerce_hls_plan(&injection) == NGX_OK
        && ngx_commerce_hls_clip(&injection) == NGX_OK)
    {
        n = injection.timeline.nsegments;

        size = ngx_commerce_hls_chapters_size(&injection);
        out = malloc(size);
        last = ngx_commerce_hls_chapters_write(&injection, out);

        must((size_t) (last - out) <= size);
        free(out);

        out = malloc(injection.size);
        injection.text.len = ngx_commerce_hls_inject(&injection, out) - out;
        injection.text.data = out;

        must(injection.text.len <= injection.size);

        (void) ngx_commerce_hls_timeline(&injection.timeline, &injection.text);

        must(injection.timeline.nsegments == n);
        must(injection.timeline.reader.ended);

        free(out);
    }

    ngx_destroy_pool(pool);
}


static double
cpu_time(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

    return ts.tv_sec + ts.tv_nsec / 1e9;
}


/* the least of some times, s of CPU: others are disturbed */

static double
time_of(ngx_str_t *text)
{
    double      start, least;
    ngx_uint_t  i;

    least = 1e9;

    for (i = 0; i < 3; i++) {
        start = cpu_time();
        inject(text, &busy_room, NGX_COMMERCE_HLS_CLOCK_NAME, 0);
        least = ngx_min(least, cpu_time() - start);
    }

    return least;
}


/* the bytes over and over */

static ngx_str_t
repeated(const uint8_t *data, size_t size, size_t len)
{
    size_t     n;
    ngx_str_t  text;

    text.len = len - len % size;
    text.data = malloc(text.len);

    for (n = 0; n < text.len; n += size) {
        memcpy(text.data + n, data, size);
    }

    return text;
}


/* the bytes in the middle of a playlist as nginx-rtmp writes them */

static ngx_str_t
surrounded(const uint8_t *data, size_t size, size_t len)
{
    char       segment[64];
    size_t     n, max;
    u_char    *p;
    int64_t    ms;
    ngx_str_t  text;

    static const char  head[] = "#EXTM3U\n#EXT-X-VERSION:3\n"
                                "#EXT-X-TARGETDURATION:2\n";

    max = len + size;
    p = malloc(max);
    memcpy(p, head, sizeof(head) - 1);
    text.len = sizeof(head) - 1;

    for (ms = BASE; /* void */ ; ms += 2000) {
        n = snprintf(segment, sizeof(segment), "#EXTINF:2.000,\n%lld.ts\n",
                     (long long) ms);

        if (text.len + n + size > max) {
            break;
        }

        memcpy(p + text.len, segment, n);
        text.len += n;

        if (text.len >= len / 2) {
            memcpy(p + text.len, data, size);
            text.len += size;
            size = 0;
        }
    }

    text.data = fuzz_copy(p, text.len);
    free(p);

    return text;
}


static void
must_be_linear(ngx_str_t (*write)(const uint8_t *data, size_t size, size_t len),
    const uint8_t *data, size_t size)
{
    double     once, times;
    ngx_str_t  text;

    text = write(data, size, LONG_TEXT);
    once = time_of(&text);
    free(text.data);

    text = write(data, size, LONG_TIMES * LONG_TEXT);
    times = time_of(&text);
    free(text.data);

    must(times < 2 * LONG_TIMES * once + NOISE);
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    ngx_uint_t  i;

    for (i = 0; i < MANY_CUES; i++) {
        many_cues[i] = cues[i % room.ncues];
        many_cues[i].at = BASE + 2500 * i;
    }

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ngx_str_t  text;

    static ngx_uint_t  calls;

    text.data = fuzz_copy(data, size);
    text.len = size;

    inject(&text, &room, NGX_COMMERCE_HLS_CLOCK_OFF, 0);
    inject(&text, &room, NGX_COMMERCE_HLS_CLOCK_NAME, 0);
    inject(&text, &busy_room, NGX_COMMERCE_HLS_CLOCK_NAME, 1);

    clip(&text, "2-0");
    clip(&text, "4-0");

    free(text.data);

    /* once in a while, since it takes long */

    if (size && calls++ % 256 == 0) {
        must_be_linear(repeated, data, size);
        must_be_linear(surrounded, data, size);
    }

    return 0;
}
