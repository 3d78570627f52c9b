
#include "hls_test.h"


#define BASE  ((int64_t) 1763841600000)    /* 2025-11-22T20:00:00Z */

/* at: the last digits of ms */

#define CUE(id, date, at, product)                                            \
    "#EXT-X-DATERANGE:ID=\"demo-" id "-0\",CLASS=\"nginx-commerce.product\"," \
    "START-DATE=\"2025-11-22T" date "Z\",PLANNED-DURATION=86400,"             \
    "X-NGINX-COMMERCE-AT=\"17638" at "\","                                    \
    "X-NGINX-COMMERCE-PRODUCT=\"" product "\"\n"

#define ENDED(id, date, end, at, product)                                     \
    "#EXT-X-DATERANGE:ID=\"demo-" id "-0\",CLASS=\"nginx-commerce.product\"," \
    "START-DATE=\"2025-11-22T" date "Z\",END-DATE=\"2025-11-22T" end "Z\","   \
    "X-NGINX-COMMERCE-AT=\"17638" at "\","                                    \
    "X-NGINX-COMMERCE-PRODUCT=\"" product "\"\n"

/* what our dates have after the first line */
#define OURS  "#NGINX-COMMERCE-DATES\n"

#define PDT(date)  "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T" date "Z\n"


static void
gives(const char *text, ngx_uint_t clock, ngx_uint_t n, int64_t *ats,
    const char *expected, const char *what)
{
    ngx_str_t    out;
    test_room_t  room;

    room_init(&room, n, ats);

    (void) inject(&room.room, text, strlen(text), clock, 0, &out);

    is_text(out, expected, "%s", what);

    free(out.data);
}


static void
test_places(void)
{
    const char  *dated, *named, *cr;

    dated = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" PDT("20:00:00.000")
            "#EXTINF:4.000,\na.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4.000,\nb.ts";

    gives(dated, 0, 0, NULL, dated, "no cues: nothing is added");

    gives(dated, 0, 1, (int64_t[]) { BASE + 8000 }, dated,
          "a cue at the window's end comes later");

    gives(dated, 0, 1, (int64_t[]) { BASE + 7999 },
          "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" PDT("20:00:00.000")
          "#EXTINF:4.000,\na.ts\n#EXT-X-DISCONTINUITY\n"
          CUE("1", "20:00:07.999", "41607999", "p-1")
          "#EXTINF:4.000,\nb.ts",
          "a cue stands before the segment it falls on");

    gives(dated, 0, 3,
          (int64_t[]) { BASE - 90000, BASE - 60000, BASE + 60000 },
          "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" PDT("20:00:00.000")
          CUE("2", "19:59:00.000", "41540000", "p-2")
          "#EXTINF:4.000,\na.ts\n#EXT-X-DISCONTINUITY\n"
          "#EXTINF:4.000,\nb.ts",
          "the cue in force when the window begins, ended by one after it");

    gives(dated, 0, 4,
          (int64_t[]) { BASE - 1, BASE, BASE + 1000, BASE + 4000 },
          "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" PDT("20:00:00.000")
          CUE("2", "20:00:00.000", "41600000", "p-2")
          CUE("3", "20:00:01.000", "41601000", "p-3")
          "#EXTINF:4.000,\na.ts\n#EXT-X-DISCONTINUITY\n"
          CUE("4", "20:00:04.000", "41604000", "p-4")
          "#EXTINF:4.000,\nb.ts",
          "several cues, one at the very beginning");

    named = "#EXTM3U\n#EXTINF:4.000,\n1763841600000.ts\n"
            "#EXTINF:4.000,\n1763841604050.ts\n";

    gives(named, NGX_COMMERCE_HLS_CLOCK_NAME, 0, NULL,
          "#EXTM3U\n" OURS PDT("20:00:00.000")
          "#EXTINF:4.000,\n1763841600000.ts\n" PDT("20:00:04.050")
          "#EXTINF:4.000,\n1763841604050.ts\n",
          "names give each segment its time, cues or not");

    gives(named, NGX_COMMERCE_HLS_CLOCK_NAME, 1,
          (int64_t[]) { BASE + 4020 },
          "#EXTM3U\n" OURS PDT("20:00:00.000")
          "#EXTINF:4.000,\n1763841600000.ts\n" PDT("20:00:04.050")
          CUE("1", "20:00:04.020", "41604020", "p-1")
          "#EXTINF:4.000,\n1763841604050.ts\n",
          "a cue between two segments stands before the second");

    cr = "#EXTM3U\r\n#EXTINF:4.000,\r\n1763841600000.ts\r\n";

    gives(cr, NGX_COMMERCE_HLS_CLOCK_NAME, 0, NULL,
          "#EXTM3U\r\n#NGINX-COMMERCE-DATES\r\n"
          "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:00.000Z\r\n"
          "#EXTINF:4.000,\r\n1763841600000.ts\r\n",
          "lines end as the file's do");
}


