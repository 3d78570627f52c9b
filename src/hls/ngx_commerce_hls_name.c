
#include "ngx_commerce_hls_playlist.h"


#define NGX_COMMERCE_HLS_NAME_LEN  13    /* digits of ms since the epoch */


static void ngx_commerce_hls_stem(ngx_str_t *uri, u_char **start,
    u_char **end);
static ngx_inline ngx_uint_t ngx_commerce_hls_is_digit(u_char c);


ngx_int_t
ngx_commerce_hls_name_date(ngx_str_t *uri, int64_t *us)
{
    u_char      *p, *start, *end, c, d;
    int64_t      high, low;
    ngx_uint_t   i;

    ngx_commerce_hls_stem(uri, &start, &end);

    while (end > start && !ngx_commerce_hls_is_digit(end[-1])) {
        end--;
    }

    if (end - start < NGX_COMMERCE_HLS_NAME_LEN) {
        return NGX_DECLINED;
    }

    p = end - NGX_COMMERCE_HLS_NAME_LEN;

    if (*p == '0' || (p > start && ngx_commerce_hls_is_digit(p[-1]))) {
        return NGX_DECLINED;
    }

    /* in two halves, which a processor reads side by side */

    high = 0;
    low = 0;

    for (i = 0; i < 6; i++) {
        c = p[i];
        d = p[i + 7];

        if (!ngx_commerce_hls_is_digit(c) || !ngx_commerce_hls_is_digit(d)) {
            return NGX_DECLINED;
        }

        high = high * 10 + (c - '0');
        low = low * 10 + (d - '0');
    }

    if (!ngx_commerce_hls_is_digit(p[6])) {
        return NGX_DECLINED;
    }

    *us = ((high * 10 + (p[6] - '0')) * 1000000 + low) * 1000;

    return NGX_OK;
}


/* the path's last component without its extension */

static void
ngx_commerce_hls_stem(ngx_str_t *uri, u_char **start, u_char **end)
{
    u_char  *p, *dot;

    *start = uri->data;
    *end = uri->data + uri->len;
    dot = NULL;

    for (p = *start; p < *end; p++) {

        if (*p >= '0' && *p != '?') {
            /* digits and letters: most of a name, passed over soon */
            continue;
        }

        if (*p == '/') {
            *start = p + 1;
            dot = NULL;

        } else if (*p == '.') {
            dot = p;

        } else if (*p == '?' || *p == '#') {
            *end = p;
        }
    }

    if (dot) {
        *end = dot;
    }
}


static ngx_inline ngx_uint_t
ngx_commerce_hls_is_digit(u_char c)
{
    return c >= '0' && c <= '9';
}
