
/*
 * How a host proves himself: a token that was signed for him, or a stream key.
 */


#ifndef _NGX_COMMERCE_TOKEN_H_INCLUDED_
#define _NGX_COMMERCE_TOKEN_H_INCLUDED_


#include "ngx_commerce_claims.h"


/* an HMAC's first 16 bytes, as base64url without padding (RFC 4648, 5) */
#define NGX_COMMERCE_TOKEN_MAC  22


/*
 * Token: EXPIRY.SUBJECT.MAC with EXPIRY in decimal seconds since the epoch,
 * MAC = base64url without padding of the first 128 bits of
 * HMAC-SHA256(secret, action LF room LF expiry LF subject).
 * action is "publish": viewers have tokens of their own.
 *
 * Returns NGX_COMMERCE_ALLOWED, _PROOF_WRONG or _PROOF_EXPIRED; *subject is
 * set to the part inside token.
 */
ngx_commerce_reason_e ngx_commerce_token_verify(ngx_array_t *secrets,
    ngx_str_t *token, ngx_str_t *room, int64_t now, ngx_str_t *subject);

/*
 * The MAC of a text with a secret: NGX_COMMERCE_TOKEN_MAC bytes into out.
 * NGX_OK; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_commerce_token_sign(ngx_str_t *secret, ngx_str_t *text,
    u_char *out);

/* 1 if mac is the text's with one of the secrets; takes the same time for all */
ngx_uint_t ngx_commerce_token_signed(ngx_array_t *secrets, ngx_str_t *text,
    ngx_str_t *mac);

/* lower case hex SHA-256 of a stream key: 64 bytes into out */
void ngx_commerce_token_key_name(ngx_str_t *key, u_char *out);


#endif /* _NGX_COMMERCE_TOKEN_H_INCLUDED_ */
