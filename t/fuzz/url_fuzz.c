
/*
 * The bytes are "APP LF STREAM LF ARGUMENTS" of a URL.  Whatever they are, it is
 * not signed; then one is signed for what stands there as each of the clouds
 * does it, and has to be good; and with one byte of it changed it is not.
 */

/* links: src/core/ngx_commerce_claims.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c */


#include "fuzz.h"
#include "../../src/core/ngx_commerce_url.c"


#define KEY   "the-key-that-signs"
#define TEXT  1024


static ngx_str_t  keys[] = { ngx_string("another"), ngx_string(KEY) };

static ngx_array_t  key_list = { keys, 2, sizeof(ngx_str_t), 2, NULL };

static ngx_commerce_signed_url_t  all[] = {
    { &ngx_commerce_clouds[0], NGX_COMMERCE_ACTION_VIEW, &key_list, 1000 },
    { &ngx_commerce_clouds[1], NGX_COMMERCE_ACTION_VIEW, &key_list, 1000 },
    { &ngx_commerce_clouds[2], NGX_COMMERCE_ACTION_VIEW, &key_list, 0 }
};

static ngx_array_t  signed_urls = { all, 3, sizeof(ngx_commerce_signed_url_t),
                                    3, NULL };

static ngx_str_t  none = ngx_null_string;


static ngx_commerce_reason_e
verify(ngx_str_t *app, ngx_str_t *stream, const void *args, size_t len)
{
    ngx_commerce_url_t     url;
    ngx_commerce_claims_t  claims;
    ngx_commerce_reason_e  reason;

    url.app.data = fuzz_copy(app->data, app->len);
    url.app.len = app->len;
    url.stream.data = fuzz_copy(stream->data, stream->len);
    url.stream.len = stream->len;
    url.args.data = fuzz_copy(args, len);
    url.args.len = len;

    reason = ngx_commerce_url_verify(&signed_urls, &url,
                                     NGX_COMMERCE_ACTION_VIEW, 0, &claims);

    if (reason == NGX_COMMERCE_ALLOWED) {
        must(claims.room.data == url.stream.data
             && claims.room.len == url.stream.len
             && claims.expires > 0 && claims.issued == 0
             && claims.subject.len == 0);
    }

    free(url.app.data);
    free(url.stream.data);
    free(url.args.data);

    return reason;
}


static void
hex_digest(char *hex, const EVP_MD *md, const char *text, int len)
{
    u_char        digest[EVP_MAX_MD_SIZE];
    unsigned int  n, i;

    must(EVP_Digest(text, len, digest, &n, md, NULL) == 1);

    for (i = 0; i < n; i++) {
        sprintf(hex + 2 * i, "%02x", digest[i]);
    }
}


/* what a URL with these arguments is, whole and with a byte of the MAC wrong */

static void
must_be(ngx_commerce_reason_e reason, ngx_str_t *app, ngx_str_t *stream,
    char *args, size_t which)
{
    char    *digit;
    size_t   len;

    len = strlen(args);
    must(verify(app, stream, args, len) == reason);

    digit = args + len - 1 - which % 32;
    *digit = *digit == 'a' ? 'b' : 'a';

    must(verify(app, stream, args, len) == NGX_COMMERCE_PROOF_WRONG);
}


static void
check_signed(ngx_str_t *app, ngx_str_t *stream, unsigned int time)
{
    int                    n;
    char                   text[TEXT], args[TEXT], hex[2 * EVP_MAX_MD_SIZE + 1];
    u_char                *p;
    ngx_uint_t             good;
    ngx_commerce_reason_e  reason;

    good = stream->len > 0 && stream->len <= NGX_COMMERCE_NAME_MAX
           && app->len <= NGX_COMMERCE_URL_APP_MAX;

    for (p = stream->data; p < stream->data + stream->len; p++) {
        good &= *p > ' ' && *p < 0x7f && *p != '/';
    }

    if (stream->len > NGX_COMMERCE_NAME_MAX
        || app->len > NGX_COMMERCE_URL_APP_MAX
        || memchr(stream->data, '\0', stream->len)
        || memchr(app->data, '\0', app->len))
    {
        return;
    }

    time |= 0x80000000;
    reason = good ? NGX_COMMERCE_ALLOWED : NGX_COMMERCE_PROOF_WRONG;

    n = snprintf(text, sizeof(text), KEY "%.*s%u", (int) stream->len,
                 stream->data, time);
    hex_digest(hex, EVP_sha256(), text, n);
    snprintf(args, sizeof(args), "txTime=%u&txSecret=%s", time, hex);
    must_be(reason, &none, stream, args, time);

    n = snprintf(text, sizeof(text), "/%.*s/%.*s.flv-%u-a1-0-" KEY,
                 (int) app->len, app->data, (int) stream->len, stream->data,
                 time);
    hex_digest(hex, EVP_md5(), text, n);
    snprintf(args, sizeof(args), "auth_key=%u-a1-0-%s", time, hex);
    must_be(reason, app, stream, args, time);

    n = snprintf(text, sizeof(text), "/%.*s/%.*s" KEY "%u", (int) app->len,
                 app->data, (int) stream->len, stream->data, time);
    hex_digest(hex, EVP_md5(), text, n);
    snprintf(args, sizeof(args), "volcTime=%u&volcSecret=%s", time, hex);
    must_be(reason, app, stream, args, time);
}


static void
check_app(ngx_str_t *path, ngx_str_t *stream)
{
    u_char     *data;
    ngx_str_t   copy, app;

    data = fuzz_copy(path->data, path->len);
    copy.data = data;
    copy.len = path->len;

    app = ngx_commerce_url_app(&copy, stream);

    must(app.len == 0
         || (app.data == data + 1
             && app.len + stream->len + 2 <= path->len
             && memcmp(data + 2 + app.len, stream->data, stream->len) == 0));

    free(data);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ngx_str_t      app, stream, args;
    unsigned int   time;
    const u_char  *p, *last;

    last = data + size;

    p = size ? memchr(data, '\n', size) : NULL;

    if (p == NULL) {
        return 0;
    }

    app.data = (u_char *) data;
    app.len = p - data;

    stream.data = (u_char *) p + 1;
    p = memchr(stream.data, '\n', last - stream.data);

    if (p == NULL) {
        return 0;
    }

    stream.len = p - stream.data;

    args.data = (u_char *) p + 1;
    args.len = last - args.data;

    must(verify(&app, &stream, args.data, args.len) != NGX_COMMERCE_ALLOWED);
    (void) ngx_commerce_url_signs(&signed_urls, &args);

    time = 0;
    memcpy(&time, args.data, ngx_min(args.len, sizeof(time)));

    check_signed(&app, &stream, time);
    check_app(&args, &stream);

    return 0;
}
