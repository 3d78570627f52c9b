
/*
 * What each cloud signs.
 */

#include "ngx_commerce_url.h"
#include "ngx_commerce_text.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>


/* bytes */
#define NGX_COMMERCE_URL_APP_MAX    256
#define NGX_COMMERCE_URL_MARK_MAX   100   /* of RAND, of UID */

/* hex digits */
#define NGX_COMMERCE_URL_MD5        32
#define NGX_COMMERCE_URL_SHA256     64

#define NGX_COMMERCE_URL_DECIMAL    10    /* digits of a time */
#define NGX_COMMERCE_URL_HEX        8

/* "/APP/STREAM.m3u8-T-RAND-UID-KEY", the longest of what is signed */
#define NGX_COMMERCE_URL_SIGNED                                               \
    (1 + NGX_COMMERCE_URL_APP_MAX + 1 + NGX_COMMERCE_NAME_MAX + 5 + 1         \
     + NGX_COMMERCE_URL_DECIMAL + 2 * (1 + NGX_COMMERCE_URL_MARK_MAX) + 1     \
     + NGX_COMMERCE_URL_KEY_MAX)


/* what a URL brings that is one cloud's */

typedef struct {
    ngx_commerce_url_t  *url;
    ngx_str_t            time;      /* as it is signed */
    ngx_str_t            mac;
    int64_t              seconds;   /* what the time says */
} ngx_commerce_url_proof_t;


struct ngx_commerce_cloud_s {
    ngx_str_t    name;
    ngx_str_t    args[2];           /* of the time, of the MAC, or of both */
    ngx_uint_t   validity;          /* actions, as bits, that it adds to */
    ngx_uint_t   forms;             /* that a stream is signed in */
    ngx_uint_t (*read)(ngx_commerce_url_proof_t *proof);
    u_char    *(*text)(u_char *p, ngx_commerce_url_proof_t *proof,
                       ngx_str_t *form, ngx_str_t *key);
};


static ngx_uint_t ngx_commerce_url_fits(ngx_commerce_url_t *url);
static ngx_int_t ngx_commerce_url_read(ngx_commerce_cloud_t *cloud,
    ngx_commerce_url_proof_t *proof);
static ngx_int_t ngx_commerce_url_arg(ngx_str_t *args, ngx_str_t *name,
    ngx_str_t *value);
static int64_t ngx_commerce_url_decimal(u_char *p, size_t len);
static ngx_uint_t ngx_commerce_url_tencent(ngx_commerce_url_proof_t *proof);
static ngx_uint_t ngx_commerce_url_two_ways(ngx_commerce_url_proof_t *proof);
static u_char *ngx_commerce_url_tencent_text(u_char *p,
    ngx_commerce_url_proof_t *proof, ngx_str_t *form, ngx_str_t *key);
static ngx_uint_t ngx_commerce_url_aliyun(ngx_commerce_url_proof_t *proof);
static u_char *ngx_commerce_url_mark(u_char *p, u_char *last);
static u_char *ngx_commerce_url_aliyun_text(u_char *p,
    ngx_commerce_url_proof_t *proof, ngx_str_t *form, ngx_str_t *key);
static ngx_uint_t ngx_commerce_url_volcengine(ngx_commerce_url_proof_t *proof);
static u_char *ngx_commerce_url_volcengine_text(u_char *p,
    ngx_commerce_url_proof_t *proof, ngx_str_t *form, ngx_str_t *key);
static u_char *ngx_commerce_url_put(u_char *p, ngx_str_t *text);
static ngx_uint_t ngx_commerce_url_signed(ngx_commerce_signed_url_t *by,
    ngx_commerce_url_proof_t *proof);


static ngx_commerce_cloud_t  ngx_commerce_clouds[] = {

    { ngx_string("tencent"),
      { ngx_string("txTime="), ngx_string("txSecret=") },
      1 << NGX_COMMERCE_ACTION_VIEW,
      1,
      ngx_commerce_url_tencent,
      ngx_commerce_url_tencent_text },

    { ngx_string("aliyun"),
      { ngx_string("auth_key="), ngx_null_string },
      (1 << NGX_COMMERCE_ACTION_PUBLISH) | (1 << NGX_COMMERCE_ACTION_VIEW),
      3,
      ngx_commerce_url_aliyun,
      ngx_commerce_url_aliyun_text },

    { ngx_string("volcengine"),
      { ngx_string("volcTime="), ngx_string("volcSecret=") },
      0,
      1,
      ngx_commerce_url_volcengine,
      ngx_commerce_url_volcengine_text },

    { ngx_null_string, { ngx_null_string, ngx_null_string }, 0, 0, NULL, NULL }
};


