
/*
 * A claim: one session of one worker wants to publish a room, alone.
 *
 * It is made at the source, so that of all nodes one has the room, and then by
 * a seat on this node, where the room's files are: who wrote them before has
 * to leave first.
 */


#ifndef _NGX_COMMERCE_CLAIM_H_INCLUDED_
#define _NGX_COMMERCE_CLAIM_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_seat.h"
#include "ngx_commerce_tenant.h"
#include "ngx_commerce_timer.h"
#include "ngx_commerce_watch.h"


/*
 * Called by the event loop, never from within the functions below:
 * NGX_COMMERCE_ALLOWED, the claim is granted, once; else why it is not, or not
 * any more, and it is not called again.  Either way the claim is there until
 * it is released, which may be done here.
 */

typedef void (*ngx_commerce_claim_pt)(void *data,
    ngx_commerce_reason_e reason);


typedef enum {
    NGX_COMMERCE_CLAIM_ASKED = 0,     /* the source is */
    NGX_COMMERCE_CLAIM_WAITS,         /* for the former writer to leave */
    NGX_COMMERCE_CLAIM_GRANTED,
    NGX_COMMERCE_CLAIM_OVER
} ngx_commerce_claim_state_e;


struct ngx_commerce_claim_s {

    /* for the source to read */

    ngx_commerce_tenant_t       *tenant;
    ngx_str_t                    room;
    ngx_str_t                    text;      /* NODE/SEAT, the room's holder */
    ngx_msec_t                   window;    /* see commerce_reconnect_window */
    ngx_msec_t                   asked;     /* ngx_current_msec */
    ngx_msec_t                   heard;     /* when the publisher was, last */

    /* for the source to write */

    int64_t                      show;      /* that it is of; 0: not known */

    /* private */

    ngx_pool_t                  *pool;
    void                        *sourced;   /* the source's part of it */
    ngx_commerce_claim_state_e   state;
    ngx_commerce_seat_id_t       seat;
    uint64_t                     order;     /* see ngx_commerce_seat.h */
    int64_t                      version;   /* of the room, when made */
    ngx_commerce_timer_t         timer;
    ngx_commerce_watch_t         seat_watch;
    ngx_commerce_watch_t         room_watch;
    ngx_commerce_claim_pt        handler;
    void                        *data;
    unsigned                     made:1;    /* at the source */
};


/*
 * Claims a room in place of whoever claimed it earlier.  A show that was seen
 * within the last `window` ms is continued.  NULL: out of memory, and the
 * handler is not called.
 */
ngx_commerce_claim_t *ngx_commerce_claim_take(ngx_commerce_tenant_t *tenant,
    ngx_str_t *room, ngx_msec_t window, ngx_commerce_claim_pt handler,
    void *data);

/* the publisher sent something: of two who want a room, that one has it */
void ngx_commerce_claim_heard(ngx_commerce_claim_t *claim);

/*
 * The session writes no more, or never did.  The claim is given up, and must
 * not be used any more.
 */
void ngx_commerce_claim_release(ngx_commerce_claim_t *claim);


/*
 * The source's side, see ngx_commerce_source_t.  The claim may be released
 * when these return.
 */

/*
 * It was made, or made again: at this version of the room, and when (us of the
 * source's clock).
 */
void ngx_commerce_claim_made(ngx_commerce_claim_t *claim, int64_t version,
    uint64_t order);

/* it could not be made so far, and it is tried again and again */
void ngx_commerce_claim_away(ngx_commerce_claim_t *claim);

/* another has the room */
void ngx_commerce_claim_lost(ngx_commerce_claim_t *claim,
    ngx_commerce_reason_e reason);


#endif /* _NGX_COMMERCE_CLAIM_H_INCLUDED_ */
