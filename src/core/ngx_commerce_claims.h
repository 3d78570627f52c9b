
/*
 * Claims: what somebody says of himself, once its signature was found right.
 * A viewer's token, a JWT and a cloud's signed URL all come down to this.
 */


#ifndef _NGX_COMMERCE_CLAIMS_H_INCLUDED_
#define _NGX_COMMERCE_CLAIMS_H_INCLUDED_


#include "ngx_commerce.h"


/* what may be asked for: a proof is made for one of these */

typedef enum {
    NGX_COMMERCE_ACTION_PUBLISH = 0,
    NGX_COMMERCE_ACTION_VIEW,
    NGX_COMMERCE_ACTIONS
} ngx_commerce_action_e;


/* what a proof is, as a bit mask: which are accepted, which one was brought */

#define NGX_COMMERCE_PROOF_KEY    0x02
#define NGX_COMMERCE_PROOF_TOKEN  0x04
#define NGX_COMMERCE_PROOF_LOGIN  0x08
#define NGX_COMMERCE_PROOF_JWT    0x10
#define NGX_COMMERCE_PROOF_URL    0x20   /* signed as a cloud does it */


typedef struct {
    ngx_uint_t              proof;     /* one of those */
    ngx_commerce_action_e   action;
    ngx_str_t               room;      /* empty: of no room, an identity */
    ngx_str_t               subject;   /* empty: nobody in particular */
    int64_t                 issued;    /* ms since the epoch; 0: not known */
    int64_t                 expires;   /* ms */
    ngx_str_t               token;     /* of a session: as it came */
    unsigned                session:1; /* an edge made it, from other claims */
} ngx_commerce_claims_t;


/* how much of time claims may take; all ms */

typedef struct {
    int64_t                 now;
    int64_t                 skew;      /* clocks differ by that at most */
    int64_t                 viewer_max;  /* a viewer's proof lasts at most */
} ngx_commerce_times_t;


/*
 * What may be said of claims without a look at their signature, and has to be
 * said again at each use of what was verified before: for another action or
 * room, too early, too late, or too long.  room may be NULL: any.
 * NGX_COMMERCE_ALLOWED, or why not.
 */
ngx_commerce_reason_e ngx_commerce_claims_judge(ngx_commerce_claims_t *claims,
    ngx_commerce_action_e action, ngx_str_t *room,
    ngx_commerce_times_t *times);


#endif /* _NGX_COMMERCE_CLAIMS_H_INCLUDED_ */