/* how a stream may be written to be played; to be published, the first way */

static ngx_str_t  ngx_commerce_url_forms[] = {
    ngx_null_string,
    ngx_string(".m3u8"),
    ngx_string(".flv")
};


ngx_commerce_reason_e
ngx_commerce_url_verify(ngx_array_t *signed_urls, ngx_commerce_url_t *url,
    ngx_commerce_action_e action, int64_t now, ngx_commerce_claims_t *claims)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_commerce_times_t        times;
    ngx_commerce_reason_e       reason, verdict;
    ngx_commerce_url_proof_t    proof;
    ngx_commerce_signed_url_t  *by;

    if (signed_urls == NULL) {
        return NGX_COMMERCE_PROOF_MISSING;
    }

    ngx_memzero(&times, sizeof(ngx_commerce_times_t));
    times.now = now;

    proof.url = url;
    reason = NGX_COMMERCE_PROOF_MISSING;
    by = signed_urls->elts;

    for (i = 0; i < signed_urls->nelts; i++) {

        rc = ngx_commerce_url_read(by[i].cloud, &proof);

        if (rc == NGX_DECLINED) {
            continue;
        }

        verdict = NGX_COMMERCE_PROOF_WRONG;

        if (rc == NGX_OK && ngx_commerce_url_fits(url)
            && ngx_commerce_url_signed(&by[i], &proof))
        {
            ngx_memzero(claims, sizeof(ngx_commerce_claims_t));

            claims->proof = NGX_COMMERCE_PROOF_URL;
            claims->action = by[i].action;
            claims->room = url->stream;
            claims->expires = proof.seconds * 1000 + by[i].validity;

            verdict = ngx_commerce_claims_judge(claims, action, &url->stream,
                                                &times);

            if (verdict == NGX_COMMERCE_ALLOWED) {
                return NGX_COMMERCE_ALLOWED;
            }
        }

        /* what is the matter with one that is right is the better answer */

        if (reason == NGX_COMMERCE_PROOF_MISSING
            || (verdict != NGX_COMMERCE_PROOF_WRONG
                && reason != NGX_COMMERCE_PROOF_EXPIRED))
        {
            reason = verdict;
        }
    }

    return reason;
}


/*
 * MACs that begin with a key let others append to what they sign, the padding
 * of the hash first: a stream has none of its bytes.
 */

static ngx_uint_t
ngx_commerce_url_fits(ngx_commerce_url_t *url)
{
    size_t  i;

    if (url->app.len > NGX_COMMERCE_URL_APP_MAX
        || url->stream.len == 0
        || url->stream.len > NGX_COMMERCE_NAME_MAX)
    {
        return 0;
    }

    for (i = 0; i < url->stream.len; i++) {
        if (url->stream.data[i] <= ' ' || url->stream.data[i] >= 0x7f
            || url->stream.data[i] == '/')
        {
            return 0;
        }
    }

    return 1;
}


/* NGX_OK; NGX_DECLINED: nothing is there; NGX_ERROR: not as it should be */

static ngx_int_t
ngx_commerce_url_read(ngx_commerce_cloud_t *cloud,
    ngx_commerce_url_proof_t *proof)
{
    ngx_int_t  time, mac;

    ngx_str_null(&proof->mac);

    time = ngx_commerce_url_arg(&proof->url->args, &cloud->args[0],
                                &proof->time);

    mac = cloud->args[1].len
          ? ngx_commerce_url_arg(&proof->url->args, &cloud->args[1],
                                 &proof->mac)
          : time;

    if (time == NGX_DECLINED && mac == NGX_DECLINED) {
        return NGX_DECLINED;
    }

    return (time == NGX_OK && mac == NGX_OK && cloud->read(proof))
           ? NGX_OK : NGX_ERROR;
}


/* NGX_OK; NGX_DECLINED: it is not there; NGX_ERROR: it is there twice */

static ngx_int_t
ngx_commerce_url_arg(ngx_str_t *args, ngx_str_t *name, ngx_str_t *value)
{
    u_char     *p, *last, *end;
    ngx_int_t   rc;

    rc = NGX_DECLINED;
    last = args->data + args->len;

    for (p = args->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, '&');
        if (end == NULL) {
            end = last;
        }

        if ((size_t) (end - p) < name->len
            || ngx_memcmp(p, name->data, name->len) != 0)
        {
            continue;
        }

        if (rc == NGX_OK) {
            return NGX_ERROR;
        }

        value->data = p + name->len;
        value->len = end - value->data;
        rc = NGX_OK;
    }

    return rc;
}


