
/*
 * Viewers' tokens: KIND.EXP.IAT.SUBJECT.MAC.
 *
 * KIND is r, of one room; i, an identity; or s, the session that an edge makes
 * of one of these.  EXP are seconds, IAT milliseconds since the epoch, decimal.
 * SUBJECT obeys the rule for hosts' names, or is one that an edge made for
 * somebody who is not known: '~' and 22 characters, in sessions only.
 * MAC = base64url without padding of the first 16 bytes of HMAC-SHA256(secret,
 * "view" LF KIND LF SCOPE LF EXP LF IAT LF SUBJECT), SCOPE being the room, or
 * "*" of an identity.
 */


#ifndef _NGX_COMMERCE_VIEWER_H_INCLUDED_
#define _NGX_COMMERCE_VIEWER_H_INCLUDED_


#include "ngx_commerce_claims.h"


#define NGX_COMMERCE_VIEWER_SECONDS    11    /* digits of EXP at most */
#define NGX_COMMERCE_VIEWER_MSEC       14    /* digits of IAT */
#define NGX_COMMERCE_VIEWER_ANONYMOUS  23    /* '~' and 128 random bits */

/* bytes of the longest token */
#define NGX_COMMERCE_VIEWER_TOKEN                                             \
    (1 + 1 + NGX_COMMERCE_VIEWER_SECONDS + 1 + NGX_COMMERCE_VIEWER_MSEC + 1   \
     + NGX_COMMERCE_NAME_MAX + 1 + 22)


/*
 * Sets *claims if the token is right; its subject is the part inside token, its
 * room is room itself.  A token of another room has another MAC: PROOF_WRONG.
 * NGX_COMMERCE_ALLOWED, PROOF_WRONG, or what ngx_commerce_claims_judge() says.
 */
ngx_commerce_reason_e ngx_commerce_viewer_verify(ngx_array_t *secrets,
    ngx_str_t *token, ngx_str_t *room, ngx_commerce_times_t *times,
    ngx_commerce_claims_t *claims);

/*
 * Writes the session that goes on with the claims: their subject and time of
 * issue, for session ms from that time on, or as long as they last, if that is
 * longer.  So it is the same wherever and whenever it is made of the same
 * claims, or of a session made of them.  Claims
 * without a subject or time of issue have to be given these first.
 * token->data has NGX_COMMERCE_VIEWER_TOKEN bytes; token->len is set.
 * NGX_OK; NGX_DECLINED: there is no secret; NGX_ERROR.
 */
ngx_int_t ngx_commerce_viewer_mint(ngx_array_t *secrets, ngx_str_t *room,
    ngx_commerce_claims_t *claims, int64_t session, ngx_str_t *token);

/*
 * A new subject for somebody who is not known: NGX_COMMERCE_VIEWER_ANONYMOUS
 * bytes into out.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_commerce_viewer_anonymous(u_char *out);

/* 1 if the text may be a viewer's name, as his platform or an edge gives it */
ngx_uint_t ngx_commerce_viewer_valid(ngx_str_t *subject);


#endif /* _NGX_COMMERCE_VIEWER_H_INCLUDED_ */
