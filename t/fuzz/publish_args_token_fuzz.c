
/*
 * The bytes are the field of an RTMP publish: name, '?', arguments.  They are
 * split, and a token among them is verified; then it is signed anew, and has
 * to be good.  And they are a URL.
 */

/* links: src/rtmp/ngx_rtmp_commerce_args.c src/core/ngx_commerce_token.c src/core/ngx_commerce_record.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c src/core/ngx_commerce_claims.c */


#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "fuzz.h"
#include "ngx_commerce_decide.h"
#include "ngx_rtmp_commerce_args.h"
#include "../../src/core/ngx_commerce_url.c"


#define NOW        ((int64_t) 1763841600000)
#define ROOM       "demo"
#define TOKEN_MAX  1024


static ngx_str_t    secrets[] = { ngx_string("old secret"),
                                  ngx_string("new secret") };
static ngx_array_t  secret_list = { secrets, 2, sizeof(ngx_str_t), 2, NULL };
static ngx_str_t    room = ngx_string(ROOM);

static ngx_commerce_signed_url_t  clouds[] = {
    { &ngx_commerce_clouds[0], NGX_COMMERCE_ACTION_PUBLISH, NULL, 0 },
    { &ngx_commerce_clouds[1], NGX_COMMERCE_ACTION_PUBLISH, NULL, 0 }
};

static ngx_array_t  signed_urls = { clouds, 2,
                                    sizeof(ngx_commerce_signed_url_t), 2,
                                    NULL };


/* as nginx-rtmp receives a field and splits it */

static ngx_int_t
read_field(ngx_rtmp_commerce_args_t *presented, u_char *args,
    const uint8_t *data, size_t size)
{
    u_char  *p, *name;
    size_t   len;

    name = calloc(1, NGX_RTMP_COMMERCE_FIELD);
    len = ngx_min(size, NGX_RTMP_COMMERCE_FIELD - 1);

    if (len) {
        memcpy(name, data, len);
    }

    p = (u_char *) strchr((char *) name, '?');

    if (p) {
        *p++ = '\0';
        ngx_cpystrn(args, p, NGX_RTMP_COMMERCE_FIELD);
    }

    len = ngx_rtmp_commerce_args_read(presented, &signed_urls, name, args);
    free(name);

    return len;
}


static void
must_be_inside(ngx_rtmp_commerce_args_t *presented, ngx_str_t *part)
{
    must(part->data == NULL
         || (part->data >= (u_char *) presented
             && part->data + part->len <= (u_char *) (presented + 1)));
}


/* what was received, but for NULs at its end */

static void
must_be_whole(ngx_rtmp_commerce_args_t *presented, const uint8_t *data,
    size_t size)
{
    size = ngx_min(size, NGX_RTMP_COMMERCE_FIELD - 1);

    while (size && data[size - 1] == '\0') {
        size--;
    }

    /* that arguments were cut off whole can't be seen */

    if (size && data[size - 1] == '?') {
        size--;
    }

    must(presented->name.len > 0);
    must(size < NGX_RTMP_COMMERCE_FIELD - 1);
    must(memchr(data, '\0', size) == NULL);
}


/* neither key, token nor JWT, nor what signs a URL, is handed on to others */

static void
must_be_taken_out(u_char *args)
{
    char  *p;

    must(memchr(args, '\0', NGX_RTMP_COMMERCE_FIELD) != NULL);

    for (p = (char *) args; p; p = strchr(p, '&')) {
        p += (*p == '&');
        must(strncmp(p, "key=", 4) != 0 && strncmp(p, "token=", 6) != 0
             && strncmp(p, "jwt=", 4) != 0
             && strncmp(p, "txSecret=", 9) != 0
             && strncmp(p, "auth_key=", 9) != 0);
    }
}


/* the same bytes as the URL that a client says it connects to */

