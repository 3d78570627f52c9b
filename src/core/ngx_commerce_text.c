
#include "ngx_commerce_text.h"


ngx_str_t
ngx_commerce_text_clean(ngx_pool_t *pool, ngx_str_t *text)
{
    size_t       n, len;
    u_char      *p, *in, *last, *out;
    ngx_str_t    clean;
    const char  *instead;

    clean.len = 0;

    /* a byte becomes three at the most */
    len = ngx_min(text->len * 3, NGX_COMMERCE_TEXT_MAX);

    clean.data = ngx_pnalloc(pool, len + 1);
    if (clean.data == NULL) {
        return clean;
    }

    in = text->data;
    last = text->data + text->len;
    out = clean.data;

    for (p = in; p < last; p += n ? n : 1) {
        n = ngx_commerce_utf8_len(p, last);

        instead = (n == 0) ? "\xef\xbf\xbd"
                  : (*p == '"') ? "\xe2\x80\x9d"
                  : (*p == '{' && last - p > 1 && p[1] == '$')
                    ? "\xef\xbd\x9b" : NULL;

        if (instead) {

            if (clean.data + len - out < 3) {
                break;
            }

            out = ngx_cpymem(out, instead, 3);
            continue;
        }

        if ((size_t) (clean.data + len - out) < n) {
            break;
        }

        if (ngx_commerce_utf8_control(p, n)) {
            *out++ = ' ';
            continue;
        }

        out = ngx_cpymem(out, p, n);
    }

    clean.len = out - clean.data;

    return clean;
}


ngx_str_t
ngx_commerce_text_log(const char *data, size_t len, u_char *buf, size_t size)
{
    size_t     i;
    ngx_str_t  text;

    text.data = buf;
    text.len = ngx_min(len, size);

    for (i = 0; i < text.len; i++) {
        buf[i] = (u_char) data[i];

        if (buf[i] < ' ' || buf[i] == 0x7f) {
            buf[i] = '?';
        }
    }

    return text;
}


size_t
ngx_commerce_utf8_len(u_char *p, u_char *last)
{
    size_t  i, n;
    u_char  low, high;

    if (*p < 0x80) {
        return 1;
    }

    low = 0x80;
    high = 0xbf;

    if (*p >= 0xc2 && *p <= 0xdf) {
        n = 2;

    } else if (*p >= 0xe0 && *p <= 0xef) {
        n = 3;
        low = (*p == 0xe0) ? 0xa0 : 0x80;
        high = (*p == 0xed) ? 0x9f : 0xbf;

    } else if (*p >= 0xf0 && *p <= 0xf4) {
        n = 4;
        low = (*p == 0xf0) ? 0x90 : 0x80;
        high = (*p == 0xf4) ? 0x8f : 0xbf;

    } else {
        return 0;
    }

    if ((size_t) (last - p) < n || p[1] < low || p[1] > high) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    return n;
}


ngx_uint_t
ngx_commerce_utf8_control(u_char *p, size_t n)
{
    return *p < 0x20 || *p == 0x7f
           || (n == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}


int64_t
ngx_commerce_number(ngx_str_t *text)
{
    size_t   i;
    int64_t  n;

    if (text->len == 0 || text->len > 15) {
        return NGX_ERROR;
    }

    n = 0;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') {
            return NGX_ERROR;
        }

        n = n * 10 + (text->data[i] - '0');
    }

    return n;
}


ngx_uint_t
ngx_commerce_base64url_valid(ngx_str_t *text)
{
    u_char      c;
    size_t      i;
    ngx_uint_t  value;

    value = 0;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (c >= 'A' && c <= 'Z') {
            value = c - 'A';

        } else if (c >= 'a' && c <= 'z') {
            value = c - 'a' + 26;

        } else if (c >= '0' && c <= '9') {
            value = c - '0' + 52;

        } else if (c == '-') {
            value = 62;

        } else if (c == '_') {
            value = 63;

        } else {
            return 0;
        }
    }

    switch (text->len % 4) {

    case 1:
        return 0;

    case 2:
        return (value & 0x0f) == 0;

    case 3:
        return (value & 0x03) == 0;

    default:
        return 1;
    }
}


ngx_int_t
ngx_commerce_word(ngx_str_t *words, ngx_str_t *word)
{
    ngx_int_t  i;

    for (i = 0; words[i].len; i++) {
        if (words[i].len == word->len
            && ngx_memcmp(words[i].data, word->data, word->len) == 0)
        {
            return i;
        }
    }

    return NGX_ERROR;
}
