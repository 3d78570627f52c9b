
/*
 * One product's moment: the segments that show it, and what held for them.
 */

#include "hls_test.h"
#include "ngx_commerce_hls_clip.h"


#define BASE  ((int64_t) 1763841600000)    /* 2025-11-22T20:00:00Z */

#define PDT(date)  "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T" date "Z\n"

#define RANGE(id, date, end, at)                                              \
    "#EXT-X-DATERANGE:ID=\"demo-" id "-0\",CLASS=\"nginx-commerce.product\"," \
    "START-DATE=\"2025-11-22T" date "Z\",END-DATE=\"2025-11-22T" end "Z\","   \
    "X-NGINX-COMMERCE-AT=\"17638" at "\","                                    \
    "X-NGINX-COMMERCE-PRODUCT=\"p-" id "\"\n"


static ngx_pool_t  *pool;


/*
 * Cues are at 0, 6, 10 and 30 s; the third has no product.  NGX_AGAIN: the
 * clip is incomplete.
 */

static ngx_int_t
clip(const char *text, const char *id, ngx_uint_t clock, ngx_str_t *out)
{
    u_char                        *p;
    ngx_int_t                      rc;
    test_room_t                    room;
    ngx_commerce_hls_injection_t   injection;

    memset(&injection, 0, sizeof(injection));

    room_init(&room, 4, (int64_t[]) { BASE, BASE + 6000, BASE + 10000,
                                      BASE + 30000 });
    room.cues[2].card.product.len = 0;

    injection.pool = pool;
    injection.text.len = strlen(text);
    injection.text.data = fenced(injection.text.len);
    memcpy(injection.text.data, text, injection.text.len);

    injection.room = room.room.name;
    injection.clock = clock;
    injection.cues = room.room.cues;
    injection.ncues = room.room.ncues;
    injection.clip = TEXT(id);

    out->len = 0;

    rc = ngx_commerce_hls_prepare(&injection);

    if (rc == NGX_OK) {
        rc = ngx_commerce_hls_plan(&injection);
    }

    if (rc == NGX_OK) {
        rc = ngx_commerce_hls_clip(&injection);
    }

    if (rc == NGX_DECLINED
        && injection.refused == NGX_COMMERCE_CLIP_INCOMPLETE)
    {
        rc = NGX_AGAIN;
    }

    if (rc == NGX_OK) {
        p = ngx_pnalloc(pool, injection.size);
        out->data = p;
        out->len = ngx_commerce_hls_inject(&injection, p) - p;
    }

    return rc;
}


static void
gives(const char *text, const char *id, ngx_uint_t clock,
    const char *expected, const char *what)
{
    ngx_str_t  out;

    if (!ok(clip(text, id, clock, &out) == NGX_OK, "%s: a clip", what)) {
        return;
    }

    is_text(out, expected, "%s", what);
}


static void
refuses(const char *text, const char *id, ngx_int_t rc, const char *what)
{
    ngx_str_t  out;

    ok(clip(text, id, 0, &out) == rc, "%s", what);
}


