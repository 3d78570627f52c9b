
#include "ngx_commerce_token.h"
#include "ngx_commerce_record.h"
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>


#define NGX_COMMERCE_MAC_LEN   16                 /* bytes of the HMAC used */

#define NGX_COMMERCE_TOKEN_PUBLISH  "publish\n"

/* action, room, expiry, subject, and three LFs between them */
#define NGX_COMMERCE_SIGNED    (sizeof(NGX_COMMERCE_TOKEN_PUBLISH) - 1        \
                                + NGX_COMMERCE_NAME_MAX + 1 + 16 + 1          \
                                + NGX_COMMERCE_NAME_MAX)


/* secrets whose contexts a process keeps */
#define NGX_COMMERCE_TOKEN_KEYS  8


typedef struct {
    ngx_str_t     secret;      /* a copy */
    EVP_MAC_CTX  *ctx;         /* NULL: none */
} ngx_commerce_token_key_t;


static ngx_uint_t ngx_commerce_token_split(ngx_str_t *token,
    ngx_str_t *expiry, ngx_str_t *subject, ngx_str_t *mac);
static EVP_MAC_CTX *ngx_commerce_token_ctx(ngx_str_t *secret);
static EVP_MAC_CTX *ngx_commerce_token_new_ctx(ngx_str_t *secret);


ngx_commerce_reason_e
ngx_commerce_token_verify(ngx_array_t *secrets, ngx_str_t *token,
    ngx_str_t *room, int64_t now, ngx_str_t *subject)
{
    u_char      buf[NGX_COMMERCE_SIGNED], *p;
    int64_t     until;
    ngx_str_t   expiry, mac, text;

    if (room->len > NGX_COMMERCE_NAME_MAX
        || !ngx_commerce_token_split(token, &expiry, subject, &mac))
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    p = ngx_cpymem(buf, NGX_COMMERCE_TOKEN_PUBLISH,
                   sizeof(NGX_COMMERCE_TOKEN_PUBLISH) - 1);
    p = ngx_cpymem(p, room->data, room->len);
    *p++ = '\n';
    p = ngx_cpymem(p, expiry.data, expiry.len);
    *p++ = '\n';
    p = ngx_cpymem(p, subject->data, subject->len);

    text.data = buf;
    text.len = p - buf;

    if (!ngx_commerce_token_signed(secrets, &text, &mac)) {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    until = ngx_commerce_number(&expiry);

    if (until < 0 || until * 1000 <= now) {
        return NGX_COMMERCE_PROOF_EXPIRED;
    }

    return NGX_COMMERCE_ALLOWED;
}


static ngx_uint_t
ngx_commerce_token_split(ngx_str_t *token, ngx_str_t *expiry,
    ngx_str_t *subject, ngx_str_t *mac)
{
    u_char  *dot, *last;

    last = token->data + token->len;

    expiry->data = token->data;
    dot = ngx_strlchr(token->data, last, '.');

    if (dot == NULL) {
        return 0;
    }

    expiry->len = dot - token->data;

    subject->data = dot + 1;
    dot = ngx_strlchr(subject->data, last, '.');

    if (dot == NULL) {
        return 0;
    }

    subject->len = dot - subject->data;

    mac->data = dot + 1;
    mac->len = last - mac->data;

    return ngx_commerce_number(expiry) >= 0
           && ngx_commerce_name_valid(NGX_COMMERCE_HOST, subject)
           && expiry->len <= 16;
}


ngx_uint_t
ngx_commerce_token_signed(ngx_array_t *secrets, ngx_str_t *text,
    ngx_str_t *mac)
{
    u_char      expected[NGX_COMMERCE_TOKEN_MAC];
    ngx_str_t  *secret;
    ngx_uint_t  i, found;

    if (secrets == NULL || mac->len != NGX_COMMERCE_TOKEN_MAC) {
        return 0;
    }

    found = 0;
    secret = secrets->elts;

    for (i = 0; i < secrets->nelts; i++) {

        if (ngx_commerce_token_sign(&secret[i], text, expected) != NGX_OK) {
            return 0;
        }

        found |= (CRYPTO_memcmp(expected, mac->data, sizeof(expected)) == 0);
    }

    return found;
}


ngx_int_t
ngx_commerce_token_sign(ngx_str_t *secret, ngx_str_t *text, u_char *out)
{
    u_char        mac[EVP_MAX_MD_SIZE];
    u_char        encoded[NGX_COMMERCE_TOKEN_MAC + 3];
    size_t        i, len;
    EVP_MAC_CTX  *ctx;

    ctx = ngx_commerce_token_ctx(secret);

    if (ctx == NULL
        || EVP_MAC_init(ctx, NULL, 0, NULL) != 1
        || EVP_MAC_update(ctx, text->data, text->len) != 1
        || EVP_MAC_final(ctx, mac, &len, sizeof(mac)) != 1)
    {
        return NGX_ERROR;
    }

    EVP_EncodeBlock(encoded, mac, NGX_COMMERCE_MAC_LEN);

    for (i = 0; i < NGX_COMMERCE_TOKEN_MAC; i++) {
        out[i] = (encoded[i] == '+') ? '-'
                 : (encoded[i] == '/') ? '_' : encoded[i];
    }

    return NGX_OK;
}


/*
 * OpenSSL takes ten times as long to begin with a key as for a token, so that
 * this process keeps what it began with for the secrets that it used last.
 */

static EVP_MAC_CTX *
ngx_commerce_token_ctx(ngx_str_t *secret)
{
    ngx_uint_t                  i;
    ngx_commerce_token_key_t   *key;

    static ngx_uint_t                next;
    static ngx_commerce_token_key_t  keys[NGX_COMMERCE_TOKEN_KEYS];

    for (i = 0; i < NGX_COMMERCE_TOKEN_KEYS; i++) {
        key = &keys[i];

        if (key->ctx
            && key->secret.len == secret->len
            && ngx_memcmp(key->secret.data, secret->data, secret->len) == 0)
        {
            return key->ctx;
        }
    }

    key = &keys[next++ % NGX_COMMERCE_TOKEN_KEYS];

    EVP_MAC_CTX_free(key->ctx);
    OPENSSL_clear_free(key->secret.data, key->secret.len);

    key->ctx = ngx_commerce_token_new_ctx(secret);
    key->secret.len = secret->len;
    key->secret.data = OPENSSL_memdup(secret->data, secret->len);

    if (key->secret.data == NULL) {
        EVP_MAC_CTX_free(key->ctx);
        key->ctx = NULL;
    }

    return key->ctx;
}


static EVP_MAC_CTX *
ngx_commerce_token_new_ctx(ngx_str_t *secret)
{
    EVP_MAC      *mac;
    OSSL_PARAM    params[2];
    EVP_MAC_CTX  *ctx;

    mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);

    ctx = EVP_MAC_CTX_new(mac);

    /* the context has a reference of its own */
    EVP_MAC_free(mac);

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 (char *) "SHA256", 0);
    params[1] = OSSL_PARAM_construct_end();

    if (ctx && EVP_MAC_init(ctx, secret->data, secret->len, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }

    return ctx;
}


void
ngx_commerce_token_key_name(ngx_str_t *key, u_char *out)
{
    u_char         digest[SHA256_DIGEST_LENGTH];
    size_t         i;
    static u_char  hex[] = "0123456789abcdef";

    SHA256(key->data, key->len, digest);

    for (i = 0; i < sizeof(digest); i++) {
        *out++ = hex[digest[i] >> 4];
        *out++ = hex[digest[i] & 0xf];
    }
}