static void
test_low_latency(void)
{
    const char  *text;

    text = "#EXTM3U\n" PDT("20:00:00.000") "#EXTINF:4.0,\na.mp4\n"
           "#EXT-X-PART:DURATION=0.5,URI=\"b1.mp4\"\n"
           "#EXT-X-PART:DURATION=0.5,URI=\"b2.mp4\"\n"
           "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"b3.mp4\"\n";

    gives(text, 0, 2, (int64_t[]) { BASE + 3700, BASE + 4700 },
          "#EXTM3U\n" PDT("20:00:00.000")
          CUE("1", "20:00:03.700", "41603700", "p-1")
          "#EXTINF:4.0,\na.mp4\n"
          CUE("2", "20:00:04.700", "41604700", "p-2")
          "#EXT-X-PART:DURATION=0.5,URI=\"b1.mp4\"\n"
          "#EXT-X-PART:DURATION=0.5,URI=\"b2.mp4\"\n"
          "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"b3.mp4\"\n",
          "a cue on a segment under way stands before its first part");

    text = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
           "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n" PDT("20:00:12.000")
           "#EXTINF:4.0,\nd.mp4\n";

    gives(text, 0, 3, (int64_t[]) { BASE - 2000, BASE - 1000, BASE + 3000 },
          "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
          "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n" PDT("20:00:12.000")
          CUE("2", "19:59:59.000", "41599000", "p-2")
          CUE("3", "20:00:03.000", "41603000", "p-3")
          "#EXTINF:4.0,\nd.mp4\n",
          "a delta update has the cues of what it skips");
}


static void
test_attributes(void)
{
    ngx_str_t             out;
    ngx_uint_t            all;
    test_room_t           room;
    ngx_commerce_card_t  *card;

    const char  *text = "#EXTM3U\n" PDT("20:00:00.000") "#EXTINF:4,\na.ts\n";

    room_init(&room, 2, (int64_t[]) { BASE, BASE + 1000 });

    card = &room.cues[0].card;
    card->title = TEXT("Enamel kettle, 2 l");
    card->price = TEXT("4990");
    card->currency = TEXT("EUR");
    card->link = TEXT("https://shop.example.com/p-1?a=1,b");
    card->image = TEXT("https://img.example.com/p-1.jpg");
    card->stock = TEXT("0");

    room.cues[1].card.product.len = 0;

    all = ngx_commerce_hls_daterange_field(&TEXT("stock")) * 2 - 1;

    inject(&room.room, text, strlen(text), 0, all, &out);

    is_text(out,
            "#EXTM3U\n" PDT("20:00:00.000")
            "#EXT-X-DATERANGE:ID=\"demo-1-0\",CLASS=\"nginx-commerce.product\""
            ",START-DATE=\"2025-11-22T20:00:00.000Z\""
            ",PLANNED-DURATION=86400,X-NGINX-COMMERCE-AT=\"1763841600000\""
            ",X-NGINX-COMMERCE-PRODUCT=\"p-1\""
            ",X-NGINX-COMMERCE-LINK=\"https://shop.example.com/p-1?a=1,b\""
            ",X-NGINX-COMMERCE-TITLE=\"Enamel kettle, 2 l\""
            ",X-NGINX-COMMERCE-PRICE=\"4990\""
            ",X-NGINX-COMMERCE-CURRENCY=\"EUR\""
            ",X-NGINX-COMMERCE-IMAGE=\"https://img.example.com/p-1.jpg\""
            ",X-NGINX-COMMERCE-STOCK=\"0\"\n"
            CUE("2", "20:00:01.000", "41601000", "")
            "#EXTINF:4,\na.ts\n",
            "all attributes; nothing pinned is an empty product");

    free(out.data);

    inject(&room.room, text, strlen(text), 0,
           ngx_commerce_hls_daterange_field(&TEXT("currency")), &out);

    ok(strstr((char *) out.data, ",X-NGINX-COMMERCE-PRODUCT=\"p-1\""
                                 ",X-NGINX-COMMERCE-CURRENCY=\"EUR\"\n")
       != NULL,
       "the product's attribute is always there");

    free(out.data);

    ok(ngx_commerce_hls_daterange_field(&TEXT("product"))
       == NGX_COMMERCE_HLS_ATTRIBUTE_PRODUCT
       && ngx_commerce_hls_daterange_field(&TEXT("link"))
          == NGX_COMMERCE_HLS_ATTRIBUTE_LINK
       && ngx_commerce_hls_daterange_field(&TEXT("colour")) == 0
       && ngx_commerce_hls_daterange_field(&TEXT("")) == 0,
       "fields by name");
}


