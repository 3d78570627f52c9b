
/*
 * How a host proves himself: a token that was signed for him, or a stream key.
 */


#ifndef _NGX_COMMERCE_TOKEN_H_INCLUDED_
#define _NGX_COMMERCE_TOKEN_H_INCLUDED_


#include "ngx_commerce.h"


/* what may be asked for: a token is made for one of these */

typedef enum {
    NGX_COMMERCE_ACTION_PUBLISH = 0,
    NGX_COMMERCE_ACTIONS
} ngx_commerce_action_e;


/*
 * Token: EXPIRY.SUBJECT.MAC with EXPIRY in decimal seconds since the epoch,
 * MAC = base64url without padding of the first 128 bits of
 * HMAC-SHA256(secret, action LF room LF expiry LF subject).
 * action is "publish".
 *
 * Returns NGX_COMMERCE_ALLOWED, _PROOF_WRONG or _PROOF_EXPIRED; *subject is
 * set to the part inside token.
 */
ngx_commerce_reason_e ngx_commerce_token_verify(ngx_array_t *secrets,
    ngx_str_t *token, ngx_commerce_action_e action, ngx_str_t *room,
    int64_t now, ngx_str_t *subject);

/* lower case hex SHA-256 of a stream key: 64 bytes into out */
void ngx_commerce_token_key_name(ngx_str_t *key, u_char *out);


#endif /* _NGX_COMMERCE_TOKEN_H_INCLUDED_ */
