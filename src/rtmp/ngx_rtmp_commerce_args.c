
#include "ngx_rtmp_commerce_args.h"


static ngx_uint_t ngx_rtmp_commerce_args_whole(u_char *name, size_t len,
    size_t args);
static ngx_uint_t ngx_rtmp_commerce_args_take(ngx_str_t *arg,
    const char *name, ngx_str_t *value);


ngx_int_t
ngx_rtmp_commerce_args_read(ngx_rtmp_commerce_args_t *presented,
    u_char name[NGX_RTMP_COMMERCE_FIELD],
    u_char args[NGX_RTMP_COMMERCE_FIELD])
{
    size_t      len;
    u_char     *p, *last, *end, *out;
    ngx_str_t   arg;
    ngx_uint_t  whole;

    ngx_memzero(presented, sizeof(ngx_rtmp_commerce_args_t));

    presented->name.len = ngx_strlen(name);
    presented->name.data = presented->buf;
    ngx_memcpy(presented->buf, name, presented->name.len);

    len = ngx_strlen(args);
    whole = ngx_rtmp_commerce_args_whole(name, presented->name.len, len);

    p = presented->buf + NGX_RTMP_COMMERCE_FIELD;
    last = ngx_cpymem(p, args, len);
    out = args;

    while (p < last) {
        end = ngx_strlchr(p, last, '&');

        if (end == NULL) {
            end = last;
        }

        arg.data = p;
        arg.len = end - p;
        p = end + 1;

        if (ngx_rtmp_commerce_args_take(&arg, "key=", &presented->key)
            || ngx_rtmp_commerce_args_take(&arg, "token=", &presented->token))
        {
            continue;
        }

        if (out != args) {
            *out++ = '&';
        }

        out = ngx_cpymem(out, arg.data, arg.len);
    }

    ngx_memzero(out, args + NGX_RTMP_COMMERCE_FIELD - out);

    return (whole && presented->name.len) ? NGX_OK : NGX_DECLINED;
}


/*
 * The field was zeroed before it was received.  So what follows the name's
 * end is nothing, or what stood behind the '?', or behind a NUL.
 */

static ngx_uint_t
ngx_rtmp_commerce_args_whole(u_char *name, size_t len, size_t args)
{
    size_t  i;

    i = args ? len + 1 + args : len;

    if (i >= NGX_RTMP_COMMERCE_FIELD - 1) {
        return 0;
    }

    while (i < NGX_RTMP_COMMERCE_FIELD) {
        if (name[i++] != '\0') {
            return 0;
        }
    }

    return 1;
}


/* 1 if the argument has that name; the first one's value counts */

static ngx_uint_t
ngx_rtmp_commerce_args_take(ngx_str_t *arg, const char *name,
    ngx_str_t *value)
{
    size_t  len;

    len = ngx_strlen(name);

    if (arg->len < len || ngx_strncmp(arg->data, name, len) != 0) {
        return 0;
    }

    if (value->data == NULL) {
        value->data = arg->data + len;
        value->len = arg->len - len;
    }

    return 1;
}


void
ngx_rtmp_commerce_args_wipe(ngx_rtmp_commerce_args_t *presented)
{
    ngx_explicit_memzero(presented, sizeof(ngx_rtmp_commerce_args_t));
}
