
#include "ngx_commerce_token.h"
#include "ngx_commerce_record.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>


#define NGX_COMMERCE_MAC_LEN   16                 /* bytes of the HMAC used */
#define NGX_COMMERCE_MAC_TEXT  22                 /* as base64url */

/* action, room, expiry, subject, and three LFs between them */
#define NGX_COMMERCE_SIGNED    (8 + NGX_COMMERCE_NAME_MAX + 16                \
                                + NGX_COMMERCE_NAME_MAX + 3)


static ngx_uint_t ngx_commerce_token_split(ngx_str_t *token,
    ngx_str_t *expiry, ngx_str_t *subject, ngx_str_t *mac);
static void ngx_commerce_token_mac_text(u_char *mac, u_char *out);


static ngx_str_t  ngx_commerce_actions[] = {
    ngx_string("publish")
};


ngx_commerce_reason_e
ngx_commerce_token_verify(ngx_array_t *secrets, ngx_str_t *token,
    ngx_commerce_action_e action, ngx_str_t *room, int64_t now,
    ngx_str_t *subject)
{
    u_char        text[NGX_COMMERCE_SIGNED], *p;
    u_char        mac[EVP_MAX_MD_SIZE], expected[NGX_COMMERCE_MAC_TEXT];
    int64_t       until;
    ngx_str_t    *secret, expiry, given;
    ngx_uint_t    i, found;
    unsigned int  len;

    if (secrets == NULL
        || room->len > NGX_COMMERCE_NAME_MAX
        || !ngx_commerce_token_split(token, &expiry, subject, &given))
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    p = ngx_cpymem(text, ngx_commerce_actions[action].data,
                   ngx_commerce_actions[action].len);
    *p++ = '\n';
    p = ngx_cpymem(p, room->data, room->len);
    *p++ = '\n';
    p = ngx_cpymem(p, expiry.data, expiry.len);
    *p++ = '\n';
    p = ngx_cpymem(p, subject->data, subject->len);

    found = 0;
    secret = secrets->elts;

    for (i = 0; i < secrets->nelts; i++) {

        if (HMAC(EVP_sha256(), secret[i].data, (int) secret[i].len, text,
                 p - text, mac, &len)
            == NULL)
        {
            return NGX_COMMERCE_PROOF_WRONG;
        }

        ngx_commerce_token_mac_text(mac, expected);

        found |= (CRYPTO_memcmp(expected, given.data, sizeof(expected)) == 0);
    }

    if (!found) {
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
           && mac->len == NGX_COMMERCE_MAC_TEXT;
}


/* the first 128 bits as base64url (RFC 4648, 5) without padding */

static void
ngx_commerce_token_mac_text(u_char *mac, u_char *out)
{
    u_char  text[NGX_COMMERCE_MAC_TEXT + 3];
    size_t  i;

    EVP_EncodeBlock(text, mac, NGX_COMMERCE_MAC_LEN);

    for (i = 0; i < NGX_COMMERCE_MAC_TEXT; i++) {
        out[i] = (text[i] == '+') ? '-' : (text[i] == '/') ? '_' : text[i];
    }
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
