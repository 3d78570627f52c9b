
/*
 * The first byte says what the others are: a token; a token whose signature is
 * made anew, and is right; a header and claims, that are signed; or a set of
 * keys.
 */

/* links: src/core/ngx_commerce_jwt.c src/core/ngx_commerce_jwt_keys.c src/core/ngx_commerce_jwt_cache.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c */


#include <openssl/err.h>
#include <openssl/hmac.h>
#include "fuzz.h"
#include "ngx_commerce_jwt_keys.h"


#define NOW        ((int64_t) 1795374000123)
#define SECRET     "0123456789abcdef0123456789abcdef"
#define TOKEN_MAX  (4 * 16384)


static ngx_pool_t               *pool;
static ngx_commerce_jwt_keys_t  *keys;
static ngx_str_t                 demo = ngx_string("demo");


/* of RFC 7515, A.2 and A.3, and of RFC 7520 */

static char  set[] = "{\"keys\":["
    "{\"kty\":\"oct\",\"kid\":\"h1\","
     "\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"},"
    "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"kid\":\"r1\","
     "\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx"
     "HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
     "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH"
     "SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
     "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8"
     "NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e1\","
     "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
     "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";


static ngx_commerce_jwt_keys_t *
parse_set(ngx_pool_t *from, const void *json, size_t len)
{
    u_char     error[NGX_COMMERCE_JWT_ERROR];
    ngx_str_t  text;

    text.data = fuzz_copy(json, len);
    text.len = len;

    memset(error, 'x', sizeof(error));
    keys = ngx_commerce_jwt_keys_parse(from, &text, error);

    must(memchr(error, '\0', sizeof(error)) != NULL);
    must((keys != NULL) == (error[0] == '\0'));
    must(ERR_peek_error() == 0);

    free(text.data);

    return keys;
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    pool = ngx_create_pool(4096, &ngx_shim_log);
    must(parse_set(pool, set, sizeof(set) - 1) != NULL);

    return 0;
}


/* that what was proved obeys the rules, for whoever relies on them */

static ngx_commerce_reason_e
verify(const void *data, size_t len)
{
    ngx_str_t              token;
    ngx_commerce_jwt_t     jwt;
    ngx_commerce_times_t   times = { NOW, 5000, 86400000 };
    ngx_commerce_reason_e  reason;

    token.data = fuzz_copy(data, len);
    token.len = len;

    reason = ngx_commerce_jwt_verify(keys, &token, NGX_COMMERCE_ACTION_VIEW,
                                     &demo, &times, &jwt);
    free(token.data);

    must((reason == NGX_COMMERCE_PROOF_WRONG) == (jwt.wrong != NULL));
    must(ERR_peek_error() == 0);

    if (jwt.wrong == NULL) {
        must(jwt.claims.proof == NGX_COMMERCE_PROOF_JWT);
        must(ngx_commerce_name_valid(NGX_COMMERCE_HOST, &jwt.claims.subject));
        must(jwt.claims.subject.data == jwt.subject);
        must(jwt.claims.room.len == 0
             || (ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &jwt.claims.room)
                 && jwt.claims.room.data == jwt.room));
        must(jwt.claims.issued > 0 && jwt.claims.expires > 0);
    }

    if (reason == NGX_COMMERCE_ALLOWED) {
        must(jwt.claims.action == NGX_COMMERCE_ACTION_VIEW);
        must(jwt.claims.expires > NOW && jwt.claims.issued <= NOW + 5000);
    }

    return reason;
}


static size_t
encode(u_char *to, const void *data, size_t len)
{
    ngx_str_t  text, from;

    from.data = (u_char *) data;
    from.len = len;
    text.data = to;

    ngx_encode_base64url(&text, &from);

    return text.len;
}


/* what is right is right the next time, and not with another bit */

static void
check_signed(u_char *token, size_t len)
{
    u_char                 mac[EVP_MAX_MD_SIZE];
    unsigned int           size;
    ngx_commerce_reason_e  reason;

    HMAC(EVP_sha256(), SECRET, sizeof(SECRET) - 1, token, len, mac, &size);

    token[len++] = '.';
    len += encode(token + len, mac, size);

    reason = verify(token, len);
    must(verify(token, len) == reason);

    if (reason == NGX_COMMERCE_ALLOWED) {
        token[len - 2] ^= 1;
        must(verify(token, len) == NGX_COMMERCE_PROOF_WRONG);
        token[len - 2] ^= 1;
        token[len++] = '=';
        must(verify(token, len) == NGX_COMMERCE_PROOF_WRONG);
    }
}


static void
check_texts(const uint8_t *data, size_t size)
{
    u_char         *token;
    size_t          len;
    const uint8_t  *lf;

    lf = memchr(data, '\n', size);

    if (lf == NULL) {
        return;
    }

    token = malloc(TOKEN_MAX);

    len = encode(token, data, lf - data);
    token[len++] = '.';
    len += encode(token + len, lf + 1, data + size - lf - 1);

    check_signed(token, len);

    free(token);
}


static void
check_resigned(const uint8_t *data, size_t size)
{
    u_char         *token;
    const uint8_t  *dot;

    dot = memrchr(data, '.', size);

    if (dot == NULL) {
        return;
    }

    token = malloc(TOKEN_MAX);
    memcpy(token, data, dot - data);

    check_signed(token, dot - data);

    free(token);
}


static void
check_set(const uint8_t *data, size_t size)
{
    ngx_pool_t               *own;
    ngx_commerce_jwt_keys_t  *former;

    former = keys;
    own = ngx_create_pool(4096, &ngx_shim_log);

    if (parse_set(own, data, size)) {
        must(keys->keys.nelts > 0);
    }

    ngx_destroy_pool(own);
    keys = former;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }

    switch (data[0]) {

    case 't':
        (void) verify(data + 1, size - 1);
        break;

    case 's':
        check_resigned(data + 1, size - 1);
        break;

    case 'j':
        check_texts(data + 1, size - 1);
        break;

    case 'k':
        check_set(data + 1, size - 1);
        break;
    }

    return 0;
}
