
/*
 * Who may: one pure function.  No I/O, no clock, no nginx event loop, no
 * allocation (but of a JWT's verification): everything it weighs is in its
 * argument.
 */


#ifndef _NGX_COMMERCE_DECIDE_H_INCLUDED_
#define _NGX_COMMERCE_DECIDE_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_jwt.h"
#include "ngx_commerce_login.h"
#include "ngx_commerce_record.h"
#include "ngx_commerce_token.h"
#include "ngx_commerce_url.h"


/*
 * What a publisher was let in by: he keeps it, and it is asked for as long as he
 * stays.  Any proof holds while the room is the host's who brought it, and a
 * key while it is the room's.
 */

typedef struct {
    ngx_uint_t              proof;        /* NGX_COMMERCE_PROOF_…; 0: none */
    ngx_str_t               host;         /* the bytes are the keeper's */
    u_char                  key[32];      /* SHA-256, if that is the proof */
} ngx_commerce_grant_t;


/* what came of looking a room or host up, as NGX_OK, … of the store */

typedef struct {
    ngx_commerce_action_e     action;
    int64_t                   now;          /* ms since the epoch */

    ngx_int_t                 room_rc;      /* NGX_OK, NGX_DECLINED, NGX_BUSY,
                                               NGX_ERROR: the store is away */
    ngx_commerce_room_t      *room;
    ngx_int_t                 host_rc;
    ngx_commerce_host_t      *host;

    /* to publish */

    ngx_uint_t                proofs;       /* accepted */
    ngx_array_t              *secrets;      /* of ngx_str_t, or NULL */

    ngx_str_t                 key;          /* presented; empty: none */
    ngx_str_t                 token;
    ngx_commerce_jwt_keys_t  *jwt_keys;     /* NULL: none */
    ngx_str_t                 jwt;
    int64_t                   skew;         /* ms; see ngx_commerce_times_t */
    ngx_commerce_login_t      login;
    ngx_array_t              *signed_urls;  /* see ngx_commerce_url.h */
    ngx_commerce_url_t        url;          /* args empty: none; its stream is
                                               the room, whatever it says */
    ngx_commerce_grant_t     *grant;        /* proof 0: to be set, but for host;
                                               else it is the proof */

    /* to view; claims are verified and judged, in the order of their places */

    ngx_commerce_claims_t    *claims;
    ngx_uint_t                nclaims;
    ngx_commerce_reason_e     no_claims;    /* why there are none; 0:
                                               nothing was shown */

    ngx_int_t                 out_rc;       /* not asked for without claims */
    ngx_commerce_out_t       *out;

    ngx_int_t                 follows;      /* the host, of claim's subject:
                                               NGX_OK, NGX_DECLINED, NGX_ERROR:
                                               the store is away, NGX_AGAIN:
                                               not asked */

    ngx_commerce_claims_t    *claim;        /* set: what let him in, or all but;
                                               NULL: anybody may */
    ngx_uint_t                asks_follows; /* set: what is to be asked, and
                                               then decided anew */
} ngx_commerce_question_t;


/*
 * Of a viewer's claims the first that suffices lets him in.  A public room needs
 * none; but who has claims that are void is refused there, too.
 *
 * What follows says is good for this question alone: with other claims, or
 * after a wait, it is NGX_AGAIN first.
 */
ngx_commerce_reason_e ngx_commerce_decide(ngx_commerce_question_t *q);

/*
 * The host's part of it alone (host_rc, host, now), for when nothing is known
 * of the room.
 */
ngx_commerce_reason_e ngx_commerce_decide_host(ngx_commerce_question_t *q);

/*
 * The reason that fits the outcome of a look-up: NGX_OK → ALLOWED,
 * NGX_DECLINED → the kind's UNKNOWN, NGX_BUSY → TOO_MANY_UNKNOWN,
 * NGX_ERROR → STORE_AWAY.
 */
ngx_commerce_reason_e ngx_commerce_decide_outcome(ngx_commerce_kind_e kind,
    ngx_int_t rc);


#endif /* _NGX_COMMERCE_DECIDE_H_INCLUDED_ */