static int64_t
ngx_commerce_url_decimal(u_char *p, size_t len)
{
    ngx_str_t  text;

    if (len != NGX_COMMERCE_URL_DECIMAL) {
        return NGX_ERROR;
    }

    text.data = p;
    text.len = len;

    return ngx_commerce_number(&text);
}


static ngx_uint_t
ngx_commerce_url_tencent(ngx_commerce_url_proof_t *proof)
{
    ngx_str_t  *time;

    time = &proof->time;

    if (time->len == NGX_COMMERCE_URL_HEX) {
        proof->seconds = ngx_hextoi(time->data, time->len);

        if (ngx_commerce_url_two_ways(proof)) {
            return 0;
        }

    } else {
        proof->seconds = ngx_commerce_url_decimal(time->data, time->len);
    }

    return proof->seconds >= 0
           && (proof->mac.len == NGX_COMMERCE_URL_MD5
               || proof->mac.len == NGX_COMMERCE_URL_SHA256);
}


/*
 * Nothing stands between a stream and its time.  So what was signed for "room"
 * until 1795381200 is right for "room17" until 95381200 in hex: that is refused
 * where the stream ends as decimal times of 2017 to 2052 begin.
 */

static ngx_uint_t
ngx_commerce_url_two_ways(ngx_commerce_url_proof_t *proof)
{
    ngx_str_t  stream, first;

    stream = proof->url->stream;

    if (ngx_commerce_number(&proof->time) < 0 || stream.len <= 2) {
        return 0;
    }

    first.data = stream.data + stream.len - 2;
    first.len = 2;

    return ngx_commerce_number(&first) >= 15
           && ngx_commerce_number(&first) <= 25;
}


static u_char *
ngx_commerce_url_tencent_text(u_char *p, ngx_commerce_url_proof_t *proof,
    ngx_str_t *form, ngx_str_t *key)
{
    p = ngx_commerce_url_put(p, key);
    p = ngx_commerce_url_put(p, &proof->url->stream);

    return ngx_commerce_url_put(p, &proof->time);
}


/* T-RAND-UID-M: the first three are signed together */

static ngx_uint_t
ngx_commerce_url_aliyun(ngx_commerce_url_proof_t *proof)
{
    u_char     *p, *last;
    ngx_str_t  *time;

    time = &proof->time;
    last = time->data + time->len;

    p = ngx_strlchr(time->data, last, '-');

    if (p == NULL) {
        return 0;
    }

    proof->seconds = ngx_commerce_url_decimal(time->data, p - time->data);

    p = ngx_commerce_url_mark(p + 1, last);
    p = p ? ngx_commerce_url_mark(p, last) : NULL;

    if (p == NULL) {
        return 0;
    }

    proof->mac.data = p;
    proof->mac.len = last - p;
    time->len = p - 1 - time->data;

    return proof->seconds >= 0 && proof->mac.len == NGX_COMMERCE_URL_MD5;
}


/* letters and digits, and a '-', behind which it returns; or NULL */

static u_char *
ngx_commerce_url_mark(u_char *p, u_char *last)
{
    u_char  *mark, c;

    for (mark = p; p < last; p++) {
        c = *p;

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')))
        {
            break;
        }
    }

    if (p == mark || p - mark > NGX_COMMERCE_URL_MARK_MAX
        || p == last || *p != '-')
    {
        return NULL;
    }

    return p + 1;
}


static u_char *
ngx_commerce_url_aliyun_text(u_char *p, ngx_commerce_url_proof_t *proof,
    ngx_str_t *form, ngx_str_t *key)
{
    *p++ = '/';
    p = ngx_commerce_url_put(p, &proof->url->app);
    *p++ = '/';
    p = ngx_commerce_url_put(p, &proof->url->stream);
    p = ngx_commerce_url_put(p, form);
    *p++ = '-';
    p = ngx_commerce_url_put(p, &proof->time);
    *p++ = '-';

    return ngx_commerce_url_put(p, key);
}


static ngx_uint_t
ngx_commerce_url_volcengine(ngx_commerce_url_proof_t *proof)
{
    proof->seconds = ngx_commerce_url_decimal(proof->time.data,
                                              proof->time.len);

    return proof->seconds >= 0 && proof->mac.len == NGX_COMMERCE_URL_MD5;
}


