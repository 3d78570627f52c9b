
#include "ngx_commerce_login.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>


#define NGX_COMMERCE_LOGIN_TIME  60     /* s */
#define NGX_COMMERCE_LOGIN_TEXT  512    /* that is hashed */


static ngx_int_t ngx_commerce_login_hash(ngx_str_t *parts,
    u_char text[NGX_COMMERCE_LOGIN_AUTH]);


void
ngx_commerce_login_salt(ngx_str_t *user, u_char salt[NGX_COMMERCE_LOGIN_SALT])
{
    u_char  digest[SHA256_DIGEST_LENGTH];

    SHA256(user->data, user->len, digest);
    ngx_hex_dump(salt, digest, NGX_COMMERCE_LOGIN_SALT / 2);
}


ngx_int_t
ngx_commerce_login_auth(ngx_str_t *user, ngx_str_t *key,
    u_char auth[NGX_COMMERCE_LOGIN_AUTH])
{
    u_char     salt[NGX_COMMERCE_LOGIN_SALT];
    ngx_str_t  parts[3];

    ngx_commerce_login_salt(user, salt);

    parts[0] = *user;
    parts[1].data = salt;
    parts[1].len = sizeof(salt);
    parts[2] = *key;

    return ngx_commerce_login_hash(parts, auth);
}


void
ngx_commerce_login_opaque(int64_t now, u_char opaque[NGX_COMMERCE_LOGIN_OPAQUE])
{
    (void) ngx_sprintf(opaque, "%08xD", (uint32_t) (now / 1000));
}


ngx_commerce_reason_e
ngx_commerce_login_verify(ngx_commerce_login_t *login, ngx_str_t *room,
    ngx_str_t *auth, int64_t now)
{
    u_char     response[NGX_COMMERCE_LOGIN_AUTH];
    int64_t    at;
    ngx_str_t  parts[3];

    if (login->user.len != room->len
        || ngx_memcmp(login->user.data, room->data, room->len) != 0
        || auth->len != NGX_COMMERCE_LOGIN_AUTH
        || login->response.len != sizeof(response))
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    parts[0] = *auth;
    parts[1] = login->opaque;
    parts[2] = login->challenge;

    if (ngx_commerce_login_hash(parts, response) != NGX_OK
        || CRYPTO_memcmp(response, login->response.data, sizeof(response))
           != 0)
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    at = ngx_hextoi(login->opaque.data, login->opaque.len);

    return (at == NGX_ERROR
            || at > now / 1000 + NGX_COMMERCE_LOGIN_TIME
            || at < now / 1000 - NGX_COMMERCE_LOGIN_TIME)
           ? NGX_COMMERCE_PROOF_EXPIRED : NGX_COMMERCE_ALLOWED;
}


/* base64 of the MD5 of three parts */

static ngx_int_t
ngx_commerce_login_hash(ngx_str_t *parts, u_char text[NGX_COMMERCE_LOGIN_AUTH])
{
    u_char      *p, all[NGX_COMMERCE_LOGIN_TEXT], md5[EVP_MAX_MD_SIZE];
    u_char       encoded[NGX_COMMERCE_LOGIN_AUTH + 1];
    ngx_int_t    rc;
    ngx_uint_t   i;

    p = all;

    for (i = 0; i < 3; i++) {

        if (parts[i].len > (size_t) (all + sizeof(all) - p)) {
            return NGX_ERROR;
        }

        p = ngx_cpymem(p, parts[i].data, parts[i].len);
    }

    rc = EVP_Digest(all, p - all, md5, NULL, EVP_md5(), NULL) == 1
         ? NGX_OK : NGX_ERROR;

    ngx_explicit_memzero(all, sizeof(all));

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    (void) EVP_EncodeBlock(encoded, md5, 16);
    ngx_memcpy(text, encoded, NGX_COMMERCE_LOGIN_AUTH);

    return NGX_OK;
}
