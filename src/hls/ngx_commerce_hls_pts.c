
#include "ngx_commerce_hls_pts.h"


#define NGX_COMMERCE_HLS_TS_SYNC   0x47
#define NGX_COMMERCE_HLS_PTS_WRAP  ((int64_t) 1 << 33)

/* 90 kHz, of nginx-rtmp's delay */
#define NGX_COMMERCE_HLS_PTS_DELAY 63000


static ngx_int_t ngx_commerce_hls_pts_packet(u_char *p, int64_t *pts);


ngx_int_t
ngx_commerce_hls_pts(u_char *p, size_t len, int64_t *pts)
{
    u_char  *last;

    last = p + len;

    if (len < NGX_COMMERCE_HLS_TS_PACKET) {
        return NGX_DECLINED;
    }

    for ( /* void */ ; last - p >= NGX_COMMERCE_HLS_TS_PACKET;
         p += NGX_COMMERCE_HLS_TS_PACKET)
    {
        if (*p != NGX_COMMERCE_HLS_TS_SYNC) {
            return NGX_DECLINED;
        }

        if (ngx_commerce_hls_pts_packet(p, pts) == NGX_OK) {
            return NGX_OK;
        }
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_commerce_hls_pts_packet(u_char *p, int64_t *pts)
{
    size_t   skip;
    u_char  *last;

    last = p + NGX_COMMERCE_HLS_TS_PACKET;
    skip = 4;

    /* a PES packet begins here, in the clear */

    if (!(p[1] & 0x40) || (p[3] & 0xc0) || !(p[3] & 0x10)) {
        return NGX_DECLINED;
    }

    if (p[3] & 0x20) {
        skip += 1 + p[4];
    }

    if (skip > NGX_COMMERCE_HLS_TS_PACKET - 14) {
        return NGX_DECLINED;
    }

    p = last - NGX_COMMERCE_HLS_TS_PACKET + skip;

    /* start code, video, its header, a presentation time */

    if (p[0] != 0 || p[1] != 0 || p[2] != 1
        || (p[3] & 0xf0) != 0xe0
        || (p[6] & 0xc0) != 0x80
        || !(p[7] & 0x80)
        || p[8] < 5)
    {
        return NGX_DECLINED;
    }

    *pts = (int64_t) (p[9] & 0x0e) << 29
           | (int64_t) p[10] << 22
           | (int64_t) (p[11] & 0xfe) << 14
           | (int64_t) p[12] << 7
           | (int64_t) p[13] >> 1;

    return NGX_OK;
}


int64_t
ngx_commerce_hls_pts_time(int64_t pts, int64_t near)
{
    int64_t  ticks, off;

    ticks = pts - NGX_COMMERCE_HLS_PTS_DELAY;
    off = near / 100 * 9 - ticks;

    if (off >= 0) {
        off += NGX_COMMERCE_HLS_PTS_WRAP / 2;

    } else {
        off -= NGX_COMMERCE_HLS_PTS_WRAP / 2;
    }

    ticks += off / NGX_COMMERCE_HLS_PTS_WRAP * NGX_COMMERCE_HLS_PTS_WRAP;

    /* 9 ticks are 100 us */

    return ticks / 9 * 100 + ticks % 9 * 100 / 9;
}