static u_char *
ngx_commerce_url_volcengine_text(u_char *p, ngx_commerce_url_proof_t *proof,
    ngx_str_t *form, ngx_str_t *key)
{
    *p++ = '/';
    p = ngx_commerce_url_put(p, &proof->url->app);
    *p++ = '/';
    p = ngx_commerce_url_put(p, &proof->url->stream);
    p = ngx_commerce_url_put(p, key);

    return ngx_commerce_url_put(p, &proof->time);
}


static u_char *
ngx_commerce_url_put(u_char *p, ngx_str_t *text)
{
    return text->len ? ngx_cpymem(p, text->data, text->len) : p;
}


static ngx_uint_t
ngx_commerce_url_signed(ngx_commerce_signed_url_t *by,
    ngx_commerce_url_proof_t *proof)
{
    u_char         text[NGX_COMMERCE_URL_SIGNED], digest[EVP_MAX_MD_SIZE];
    u_char         hex[2 * EVP_MAX_MD_SIZE], *last;
    ngx_str_t     *key;
    ngx_uint_t     i, k, found, forms;
    unsigned int   len;
    const EVP_MD  *md;

    md = proof->mac.len == NGX_COMMERCE_URL_MD5 ? EVP_md5() : EVP_sha256();
    forms = by->action == NGX_COMMERCE_ACTION_PUBLISH ? 1 : by->cloud->forms;

    found = 0;
    key = by->keys->elts;

    for (i = 0; i < forms; i++) {

        for (k = 0; k < by->keys->nelts; k++) {

            last = by->cloud->text(text, proof, &ngx_commerce_url_forms[i],
                                   &key[k]);

            if (EVP_Digest(text, last - text, digest, &len, md, NULL) != 1) {
                return 0;
            }

            ngx_hex_dump(hex, digest, len);

            found |= (CRYPTO_memcmp(hex, proof->mac.data, 2 * len) == 0);
        }
    }

    return found;
}


ngx_uint_t
ngx_commerce_url_taken(ngx_array_t *signed_urls, ngx_commerce_action_e action)
{
    ngx_uint_t                  i;
    ngx_commerce_signed_url_t  *by;

    if (signed_urls == NULL) {
        return 0;
    }

    by = signed_urls->elts;

    for (i = 0; i < signed_urls->nelts; i++) {
        if (by[i].action == action) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_commerce_url_signs(ngx_array_t *signed_urls, ngx_str_t *arg)
{
    ngx_str_t                  *name;
    ngx_uint_t                  i, n;
    ngx_commerce_signed_url_t  *by;

    if (signed_urls == NULL) {
        return 0;
    }

    by = signed_urls->elts;

    for (i = 0; i < signed_urls->nelts; i++) {
        name = by[i].cloud->args;

        for (n = 0; n < 2; n++) {
            if (name[n].len && arg->len >= name[n].len
                && ngx_memcmp(arg->data, name[n].data, name[n].len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


ngx_str_t
ngx_commerce_url_app(ngx_str_t *path, ngx_str_t *stream)
{
    u_char     *p, *last, *end, c;
    ngx_str_t   app;

    ngx_str_null(&app);

    last = path->data + path->len;

    if (path->len == 0 || path->data[0] != '/' || stream->len == 0) {
        return app;
    }

    /* an application of that name, too, may come before */

    for (p = path->data + 1; p < last; p++) {
        p = ngx_strlchr(p, last, '/');

        if (p == NULL || (size_t) (last - p - 1) < stream->len) {
            return app;
        }

        if (ngx_memcmp(p + 1, stream->data, stream->len) != 0) {
            continue;
        }

        end = p + 1 + stream->len;
        c = end < last ? ngx_tolower(*end) : '/';

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')) {
            continue;
        }

        app.data = path->data + 1;
        app.len = p - app.data;

        return app;
    }

    return app;
}


ngx_commerce_cloud_t *
ngx_commerce_url_cloud(ngx_str_t *name)
{
    ngx_commerce_cloud_t  *cloud;

    for (cloud = ngx_commerce_clouds; cloud->name.len; cloud++) {
        if (cloud->name.len == name->len
            && ngx_memcmp(cloud->name.data, name->data, name->len) == 0)
        {
            return cloud;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_commerce_url_prolongs(ngx_commerce_cloud_t *cloud,
    ngx_commerce_action_e action)
{
    return (cloud->validity & (1 << action)) != 0;
}
