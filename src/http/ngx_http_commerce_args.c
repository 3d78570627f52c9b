
#include "ngx_http_commerce_args.h"


#define NGX_HTTP_COMMERCE_ARGS_PROOF  0x01


typedef struct {
    ngx_str_t                   name;
    ngx_uint_t                  secret;
    ngx_uint_t                  bit;
} ngx_http_commerce_args_name_t;


typedef struct {
    ngx_http_commerce_args_name_t  *known;
    ngx_str_t                       value;
} ngx_http_commerce_args_found_t;


static u_char *ngx_http_commerce_args_select(ngx_str_t *args, u_char *p,
    ngx_uint_t bits, ngx_uint_t wanted);
static ngx_int_t ngx_http_commerce_args_next(u_char **p, u_char *last,
    ngx_http_commerce_args_found_t *found);
static u_char *ngx_http_commerce_args_end(u_char *p, u_char *last);
static ngx_http_commerce_args_name_t *ngx_http_commerce_args_known(u_char *p,
    u_char *last);
static ngx_uint_t ngx_http_commerce_args_blanked(ngx_str_t *value);
static ngx_int_t ngx_http_commerce_args_find(ngx_str_t *args,
    ngx_http_commerce_args_found_t *wanted, ngx_str_t *value);


static ngx_http_commerce_args_name_t  ngx_http_commerce_args_names[] = {

    { ngx_string(NGX_HTTP_COMMERCE_ARGS_VIEWER), 1,
      NGX_HTTP_COMMERCE_ARGS_PROOF },

    /* Tencent */
    { ngx_string("txSecret"), 1, NGX_HTTP_COMMERCE_ARGS_PROOF },
    { ngx_string("txTime"), 0, NGX_HTTP_COMMERCE_ARGS_PROOF },

    /* Aliyun */
    { ngx_string("auth_key"), 1, NGX_HTTP_COMMERCE_ARGS_PROOF },

    /* Volcengine */
    { ngx_string("volcSecret"), 1, NGX_HTTP_COMMERCE_ARGS_PROOF },
    { ngx_string("volcTime"), 0, NGX_HTTP_COMMERCE_ARGS_PROOF },

    { ngx_string("_HLS_skip"), 0, NGX_HTTP_COMMERCE_ARGS_SKIP },
    { ngx_string("clip"), 0, NGX_HTTP_COMMERCE_ARGS_CLIP },
    { ngx_string("chapters"), 0, NGX_HTTP_COMMERCE_ARGS_CHAPTERS },

    { ngx_null_string, 0, 0 }
};


u_char *
ngx_http_commerce_args_strip(ngx_str_t *args, u_char *p, ngx_uint_t also)
{
    return ngx_http_commerce_args_select(args, p,
                                         NGX_HTTP_COMMERCE_ARGS_PROOF | also,
                                         0);
}


u_char *
ngx_http_commerce_args_keep(ngx_str_t *args, u_char *p)
{
    return ngx_http_commerce_args_select(args, p, NGX_HTTP_COMMERCE_ARGS_PROOF,
                                         1);
}


/* with those of some bits alone, or all others */

static u_char *
ngx_http_commerce_args_select(ngx_str_t *args, u_char *p, ngx_uint_t bits,
    ngx_uint_t wanted)
{
    u_char                         *arg, *end, *last;
    ngx_uint_t                      first;
    ngx_http_commerce_args_name_t  *known;

    if (args->len == 0) {
        return p;
    }

    last = args->data + args->len;
    first = 1;

    /* behind a last '&' there is an empty one */

    for (arg = args->data; arg <= last; arg = end + 1) {

        end = ngx_strlchr(arg, last, '&');

        if (end == NULL) {
            end = last;
        }

        known = ngx_http_commerce_args_known(arg, end);

        if ((known && (known->bit & bits)) != wanted) {
            continue;
        }

        if (!first) {
            *p++ = '&';
        }

        p = ngx_cpymem(p, arg, end - arg);
        first = 0;
    }

    return p;
}