/* what a playlist gains never changes */

static void
test_later_cue(void)
{
    ngx_str_t    first, second;
    test_room_t  room;

    const char  *text = "#EXTM3U\n#EXTINF:4,\n1763841600000.ts\n"
                        "#EXTINF:4,\n1763841604000.ts\n";

    room_init(&room, 2, (int64_t[]) { BASE + 1000, BASE + 2000 });

    room.room.ncues = 1;
    inject(&room.room, text, strlen(text), NGX_COMMERCE_HLS_CLOCK_NAME, 0,
           &first);

    room.room.ncues = 2;
    inject(&room.room, text, strlen(text), NGX_COMMERCE_HLS_CLOCK_NAME, 0,
           &second);

    is_text(first,
            "#EXTM3U\n" OURS PDT("20:00:00.000")
            CUE("1", "20:00:01.000", "41601000", "p-1")
            "#EXTINF:4,\n1763841600000.ts\n" PDT("20:00:04.000")
            "#EXTINF:4,\n1763841604000.ts\n",
            "the first cue");

    is_text(second,
            "#EXTM3U\n" OURS PDT("20:00:00.000")
            CUE("1", "20:00:01.000", "41601000", "p-1")
            CUE("2", "20:00:02.000", "41602000", "p-2")
            "#EXTINF:4,\n1763841600000.ts\n" PDT("20:00:04.000")
            "#EXTINF:4,\n1763841604000.ts\n",
            "a later cue adds its own line, nothing else");

    free(first.data);
    free(second.data);
}


/* of a playlist that has ended all ends are known */

static void
test_ended(void)
{
    gives("#EXTM3U\n" PDT("20:00:00.000") "#EXTINF:4,\na.ts\n#EXTINF:4,\nb.ts\n"
          "#EXT-X-ENDLIST\n", 0, 3,
          (int64_t[]) { BASE - 1000, BASE + 1000, BASE + 9000 },
          "#EXTM3U\n" PDT("20:00:00.000")
          ENDED("1", "19:59:59.000", "20:00:01.000", "41599000", "p-1")
          ENDED("2", "20:00:01.000", "20:00:08.000", "41601000", "p-2")
          "#EXTINF:4,\na.ts\n#EXTINF:4,\nb.ts\n#EXT-X-ENDLIST\n",
          "ends: where the next one begins, or the playlist ends");
}


/* a gap of three seconds, which dates leave out */

static void
test_gap(void)
{
    ngx_str_t    out;
    test_room_t  room;

    ngx_commerce_period_t  periods[] = {
        { 0, BASE - 60000, BASE - 60060, BASE - 60060, 0, 33 },
        { 1, BASE + 7000, BASE + 7000, BASE + 7000, 3000, 33 }
    };

    const char  *text = "#EXTM3U\n#EXTINF:4,\n1763841600000.ts\n"
                        "#EXT-X-DISCONTINUITY\n"
                        "#EXTINF:4,\n1763841607000.ts\n";

    room_init(&room, 5, (int64_t[]) { BASE + 1000, BASE + 4500, BASE + 5000,
                                      BASE + 6000, BASE + 8000 });
    room.room.periods = periods;
    room.room.nperiods = 2;

    inject(&room.room, text, strlen(text), NGX_COMMERCE_HLS_CLOCK_NAME, 0,
           &out);

    is_text(out,
            "#EXTM3U\n" OURS "#EXT-X-DISCONTINUITY-SEQUENCE:1\n"
            PDT("20:00:00.000")
            CUE("1", "20:00:01.000", "41601000", "p-1")
            "#EXTINF:4,\n1763841600000.ts\n#EXT-X-DISCONTINUITY\n"
            PDT("20:00:04.000")
            CUE("4", "20:00:04.000", "41604000", "p-4")
            CUE("5", "20:00:05.000", "41605000", "p-5")
            "#EXTINF:4,\n1763841607000.ts\n",
            "of those pinned in the gap the last one, when the host is back");

    free(out.data);
}