static void
test_segments(void)
{
    gives("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n"
          "#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-PLAYLIST-TYPE:VOD\n"
          "#EXT-X-START:TIME-OFFSET=5\n"
          PDT("20:00:00.000")
          "#EXTINF:4.000,a\na.ts\n#EXTINF:4.000,b\nb.ts\n"
          "#EXTINF:4.000,c\nc.ts\n#EXTINF:4.000,d\nd.ts\n#EXT-X-ENDLIST\n",
          "2-0", 0,
          "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n"
          "#EXT-X-MEDIA-SEQUENCE:8\n#EXT-X-PLAYLIST-TYPE:VOD\n"
          PDT("20:00:04.000")
          RANGE("1", "20:00:00.000", "20:00:06.000", "41600000")
          RANGE("2", "20:00:06.000", "20:00:10.000", "41606000")
          "#EXTINF:4.000,b\nb.ts\n"
          "#EXT-X-DATERANGE:ID=\"demo-3-0\",CLASS=\"nginx-commerce.product\","
          "START-DATE=\"2025-11-22T20:00:10.000Z\","
          "END-DATE=\"2025-11-22T20:00:12.000Z\","
          "X-NGINX-COMMERCE-AT=\"1763841610000\","
          "X-NGINX-COMMERCE-PRODUCT=\"\"\n"
          "#EXTINF:4.000,c\nc.ts\n#EXT-X-ENDLIST\n",
          "the segments that show it, from its date on");

    gives("#EXTM3U\r\n#EXT-X-PLAYLIST-TYPE:EVENT\r\n"
          "#EXTINF:3.000,\r\n1763841600000.ts\r\n"
          "#EXTINF:3.000,\r\n1763841603000.ts\r\n"
          "#EXTINF:4.000,\r\n1763841606000.ts\r\n", "2-0",
          NGX_COMMERCE_HLS_CLOCK_NAME,
          "#EXTM3U\r\n#NGINX-COMMERCE-DATES\r\n#EXT-X-MEDIA-SEQUENCE:2\r\n"
          "#EXT-X-PLAYLIST-TYPE:VOD\r\n"
          "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:06.000Z\r\n"
          "#EXT-X-DATERANGE:ID=\"demo-2-0\",CLASS=\"nginx-commerce.product\","
          "START-DATE=\"2025-11-22T20:00:06.000Z\","
          "END-DATE=\"2025-11-22T20:00:10.000Z\","
          "X-NGINX-COMMERCE-AT=\"1763841606000\","
          "X-NGINX-COMMERCE-PRODUCT=\"p-2\"\r\n"
          "#EXTINF:4.000,\r\n1763841606000.ts\r\n#EXT-X-ENDLIST\r\n",
          "one that is exact, of an event that goes on; names are its clock");
}


