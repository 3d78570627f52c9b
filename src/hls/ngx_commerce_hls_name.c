
#include "ngx_commerce_hls_name.h"


typedef struct {
    size_t    digits;
    int64_t   low;         /* 10 to the power of half as many */
    int64_t   us;
} ngx_commerce_hls_unit_t;


static void ngx_commerce_hls_stem(ngx_str_t *uri, u_char **start,
    u_char **end);
static ngx_inline ngx_uint_t ngx_commerce_hls_is_digit(u_char c);


static ngx_commerce_hls_unit_t  ngx_commerce_hls_units[] = {
    [NGX_COMMERCE_HLS_UNIT_MS] = { 13, 1000000, 1000 },
    [NGX_COMMERCE_HLS_UNIT_S] = { 10, 100000, 1000000 },
    [NGX_COMMERCE_HLS_UNIT_US] = { 16, 100000000, 1 }
};


ngx_int_t
ngx_commerce_hls_name_date(ngx_str_t *uri, ngx_commerce_hls_unit_e unit,
    int64_t *us)
{
    u_char  *p, *start, *end;
    size_t   digits;

    ngx_commerce_hls_stem(uri, &start, &end);

    while (end > start && !ngx_commerce_hls_is_digit(end[-1])) {
        end--;
    }

    digits = ngx_commerce_hls_units[unit].digits;

    if ((size_t) (end - start) < digits) {
        return NGX_DECLINED;
    }

    p = end - digits;

    if (p > start && ngx_commerce_hls_is_digit(p[-1])) {
        return NGX_DECLINED;
    }

    return ngx_commerce_hls_name_number(p, end, unit, us);
}


ngx_int_t
ngx_commerce_hls_name_number(u_char *p, u_char *last,
    ngx_commerce_hls_unit_e unit, int64_t *us)
{
    u_char                   *q;
    int64_t                   high, low;
    ngx_commerce_hls_unit_t  *u;

    u = &ngx_commerce_hls_units[unit];

    if ((size_t) (last - p) != u->digits || *p == '0') {
        return NGX_DECLINED;
    }

    /* in two halves, which a processor reads side by side */

    high = 0;
    low = 0;

    if (u->digits % 2) {

        if (!ngx_commerce_hls_is_digit(*p)) {
            return NGX_DECLINED;
        }

        high = *p++ - '0';
    }

    for (q = p + (last - p) / 2; q < last; p++, q++) {

        if (!ngx_commerce_hls_is_digit(*p) || !ngx_commerce_hls_is_digit(*q)) {
            return NGX_DECLINED;
        }

        high = high * 10 + (*p - '0');
        low = low * 10 + (*q - '0');
    }

    *us = (high * u->low + low) * u->us;

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
