
#include "ngx_rtmp_commerce_args.h"


#define NGX_RTMP_COMMERCE_ARGS_MAC  22   /* of a token, in base64url */


/* an argument of ours, where its value goes, and the bytes of that */

typedef struct {
    const char  *name;
    size_t       value;
    size_t       text;
} ngx_rtmp_commerce_args_field_t;


static ngx_uint_t ngx_rtmp_commerce_args_whole(u_char *name, size_t len,
    size_t args);
static void ngx_rtmp_commerce_args_name(ngx_rtmp_commerce_args_t *presented,
    u_char *name);
static ngx_uint_t ngx_rtmp_commerce_args_is_token(ngx_str_t *text);
static void ngx_rtmp_commerce_args_cut(ngx_rtmp_commerce_args_t *presented,
    ngx_rtmp_commerce_args_field_t *fields, ngx_array_t *signed_urls,
    u_char *args, size_t size);
static void ngx_rtmp_commerce_args_add(ngx_str_t *args, u_char *text,
    ngx_str_t *arg);
static ngx_uint_t ngx_rtmp_commerce_args_ours(
    ngx_rtmp_commerce_args_t *presented,
    ngx_rtmp_commerce_args_field_t *fields, ngx_str_t *arg);
static void ngx_rtmp_commerce_args_copy_fields(ngx_rtmp_commerce_args_t *to,
    ngx_rtmp_commerce_args_t *from, ngx_rtmp_commerce_args_field_t *field);
static void ngx_rtmp_commerce_args_set(ngx_str_t *value, u_char *text,
    ngx_str_t *from);
static void ngx_rtmp_commerce_args_trim(ngx_str_t *text);


static ngx_rtmp_commerce_args_field_t  ngx_rtmp_commerce_args_proofs[] = {
    { "key=", offsetof(ngx_rtmp_commerce_args_t, key),
      offsetof(ngx_rtmp_commerce_args_t, key_text) },
    { "token=", offsetof(ngx_rtmp_commerce_args_t, token),
      offsetof(ngx_rtmp_commerce_args_t, token_text) },
    { "jwt=", offsetof(ngx_rtmp_commerce_args_t, jwt),
      offsetof(ngx_rtmp_commerce_args_t, jwt_text) },
    { "viewer=", offsetof(ngx_rtmp_commerce_args_t, viewer),
      offsetof(ngx_rtmp_commerce_args_t, viewer_text) },
    { NULL, 0, 0 }
};


/* text 0: the value is of no use */

static ngx_rtmp_commerce_args_field_t  ngx_rtmp_commerce_args_login[] = {
    { "authmod=", 0, 0 },
    { "user=", offsetof(ngx_rtmp_commerce_args_t, login.user),
      offsetof(ngx_rtmp_commerce_args_t, login_text[0]) },
    { "challenge=", offsetof(ngx_rtmp_commerce_args_t, login.challenge),
      offsetof(ngx_rtmp_commerce_args_t, login_text[1]) },
    { "response=", offsetof(ngx_rtmp_commerce_args_t, login.response),
      offsetof(ngx_rtmp_commerce_args_t, login_text[2]) },
    { "opaque=", offsetof(ngx_rtmp_commerce_args_t, login.opaque),
      offsetof(ngx_rtmp_commerce_args_t, login_text[3]) },
    { NULL, 0, 0 }
};


