
#include "ngx_commerce_hls_hash.h"


static ngx_inline uint64_t ngx_commerce_hls_lane(uint64_t lane, u_char *p);
static uint64_t ngx_commerce_hls_mix(uint64_t value);


/* eight bytes at a time in each of four lanes */

void
ngx_commerce_hls_hash(ngx_str_t *text, u_char *hash)
{
    u_char      block[32], *p;
    size_t      len;
    uint64_t    a, b, c, d;
    ngx_uint_t  i;

    p = text->data;
    len = text->len;

    a = ngx_commerce_hls_mix(len);
    b = ngx_commerce_hls_mix(a);
    c = ngx_commerce_hls_mix(b);
    d = ngx_commerce_hls_mix(c);

    for ( /* void */ ; len; p += 32, len -= 32) {

        if (len < 32) {
            ngx_memzero(block, sizeof(block));
            ngx_memcpy(block, p, len);

            p = block;
            len = 32;
        }

        a = ngx_commerce_hls_lane(a, p);
        b = ngx_commerce_hls_lane(b, p + 8);
        c = ngx_commerce_hls_lane(c, p + 16);
        d = ngx_commerce_hls_lane(d, p + 24);
    }

    a += ngx_commerce_hls_mix(c);
    b ^= ngx_commerce_hls_mix(d);

    c = ngx_commerce_hls_mix(a + b);
    d = ngx_commerce_hls_mix(a ^ (b * 3));

    for (i = 0; i < 8; i++) {
        hash[i] = (u_char) (c >> (56 - 8 * i));
        hash[8 + i] = (u_char) (d >> (56 - 8 * i));
    }
}


static ngx_inline uint64_t
ngx_commerce_hls_lane(uint64_t lane, u_char *p)
{
    uint64_t  word;

    ngx_memcpy(&word, p, 8);

    lane = (lane ^ word) * 0x9e3779b97f4a7c15;

    return lane ^ (lane >> 32);
}


static uint64_t
ngx_commerce_hls_mix(uint64_t value)
{
    value ^= value >> 31;
    value *= 0xbf58476d1ce4e5b9;
    value ^= value >> 29;
    value *= 0x94d049bb133111eb;

    return value ^ (value >> 32);
}
