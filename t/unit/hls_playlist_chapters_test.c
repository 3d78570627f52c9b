
/*
 * Chapters by product, and the session data that tell players of them.
 */

#include "hls_test.h"
#include "ngx_commerce_hls_chapters.h"
#include "ngx_commerce_hls_data.h"


#define BASE  ((int64_t) 1763841600000)    /* 2025-11-22T20:00:00Z */

#define PDT(date)  "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T" date "Z\n"

#define CHAPTER(n, start, duration, title, product)                           \
    "{\"chapter\":" n ",\"start-time\":" start ",\"duration\":" duration ","  \
    "\"titles\":[{\"language\":\"und\",\"title\":\"" title "\"}],"            \
    "\"metadata\":[{\"key\":\"product\",\"value\":\"" product "\"}]}"


static void
gives(const char *text, const char *expected, const char *what)
{
    size_t                         size;
    u_char                        *p;
    ngx_str_t                      out;
    ngx_pool_t                    *pool;
    test_room_t                    room;
    ngx_commerce_hls_injection_t   injection;

    memset(&injection, 0, sizeof(injection));

    room_init(&room, 4, (int64_t[]) { BASE - 9000, BASE + 6000, BASE + 10000,
                                      BASE + 30500 });
    room.cues[1].card.title = TEXT("C:\\ kettle, 2 l");
    room.cues[2].card.product.len = 0;

    pool = ngx_create_pool(4096, &ngx_shim_log);

    injection.pool = pool;
    injection.text = TEXT(text);
    injection.room = room.room.name;
    injection.cues = room.room.cues;
    injection.ncues = room.room.ncues;

    ok(ngx_commerce_hls_prepare(&injection) == NGX_OK
       && ngx_commerce_hls_plan(&injection) == NGX_OK, "%s: planned", what);

    size = ngx_commerce_hls_chapters_size(&injection);
    p = fenced(size);

    out.data = p;
    out.len = ngx_commerce_hls_chapters_write(&injection, p) - p;

    is_text(out, expected, "%s", what);

    fenced_free(p, size);
    ngx_destroy_pool(pool);
}


static void
test_chapters(void)
{
    gives("#EXTM3U\n" PDT("20:00:00.000") "#EXTINF:8,\na.ts\n"
          "#EXTINF:8.5,\nb.ts\n#EXT-X-DISCONTINUITY\n" PDT("20:00:30.000")
          "#EXTINF:4,\nc.ts\n#EXT-X-ENDLIST\n",
          "[" CHAPTER("1", "0.000", "6.000", "p-1", "p-1") ","
          CHAPTER("2", "6.000", "4.000", "C:\\\\ kettle, 2 l", "p-2") ","
          CHAPTER("3", "17.000", "3.500", "p-4", "p-4") "]",
          "by durations; nothing is no chapter");

    gives("#EXTM3U\n" PDT("19:00:00.000") "#EXTINF:8,\na.ts\n", "[]",
          "before all cues");
}


static void
adds(const char *text, const char *expected, const char *what)
{
    size_t     size;
    u_char    *p;
    ngx_str_t  in, out;

    ngx_commerce_hls_data_t  data[] = {
        { ngx_string("nginx-commerce.shelf"), ngx_string("/shelf/demo") },
        { ngx_string("com.apple.hls.chapters"), ngx_string("a?chapters=1") },
        { ngx_string("nothing"), ngx_string("") },
    };

    in = TEXT(text);
    size = in.len + ngx_commerce_hls_data_size(data, 3);
    p = fenced(size);

    out.data = p;
    out.len = ngx_commerce_hls_data_write(p, &in, data, 3) - p;

    is_text(out, expected, "%s", what);

    fenced_free(p, size);
}


#define SHELF     "#EXT-X-SESSION-DATA:DATA-ID=\"nginx-commerce.shelf\","      \
                  "URI=\"/shelf/demo\""
#define CHAPTERS  "#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.chapters\","    \
                  "URI=\"a?chapters=1\""


static void
test_data(void)
{
    ngx_str_t  good, bad;

    adds("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n",
         "#EXTM3U\n" SHELF "\n" CHAPTERS "\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"
         "a.m3u8\n", "after the first line");

    adds("#EXTM3U\r\n#EXT-X-SESSION-DATA:VALUE=\"x\",DATA-ID=\""
         "com.apple.hls.chapters\"\r\na",
         "#EXTM3U\r\n" SHELF "\r\n#EXT-X-SESSION-DATA:VALUE=\"x\",DATA-ID=\""
         "com.apple.hls.chapters\"\r\na", "not those that it has");

    adds("#EXTM3U", "#EXTM3U\n" SHELF "\n" CHAPTERS "\n", "nothing else");

    good = TEXT("/a?b=c,d");
    bad = TEXT("/a\"b");

    ok(ngx_commerce_hls_data_valid(&good)
       && !ngx_commerce_hls_data_valid(&bad), "what may stand in quotes");
}


int
main(int argc, char **argv)
{
    test_chapters();
    test_data();

    return tap_done();
}