ngx_int_t
ngx_rtmp_commerce_args_read(ngx_rtmp_commerce_args_t *presented,
    ngx_array_t *signed_urls, u_char name[NGX_RTMP_COMMERCE_FIELD],
    u_char args[NGX_RTMP_COMMERCE_FIELD])
{
    ngx_uint_t  whole;

    ngx_memzero(presented, sizeof(ngx_rtmp_commerce_args_t));

    whole = ngx_rtmp_commerce_args_whole(name, ngx_strlen(name),
                                         ngx_strlen(args));

    ngx_rtmp_commerce_args_name(presented, name);
    ngx_rtmp_commerce_args_take(presented, signed_urls, args);

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


static void
ngx_rtmp_commerce_args_name(ngx_rtmp_commerce_args_t *presented, u_char *name)
{
    u_char     *p;
    ngx_str_t  *text, token;

    text = &presented->name;

    text->len = ngx_strlen(name);
    text->data = presented->name_text;
    ngx_memcpy(text->data, name, text->len);

    ngx_rtmp_commerce_args_trim(text);

    if (text->len > 4
        && (ngx_strncmp(text->data, "mp4:", 4) == 0
            || ngx_strncmp(text->data, "flv:", 4) == 0))
    {
        text->data += 4;
        text->len -= 4;
    }

    p = ngx_strlchr(text->data, text->data + text->len, '.');

    if (p == NULL) {
        return;
    }

    token.data = p + 1;
    token.len = text->data + text->len - token.data;

    if (ngx_rtmp_commerce_args_is_token(&token)) {
        presented->token = token;
        text->len = p - text->data;
    }
}


/* EXPIRY.SUBJECT.MAC; no key of chance looks like that */

static ngx_uint_t
ngx_rtmp_commerce_args_is_token(ngx_str_t *text)
{
    u_char  *p, *last;

    p = text->data;
    last = p + text->len;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    if (p == text->data || p == last || *p++ != '.') {
        return 0;
    }

    p = ngx_strlchr(p, last, '.');

    return p != NULL && last - p == NGX_RTMP_COMMERCE_ARGS_MAC + 1;
}


void
ngx_rtmp_commerce_args_take(ngx_rtmp_commerce_args_t *presented,
    ngx_array_t *signed_urls, u_char args[NGX_RTMP_COMMERCE_FIELD])
{
    ngx_rtmp_commerce_args_cut(presented, ngx_rtmp_commerce_args_proofs,
                               signed_urls, args, NGX_RTMP_COMMERCE_FIELD);
}


void
ngx_rtmp_commerce_args_take_login(ngx_rtmp_commerce_args_t *presented,
    u_char args[NGX_RTMP_COMMERCE_FIELD])
{
    u_char  *query;

    query = (u_char *) ngx_strchr(args, '?');
    query = query ? query + 1 : args;

    ngx_rtmp_commerce_args_cut(presented, ngx_rtmp_commerce_args_login, NULL,
                               query, args + NGX_RTMP_COMMERCE_FIELD - query);
}


void
ngx_rtmp_commerce_args_take_url(ngx_rtmp_commerce_args_t *presented,
    ngx_array_t *signed_urls, u_char url[NGX_RTMP_COMMERCE_FIELD])
{
    u_char  *last, *query, *host, *end, *at;

    last = url + ngx_strlen(url);
    query = ngx_strlchr(url, last, '?');

    if (query) {
        ngx_rtmp_commerce_args_cut(presented, ngx_rtmp_commerce_args_proofs,
                                   signed_urls, query + 1,
                                   url + NGX_RTMP_COMMERCE_FIELD - query - 1);
        if (query[1] == '\0') {
            *query = '\0';
        }
    }

    host = (u_char *) ngx_strstr(url, "://");

    if (host == NULL) {
        return;
    }

    host += 3;
    last = url + ngx_strlen(url);

    /* where neither a path nor arguments begin */

    for (end = host; end < last && *end != '/' && *end != '?'; end++) {
        /* void */
    }

    at = ngx_strlchr(host, end, '@');

    if (at) {
        ngx_memmove(host, at + 1, last - at);
    }
}


/* args ends with a NUL within size, and is filled up with NULs */

static void
ngx_rtmp_commerce_args_cut(ngx_rtmp_commerce_args_t *presented,
    ngx_rtmp_commerce_args_field_t *fields, ngx_array_t *signed_urls,
    u_char *args, size_t size)
{
    u_char      *p, *last, *end, *out;
    ngx_str_t    arg;
    ngx_uint_t   first;

    first = (presented->url.data == NULL);

    p = args;
    last = args + ngx_strlen(args);
    out = args;

    while (p < last) {
        end = ngx_strlchr(p, last, '&');

        if (end == NULL) {
            end = last;
        }

        arg.data = p;
        arg.len = end - p;
        p = end + 1;

        if (ngx_rtmp_commerce_args_ours(presented, fields, &arg)) {
            continue;
        }

        if (ngx_commerce_url_signs(signed_urls, &arg)) {

            if (first) {
                ngx_rtmp_commerce_args_add(&presented->url,
                                           presented->url_text, &arg);
            }

            continue;
        }

        if (out != args) {
            *out++ = '&';
        }

        ngx_memmove(out, arg.data, arg.len);
        out += arg.len;
    }

    ngx_memzero(out, args + size - out);
}


/* one that is there twice is twice there */

static void
ngx_rtmp_commerce_args_add(ngx_str_t *args, u_char *text, ngx_str_t *arg)
{
    ngx_rtmp_commerce_args_trim(arg);

    if (args->data) {
        text[args->len++] = '&';
    }

    args->data = text;
    ngx_memcpy(text + args->len, arg->data, arg->len);
    args->len += arg->len;
}


/* 1 if the argument is one of the fields; the first one's value counts */

static ngx_uint_t
ngx_rtmp_commerce_args_ours(ngx_rtmp_commerce_args_t *presented,
    ngx_rtmp_commerce_args_field_t *fields, ngx_str_t *arg)
{
    size_t                           len;
    u_char                          *base;
    ngx_str_t                       *value;
    ngx_rtmp_commerce_args_field_t  *field;

    base = (u_char *) presented;

    for (field = fields; field->name; field++) {
        len = ngx_strlen(field->name);

        if (arg->len < len || ngx_strncmp(arg->data, field->name, len) != 0) {
            continue;
        }

        value = (ngx_str_t *) (base + field->value);

        if (field->text && value->data == NULL) {
            arg->data += len;
            arg->len -= len;

            ngx_rtmp_commerce_args_set(value, base + field->text, arg);
            ngx_rtmp_commerce_args_trim(value);
        }

        return 1;
    }

    return 0;
}


ngx_uint_t
ngx_rtmp_commerce_args_any(ngx_rtmp_commerce_args_t *presented)
{
    return presented->key.data || presented->token.data || presented->jwt.data
           || presented->url.data || presented->viewer.data
           || presented->login.response.data;
}


void
ngx_rtmp_commerce_args_copy(ngx_rtmp_commerce_args_t *to,
    ngx_rtmp_commerce_args_t *from)
{
    ngx_rtmp_commerce_args_copy_fields(to, from,
                                       ngx_rtmp_commerce_args_proofs);
    ngx_rtmp_commerce_args_copy_fields(to, from, ngx_rtmp_commerce_args_login);

    if (from->url.data) {
        ngx_rtmp_commerce_args_set(&to->url, to->url_text, &from->url);
    }
}


static void
ngx_rtmp_commerce_args_copy_fields(ngx_rtmp_commerce_args_t *to,
    ngx_rtmp_commerce_args_t *from, ngx_rtmp_commerce_args_field_t *field)
{
    ngx_str_t  *value;

    for ( /* void */ ; field->name; field++) {
        value = (ngx_str_t *) ((u_char *) from + field->value);

        if (field->text && value->data) {
            ngx_rtmp_commerce_args_set((ngx_str_t *)
                                       ((u_char *) to + field->value),
                                       (u_char *) to + field->text, value);
        }
    }
}


static void
ngx_rtmp_commerce_args_set(ngx_str_t *value, u_char *text, ngx_str_t *from)
{
    value->data = text;
    value->len = from->len;
    ngx_memcpy(text, from->data, from->len);
}


static void
ngx_rtmp_commerce_args_trim(ngx_str_t *text)
{
    while (text->len && text->data[0] <= ' ') {
        text->data++;
        text->len--;
    }

    while (text->len && text->data[text->len - 1] <= ' ') {
        text->len--;
    }
}


void
ngx_rtmp_commerce_args_wipe(ngx_rtmp_commerce_args_t *presented)
{
    ngx_explicit_memzero(presented, sizeof(ngx_rtmp_commerce_args_t));
}