/* n segments of a second, the last one at 20:10, and dates for some of them */

static void
segments(char *p, ngx_uint_t n, ngx_uint_t dates, ngx_uint_t cue)
{
    unsigned    second;
    ngx_uint_t  i;

    p += sprintf(p, "#EXTM3U\n%s", dates == n ? OURS : "");

    for (i = 0; i < n; i++) {
        second = 600 - (n - 1) + i;

        if (i < dates) {
            p += sprintf(p, PDT("20:%02u:%02u.000"), second / 60, second % 60);
        }

        if (cue && i == n - 1) {
            p += sprintf(p, CUE("1", "20:10:00.000", "42200000", "p-1"));
        }

        p += sprintf(p, "#EXTINF:1,\n%lld.ts\n",
                     (long long) BASE + 1000 * second);
    }
}


static void
test_many_segments(void)
{
    ngx_uint_t   n;
    static char  text[16384], expected[16384];

    int64_t  at[] = { BASE + 600000 };

    for (n = NGX_COMMERCE_HLS_KEPT - 1; n <= NGX_COMMERCE_HLS_KEPT + 2; n++) {

        segments(text, n, 0, 0);
        segments(expected, n, n, 1);

        gives(text, NGX_COMMERCE_HLS_CLOCK_NAME, 1, at, expected,
              "about as many segments as are kept, with names");

        segments(text, n, 1, 0);
        segments(expected, n, 1, 1);

        gives(text, 0, 1, at, expected, "... with a date");
    }
}


static void
test_extremes(void)
{
    size_t                      len;
    u_char                     *text, *p;
    ngx_str_t                   out;
    ngx_uint_t                  i;
    test_room_t                 room;
    ngx_commerce_hls_outcome_e  outcome;

    room_init(&room, 3, (int64_t[]) { INT64_MIN, BASE, INT64_MAX });

    text = malloc(4 * 1024 * 1024);

    p = ngx_cpymem(text, "#EXTM3U\n" PDT("20:00:00.000"),
                   sizeof("#EXTM3U\n" PDT("20:00:00.000")) - 1);
    memset(p, '#', 1024 * 1024);
    p = ngx_cpymem(p + 1024 * 1024, "\n#EXTINF:4,", 11);
    memset(p, 'x', 1024 * 1024);
    p = ngx_cpymem(p + 1024 * 1024, "\na\n", 3);

    len = p - text;
    outcome = inject(&room.room, text, len, 0, 0, &out);

    ok(outcome == NGX_COMMERCE_HLS_INJECTED
       && out.len == len + sizeof(CUE("2", "20:00:00.000", "41600000", "p-2"))
                     - 1,
       "lines of a megabyte, cues at the ends of time");

    free(out.data);

    p = ngx_cpymem(text, "#EXTM3U\n", 8);

    for (i = 0; i < 200000; i++) {
        p = ngx_cpymem(p, "#EXTINF:999999,\na\n", 18);
    }

    outcome = inject(&room.room, text, p - text, 0, 0, &out);

    ok(outcome == NGX_COMMERCE_HLS_NO_CLOCK, "200,000 segments");

    free(out.data);

    p = ngx_cpymem(p, PDT("20:00:00.000") "#EXTINF:1,\nb",
                   sizeof(PDT("20:00:00.000") "#EXTINF:1,\nb") - 1);

    outcome = inject(&room.room, text, p - text, 0, 0, &out);

    ok(outcome == NGX_COMMERCE_HLS_INJECTED, "... dated from the last one");

    free(out.data);

    for (i = 0; i < 8; i++) {
        text[i] = "#EXTM3U\n"[i];
    }

    memset(text + 8, '\n', 1024 * 1024);

    outcome = inject(&room.room, text, 1024 * 1024, 0, 0, &out);

    ok(outcome == NGX_COMMERCE_HLS_MULTIVARIANT, "nothing but empty lines");

    free(out.data);
    free(text);
}


int
main(void)
{
    test_places();
    test_low_latency();
    test_attributes();
    test_later_cue();
    test_ended();
    test_gap();
    test_many_segments();
    test_extremes();

    return tap_done();
}
