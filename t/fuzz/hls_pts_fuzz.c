
/*
 * The bytes are a segment, whose first picture's time is looked for.  What is
 * found has 33 bits, the same whatever follows; and the time that it is made of
 * is near to what it was to be near to.
 */

/* links: src/hls/ngx_commerce_hls_pts.c */


#include "fuzz.h"
#include "ngx_shim.h"
#include "ngx_commerce_hls_pts.h"


#define HALF_DAY  ((int64_t) 43200 * 1000000)


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u_char     *text;
    size_t      len;
    int64_t     pts, shorter, time, near;
    ngx_int_t   rc;

    text = fuzz_copy(data, size);

    rc = ngx_commerce_hls_pts(text, size, &pts);

    must(rc == NGX_OK || rc == NGX_AGAIN || rc == NGX_DECLINED);

    if (rc == NGX_OK) {
        must(pts >= 0 && pts < (int64_t) 1 << 33);

        for (len = NGX_COMMERCE_HLS_TS_PACKET; len <= size;
             len += NGX_COMMERCE_HLS_TS_PACKET)
        {
            if (ngx_commerce_hls_pts(text, len, &shorter) == NGX_OK) {
                must(shorter == pts);
                break;
            }
        }

        must(len <= size);

        near = size * HALF_DAY;
        time = ngx_commerce_hls_pts_time(pts, near);

        /* 33 bits are full after 26.5 hours */

        must(time - near <= HALF_DAY + HALF_DAY / 8
             && near - time <= HALF_DAY + HALF_DAY / 8);
    }

    free(text);

    return 0;
}
