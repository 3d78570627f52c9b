
/*
 * JSON Web Tokens (RFC 7519) as proofs, signed by whoever has a key of the set
 * that "jwks" names.
 *
 * Form: the compact one (RFC 7515, 7.1), NGX_COMMERCE_JWT_MAX bytes at most.
 * There is one way to write a token: base64url without padding and with no
 * stray bits, no member twice.  Header: alg, which has to be the algorithm of
 * the key; kid, if there, chooses among keys; crit is refused.  What else
 * stands there (jwk, jku, …) is not looked at.
 *
 *   exp, iat  numbers, seconds since the epoch; decimals count to the ms
 *   nbf       the same, may be missing
 *   sub       a name as a host's: the viewer, or the host who publishes
 *   act       "view" or "publish"
 *   room      may be missing: then it is an identity (view), or of any room
 *             of the host (publish)
 *
 * Other claims are not looked at.
 */


#ifndef _NGX_COMMERCE_JWT_H_INCLUDED_
#define _NGX_COMMERCE_JWT_H_INCLUDED_


#include "ngx_commerce_claims.h"


#define NGX_COMMERCE_JWT_MAX  4096    /* bytes of a token */


/* of a configuration: the keys, and this worker's cache of verified tokens */

typedef struct ngx_commerce_jwt_keys_s  ngx_commerce_jwt_keys_t;


/*
 * What came of a token.  The claims' texts stand in it: it is the caller's, is
 * not to be copied, and nothing of it is freed.
 */

typedef struct {
    ngx_commerce_claims_t   claims;
    int64_t                 not_before;       /* ms; 0: not said */
    const char             *wrong;            /* if PROOF_WRONG: what is, a
                                                 static text without any of the
                                                 token; else NULL */
    u_char                  room[NGX_COMMERCE_NAME_MAX];
    u_char                  subject[NGX_COMMERCE_NAME_MAX];
} ngx_commerce_jwt_t;


/*
 * Whether a token proves what it claims.  The claims are judged first, which
 * costs little; then the signature, unless this worker has found it right
 * before.  Signing out, and states, are the caller's to look at.
 *
 * room may be NULL: any.  keys may be NULL: no token is right.
 * NGX_COMMERCE_ALLOWED: jwt->claims are proved; PROOF_WRONG: nothing is known,
 * but jwt->wrong; any other reason of ngx_commerce_claims_judge(): jwt->claims
 * are what the token says, and proved by nothing.
 *
 * Blocks for as long as a signature takes; allocates from the heap, and frees
 * it, but for the cache.  No event loop, no log.
 */
ngx_commerce_reason_e ngx_commerce_jwt_verify(ngx_commerce_jwt_keys_t *keys,
    ngx_str_t *token, ngx_commerce_action_e action, ngx_str_t *room,
    ngx_commerce_times_t *times, ngx_commerce_jwt_t *jwt);


#endif /* _NGX_COMMERCE_JWT_H_INCLUDED_ */
