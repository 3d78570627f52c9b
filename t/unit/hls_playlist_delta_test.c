
/*
 * Delta updates: not offered, or with all of our ranges and those that left.
 */

#include "hls_test.h"
#include "ngx_commerce_hls_delta.h"


#define BASE  ((int64_t) 1763841600000)    /* 2025-11-22T20:00:00Z */

#define CONTROL  "#EXT-X-SERVER-CONTROL:"


static void
refuses(const char *from, const char *to)
{
    u_char     buf[256];
    ngx_str_t  line, out;

    line = TEXT(from);

    out.data = buf;
    out.len = ngx_commerce_hls_delta_refuse(buf, &line) - buf;

    is_text(out, to, "%s", from);

    ok(ngx_commerce_hls_delta_offered(&line)
       == (strstr(from, ",CAN-SKIP") || strstr(from, ":CAN-SKIP")),
       "... is an offer, or is none");
}


static void
test_refuse(void)
{
    refuses(CONTROL "CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,HOLD-BACK=6\n",
            CONTROL "CAN-BLOCK-RELOAD=YES,HOLD-BACK=6\n");
    refuses(CONTROL "CAN-SKIP-UNTIL=12.0,CAN-SKIP-DATERANGES=YES,X=\"a,b\"\r\n",
            CONTROL "X=\"a,b\"\r\n");
    refuses(CONTROL "CAN-SKIP-UNTIL=12\n", "");
    refuses(CONTROL "X=\"CAN-SKIP-UNTIL=12\"",
            CONTROL "X=\"CAN-SKIP-UNTIL=12\"");
}


static ngx_str_t
injected(const char *text, ngx_uint_t delta, ngx_pool_t *pool)
{
    u_char                        *p;
    ngx_str_t                      out;
    test_room_t                    room;
    ngx_commerce_hls_injection_t   injection;

    memset(&injection, 0, sizeof(injection));

    room_init(&room, 6, (int64_t[]) { BASE - 90000, BASE - 40000,
                                      BASE - 20000, BASE - 12000, BASE - 3000,
                                      BASE + 2000 });

    injection.pool = pool;
    injection.text = TEXT(text);
    injection.room = room.room.name;
    injection.cues = room.room.cues;
    injection.ncues = room.room.ncues;
    injection.delta = delta;

    out.len = 0;

    if (ngx_commerce_hls_prepare(&injection) == NGX_OK
        && ngx_commerce_hls_plan(&injection) == NGX_OK)
    {
        p = ngx_pnalloc(pool, injection.size);
        out.data = p;
        out.len = ngx_commerce_hls_inject(&injection, p) - p;
    }

    return out;
}


static void
has(const char *text, ngx_uint_t delta, const char *line, const char *what)
{
    ngx_str_t    out;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(4096, &ngx_shim_log);

    out = injected(text, delta, pool);

    if (!ok(memmem(out.data, out.len, line, strlen(line)) != NULL, "%s", what))
    {
        printf("# %.*s\n", (int) out.len, (char *) out.data);
    }

    ngx_destroy_pool(pool);
}


#define HEAD    "#EXTM3U\n#EXT-X-VERSION:10\n#EXT-X-TARGETDURATION:4\n"
#define OFFER   CONTROL "CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.0,"           \
                "CAN-SKIP-DATERANGES=YES\n"
#define TAIL    "#EXT-X-PROGRAM-DATE-TIME:2025-11-22T20:00:04.000Z\n"         \
                "#EXTINF:4,\nb.ts\n"
#define SKIP    "#EXT-X-SKIP:SKIPPED-SEGMENTS=1"
#define REMOVED ",RECENTLY-REMOVED-DATERANGES=\""


static void
test_injected(void)
{
    has(HEAD OFFER TAIL, 0, HEAD CONTROL "CAN-BLOCK-RELOAD=YES\n#EXT-X-PROGRAM",
        "not offered");

    has(HEAD TAIL OFFER, 0, "b.ts\n" CONTROL "CAN-BLOCK-RELOAD=YES\n",
        "... wherever that stands");

    has(HEAD CONTROL "CAN-SKIP-UNTIL=24\n" TAIL, 0, HEAD "#EXT-X-PROGRAM",
        "... nor anything else");

    has(HEAD OFFER TAIL, 1, HEAD OFFER "#EXT-X-PROGRAM", "offered");

    has(HEAD OFFER SKIP "\n" TAIL, 1,
        OFFER SKIP REMOVED "demo-2-0\tdemo-3-0\tdemo-4-0\"\n"
        "#EXT-X-PROGRAM",
        "ranges that were over in the last 24 seconds have left");

    has(HEAD OFFER SKIP "\n" TAIL, 1,
        "#EXT-X-DATERANGE:ID=\"demo-5-0\",CLASS", "all others are there");

    has(HEAD OFFER SKIP REMOVED "ad-1\"\n" TAIL, 1,
        SKIP REMOVED "ad-1\tdemo-2-0\tdemo-3-0\tdemo-4-0\"\n",
        "beside those of others");

    has(HEAD CONTROL "CAN-SKIP-UNTIL=24\n" SKIP "\n" TAIL, 1, SKIP "\n#EXT-X-P",
        "none, if the origin knows nothing of that");
}


int
main(int argc, char **argv)
{
    test_refuse();
    test_injected();

    return tap_done();
}