static void
check_url(const uint8_t *data, size_t size)
{
    u_char                    *url, *query;
    ngx_rtmp_commerce_args_t   presented;

    ngx_memzero(&presented, sizeof(presented));

    url = calloc(1, NGX_RTMP_COMMERCE_FIELD);
    size = ngx_min(size, NGX_RTMP_COMMERCE_FIELD - 1);

    if (size) {
        memcpy(url, data, size);
    }

    ngx_rtmp_commerce_args_take_url(&presented, &signed_urls, url);

    must_be_inside(&presented, &presented.key);
    must_be_inside(&presented, &presented.token);
    must_be_inside(&presented, &presented.jwt);
    must_be_inside(&presented, &presented.url);
    must(memchr(url, '\0', NGX_RTMP_COMMERCE_FIELD) != NULL);

    query = (u_char *) strchr((char *) url, '?');

    if (query) {
        must(strncmp((char *) query, "?key=", 5) != 0
             && strncmp((char *) query, "?token=", 7) != 0
             && strstr((char *) query, "&key=") == NULL
             && strstr((char *) query, "&token=") == NULL);
    }

    free(url);
}


static ngx_commerce_reason_e
verify(u_char *token, size_t len)
{
    ngx_str_t              text, subject;
    ngx_commerce_reason_e  reason;

    text.data = fuzz_copy(token, len);
    text.len = len;

    reason = ngx_commerce_token_verify(&secret_list, &text, &room, NOW,
                                       &subject);

    if (reason == NGX_COMMERCE_ALLOWED) {
        must(ngx_commerce_name_valid(NGX_COMMERCE_HOST, &subject));
        must(subject.data > text.data
             && subject.data + subject.len < text.data + len);
    }

    free(text.data);

    return reason;
}


/* puts the right signature behind EXPIRY.SUBJECT. */

static size_t
sign(u_char *token, size_t expiry, size_t len)
{
    int            n;
    u_char         text[TOKEN_MAX], mac[EVP_MAX_MD_SIZE], code[32];
    size_t         i;
    unsigned int   size;

    n = snprintf((char *) text, sizeof(text), "publish\n" ROOM "\n%.*s\n%.*s",
                 (int) expiry, token, (int) (len - expiry - 2),
                 token + expiry + 1);

    HMAC(EVP_sha256(), secrets[1].data, secrets[1].len, text, n, mac, &size);
    EVP_EncodeBlock(code, mac, 16);

    for (i = 0; i < 22; i++) {
        token[len + i] = (code[i] == '+') ? '-'
                         : (code[i] == '/') ? '_' : code[i];
    }

    return len + 22;
}


static void
check_token(ngx_str_t *given)
{
    u_char                 token[TOKEN_MAX], *dot, *end;
    size_t                 len;
    int64_t                until;
    ngx_str_t              expiry, subject;
    ngx_uint_t             good;
    ngx_commerce_reason_e  reason;

    (void) verify(given->data, given->len);

    memcpy(token, given->data, given->len);

    dot = memchr(token, '.', given->len);
    end = dot ? memchr(dot + 1, '.', token + given->len - dot - 1) : NULL;

    if (end == NULL) {
        must(verify(given->data, given->len) == NGX_COMMERCE_PROOF_WRONG);
        return;
    }

    expiry.data = token;
    expiry.len = dot - token;
    subject.data = dot + 1;
    subject.len = end - subject.data;

    until = ngx_commerce_number(&expiry);
    good = until >= 0 && ngx_commerce_name_valid(NGX_COMMERCE_HOST, &subject);

    len = sign(token, expiry.len, end + 1 - token);
    reason = verify(token, len);

    must(reason == (!good ? NGX_COMMERCE_PROOF_WRONG
                    : until > NOW / 1000 ? NGX_COMMERCE_ALLOWED
                    : NGX_COMMERCE_PROOF_EXPIRED));

    token[len - 1 - given->len % 22] ^= 1;
    must(verify(token, len) == NGX_COMMERCE_PROOF_WRONG);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u_char                    *args;
    ngx_int_t                  rc;
    ngx_rtmp_commerce_args_t  *presented;

    args = calloc(1, NGX_RTMP_COMMERCE_FIELD);
    presented = malloc(sizeof(ngx_rtmp_commerce_args_t));

    rc = read_field(presented, args, data, size);

    must_be_inside(presented, &presented->name);
    must_be_inside(presented, &presented->key);
    must_be_inside(presented, &presented->token);
    must_be_inside(presented, &presented->jwt);
    must_be_inside(presented, &presented->url);
    must_be_taken_out(args);

    if (rc == NGX_OK) {
        must_be_whole(presented, data, size);
    }

    if (presented->token.data) {
        check_token(&presented->token);
    }

    check_url(data, size);
    ngx_rtmp_commerce_args_wipe(presented);

    free(presented);
    free(args);

    return 0;
}