static void
test_context(void)
{
    gives("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-DISCONTINUITY-SEQUENCE:3\n"
          "#EXT-X-KEY:METHOD=AES-128,URI=\"k1\"\n"
          "#EXT-X-MAP:URI=\"m.mp4\",BYTERANGE=\"700@0\"\n"
          "#EXT-X-BITRATE:900\n"
          PDT("20:00:00.000")
          "#EXTINF:2,\n#EXT-X-BYTERANGE:100@700\nm.mp4\n"
          "#EXT-X-DISCONTINUITY\n#EXT-X-CUE-OUT:2\n"
          "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\"\n"
          "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k3\",KEYFORMAT=\"com.x\"\n"
          "#EXTINF:4,\n#EXT-X-BYTERANGE:50\nm.mp4\n"
          "#EXT-X-KEY:METHOD=AES-128,URI=\"k4\"\n"
          "#EXT-X-DISCONTINUITY\n"
          PDT("20:00:06.000")
          "#EXTINF:2,\n#EXT-X-BYTERANGE:60\nm.mp4\n"
          "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n"
          "#EXTINF:2,\n#EXT-X-BYTERANGE:70\nm.mp4\n"
          "#EXTINF:2,\nn.mp4\n#EXT-X-ENDLIST\n",
          "2-0", 0,
          "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n"
          "#EXT-X-MEDIA-SEQUENCE:2\n#EXT-X-DISCONTINUITY-SEQUENCE:4\n"
          "#EXT-X-PLAYLIST-TYPE:VOD\n"
          "#EXT-X-KEY:METHOD=AES-128,URI=\"k1\"\n"
          "#EXT-X-MAP:URI=\"m.mp4\",BYTERANGE=\"700@0\"\n"
          "#EXT-X-KEY:METHOD=AES-128,URI=\"k2\"\n"
          "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k3\",KEYFORMAT=\"com.x\"\n"
          "#EXT-X-BITRATE:900\n"
          "#EXT-X-KEY:METHOD=AES-128,URI=\"k4\"\n"
          "#EXT-X-DISCONTINUITY\n"
          PDT("20:00:06.000")
          RANGE("2", "20:00:06.000", "20:00:10.000", "41606000")
          "#EXTINF:2,\n#EXT-X-BYTERANGE:60@850\nm.mp4\n"
          "#EXTINF:2,\n#EXT-X-BYTERANGE:70\nm.mp4\n#EXT-X-ENDLIST\n",
          "keys, those of the map first, map, bitrate, numbers, byte ranges");

    gives("#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k1\"\n"
          PDT("20:00:00.000") "#EXTINF:3,\na.ts\n"
          "#EXT-X-KEY:METHOD=NONE\n#EXTINF:3,\nb.ts\n#EXTINF:4,\nc.ts\n"
          "#EXT-X-ENDLIST\n", "2-0", 0,
          "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:2\n#EXT-X-PLAYLIST-TYPE:VOD\n"
          "#EXT-X-KEY:METHOD=NONE\n"
          PDT("20:00:06.000")
          RANGE("2", "20:00:06.000", "20:00:10.000", "41606000")
          "#EXTINF:4,\nc.ts\n#EXT-X-ENDLIST\n",
          "no key any more");

    gives("\xef\xbb\xbf\n#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
          "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24\n"
          "#EXT-X-PART-INF:PART-TARGET=2\n#EXT-X-PLAYLIST-TYPE:EVENT\n"
          PDT("20:00:06.000")
          "#EXT-X-PART:DURATION=2,URI=\"a.0\"\n"
          "#EXT-X-PART:DURATION=2,URI=\"a.1\"\n\n"
          "#EXTINF:4,\na.mp4\n"
          "#EXT-X-PART:DURATION=2,URI=\"b.0\"\n"
          "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"b.1\"\n"
          "#EXT-X-RENDITION-REPORT:URI=\"../low.m3u8\"\n", "2-0", 0,
          "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n"
          "#EXT-X-PLAYLIST-TYPE:VOD\n" PDT("20:00:06.000")
          RANGE("2", "20:00:06.000", "20:00:10.000", "41606000")
          "#EXTINF:4,\na.mp4\n#EXT-X-ENDLIST\n",
          "nothing that is for live players");
}


static void
test_refused(void)
{
    const char  *vod, *live, *event;

    vod = "#EXTM3U\n" PDT("20:00:02.000") "#EXTINF:10,\na.ts\n"
          "#EXTINF:10,\nb.ts\n#EXT-X-ENDLIST\n";

    live = "#EXTM3U\n" PDT("20:00:02.000") "#EXTINF:10,\na.ts\n"
           "#EXTINF:10,\nb.ts\n";

    event = "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n" PDT("20:00:02.000")
            "#EXTINF:10,\na.ts\n#EXTINF:10,\nb.ts\n";

    refuses(vod, "5-0", NGX_DECLINED, "no such cue");
    refuses(vod, "4-0", NGX_DECLINED, "one that is not in the playlist");
    refuses(vod, "3-0", NGX_DECLINED, "one that shows nothing");
    refuses(vod, "", NGX_DECLINED, "none at all");
    refuses(vod, "1-0", NGX_OK, "one from before a recording began");
    refuses(event, "1-0", NGX_OK, "... or an event did");
    refuses(live, "1-0", NGX_AGAIN, "one that began before what is listed");
    refuses(live, "2-0", NGX_OK, "one that is over, of a live playlist");

    live = "#EXTM3U\n" PDT("20:00:02.000") "#EXTINF:7,\na.ts\n";

    refuses(live, "2-0", NGX_AGAIN, "one that isn't over");
}


int
main(int argc, char **argv)
{
    pool = ngx_create_pool(4096, &ngx_shim_log);

    test_segments();
    test_context();
    test_refused();

    ngx_destroy_pool(pool);

    return tap_done();
}