ngx_uint_t
ngx_http_commerce_args_secret(ngx_str_t *args)
{
    u_char                          *p;
    ngx_http_commerce_args_found_t   found;

    p = args->data;

    return ngx_http_commerce_args_next(&p, args->data + args->len, &found)
           == NGX_OK;
}


void
ngx_http_commerce_args_blank(ngx_str_t *args)
{
    u_char                          *p, *last;
    ngx_http_commerce_args_found_t   found;

    p = args->data;
    last = args->data + args->len;

    while (ngx_http_commerce_args_next(&p, last, &found) == NGX_OK) {
        ngx_memset(found.value.data, '*', found.value.len);
    }
}


void
ngx_http_commerce_args_blank_uri(ngx_str_t *uri)
{
    u_char     *p, *last;
    ngx_str_t   args;

    last = uri->data + uri->len;

    for (p = uri->data; p < last; p++) {

        if (*p == '?' || *p == '#') {
            args.data = p + 1;
            args.len = last - args.data;

            ngx_http_commerce_args_blank(&args);
            return;
        }
    }
}


void
ngx_http_commerce_args_restore(ngx_str_t *args, ngx_str_t *original)
{
    u_char                          *p, *last;
    ngx_str_t                        value;
    ngx_http_commerce_args_found_t   found;

    p = args->data;
    last = args->data + args->len;

    while (ngx_http_commerce_args_next(&p, last, &found) == NGX_OK) {

        if (ngx_http_commerce_args_blanked(&found.value)
            && ngx_http_commerce_args_find(original, &found, &value) == NGX_OK)
        {
            ngx_memcpy(found.value.data, value.data, value.len);
        }
    }
}


/*
 * The next secret from *p on; it ends at a '#' or, in a request line, a blank,
 * too.  NGX_OK or NGX_DONE.
 */

static ngx_int_t
ngx_http_commerce_args_next(u_char **p, u_char *last,
    ngx_http_commerce_args_found_t *found)
{
    u_char  *c;

    for (c = *p; c < last; c++) {

        found->known = ngx_http_commerce_args_known(c, last);

        if (found->known && found->known->secret) {
            found->value.data = c + found->known->name.len + 1;
            c = ngx_http_commerce_args_end(found->value.data, last);
            found->value.len = c - found->value.data;

            if (found->value.len) {
                *p = (c < last) ? c + 1 : last;
                return NGX_OK;
            }

            /* nothing is no secret */

        } else {
            c = ngx_http_commerce_args_end(c, last);
        }
    }

    return NGX_DONE;
}


/* tokens are long: memchr() is several times faster than looking at each */

static u_char *
ngx_http_commerce_args_end(u_char *p, u_char *last)
{
    u_char      *end;
    const char  *separator;

    for (separator = "&# "; *separator; separator++) {
        end = memchr(p, *separator, last - p);

        if (end) {
            last = end;
        }
    }

    return last;
}


static ngx_http_commerce_args_name_t *
ngx_http_commerce_args_known(u_char *p, u_char *last)
{
    ngx_http_commerce_args_name_t  *known;

    for (known = ngx_http_commerce_args_names; known->name.len; known++) {

        /* most tell apart by where the '=' is */

        if ((size_t) (last - p) > known->name.len
            && p[known->name.len] == '='
            && ngx_strncasecmp(p, known->name.data, known->name.len) == 0)
        {
            return known;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_http_commerce_args_blanked(ngx_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        if (value->data[i] != '*') {
            return 0;
        }
    }

    return 1;
}


static ngx_int_t
ngx_http_commerce_args_find(ngx_str_t *args,
    ngx_http_commerce_args_found_t *wanted, ngx_str_t *value)
{
    u_char                          *p;
    ngx_http_commerce_args_found_t   found;

    p = args->data;

    while (ngx_http_commerce_args_next(&p, args->data + args->len, &found)
           == NGX_OK)
    {
        if (found.known == wanted->known
            && found.value.len == wanted->value.len)
        {
            *value = found.value;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}
