
/*
 * The first picture's time in a transport stream.
 */

#include "hls_test.h"
#include "ngx_commerce_hls_pts.h"


#define PACKET  NGX_COMMERCE_HLS_TS_PACKET
#define WRAP    ((int64_t) 1 << 33)


/* a packet of a stream that a PES packet begins in, with so much before it */

static u_char *
packet(u_char *p, u_char stream, size_t stuffing, int64_t pts)
{
    u_char  *pes;

    memset(p, 0xff, PACKET);

    p[0] = 0x47;
    p[1] = 0x41;
    p[2] = 0x00;
    p[3] = stuffing ? 0x30 : 0x10;

    pes = p + 4;

    if (stuffing) {
        p[4] = stuffing - 1;
        pes += stuffing;
    }

    pes[0] = 0;
    pes[1] = 0;
    pes[2] = 1;
    pes[3] = stream;
    pes[6] = 0x80;
    pes[7] = 0x80;
    pes[8] = 5;
    pes[9] = 0x21 | (pts >> 29 & 0x0e);
    pes[10] = pts >> 22;
    pes[11] = 0x01 | pts >> 14;
    pes[12] = pts >> 7;
    pes[13] = 0x01 | pts << 1;

    return p + PACKET;
}


static int64_t
reads(u_char *p, size_t len)
{
    u_char     *text;
    int64_t     pts;
    ngx_int_t   rc;

    text = fenced(len);
    memcpy(text, p, len);

    rc = ngx_commerce_hls_pts(text, len, &pts);

    fenced_free(text, len);

    return rc == NGX_OK ? pts : rc;
}


static void
test_read(void)
{
    u_char    ts[4 * PACKET];
    int64_t   times[] = { 0, 1, 63000, 0x155555555, WRAP - 1 };
    unsigned  i, good;

    good = 1;

    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        packet(ts, 0xe0, 8, times[i]);
        good &= (reads(ts, PACKET) == times[i]);
    }

    ok(good, "33 bits");

    packet(packet(packet(ts, 0xc0, 0, 111), 0xbd, 0, 222), 0xe3, 0, 333);
    ok(reads(ts, 3 * PACKET) == 333, "sound and data before the picture");
    ok(reads(ts, 2 * PACKET) == NGX_AGAIN, "sound alone");
    ok(reads(ts, 3 * PACKET - 1) == NGX_AGAIN, "a part of a packet");

    packet(ts, 0xe0, 170, 5);
    ok(reads(ts, PACKET) == 5, "as much stuffing as can be");

    packet(ts, 0xe0, 0, 5);
    ts[3] = 0x30;
    ts[4] = 255;
    ok(reads(ts, PACKET) == NGX_AGAIN, "more stuffing than a packet has");

    packet(ts, 0xe0, 0, 5);
    ts[3] |= 0x80;
    ok(reads(ts, PACKET) == NGX_AGAIN, "scrambled");

    packet(ts, 0xe0, 0, 5);
    ts[4 + 7] = 0;
    ok(reads(ts, PACKET) == NGX_AGAIN, "no time");

    packet(ts, 0xe0, 0, 5);
    ts[1] &= ~0x40;
    ok(reads(ts, PACKET) == NGX_AGAIN, "not the beginning");

    memset(ts, 'x', sizeof(ts));
    ok(reads(ts, sizeof(ts)) == NGX_DECLINED, "no transport stream");

    packet(ts, 0xc0, 0, 5);
    ok(reads(ts, 2 * PACKET) == NGX_DECLINED, "... after all");
    ok(reads(ts, 100) == NGX_DECLINED && reads(ts, 0) == NGX_DECLINED,
       "less than a packet");
}


static void
test_time(void)
{
    unsigned  good;
    int64_t   ms, pts;

    good = 1;

    /* RTMP times up to their end, 49.7 days, each guessed a minute off */

    for (ms = 0; ms < (int64_t) 1 << 32; ms += 7654321) {
        pts = (ms * 90 + 63000) % WRAP;

        good &= ngx_commerce_hls_pts_time(pts, (ms + 60000) * 1000)
                    == ms * 1000
                && ngx_commerce_hls_pts_time(pts, (ms - 60000) * 1000)
                   == ms * 1000;
    }

    ok(good, "RTMP times, however often 33 bits were full");
    ok(ngx_commerce_hls_pts_time(0, 0) == -700000, "before the first");

    (void) ngx_commerce_hls_pts_time(WRAP - 1, INT64_MAX / 10);
    (void) ngx_commerce_hls_pts_time(0, INT64_MIN / 10);
}


int
main(void)
{
    test_read();
    test_time();

    return tap_done();
}
