
/*
 * A room's live claim in Redis: taken, renewed, released.
 *
 * The claim lives longer than the session that holds it, since its release
 * has to reach Redis: it frees itself.
 */


#ifndef _NGX_COMMERCE_REDIS_CLAIM_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CLAIM_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_seat.h"


typedef enum {
    NGX_COMMERCE_REDIS_CLAIM_ASKED = 0,    /* the first answer is due */
    NGX_COMMERCE_REDIS_CLAIM_HELD,
    NGX_COMMERCE_REDIS_CLAIM_AWAY,         /* no claim could be made so far; */
                                          /* it is tried again and again */
    NGX_COMMERCE_REDIS_CLAIM_LOST          /* another has the room */
} ngx_commerce_redis_claim_state_e;


#define NGX_COMMERCE_REDIS_CLAIM_KEYS  4


/* the first four are as in ngx_connection_t, for the timer's debug log */

typedef struct {
    ngx_commerce_redis_call_t        *call;
    ngx_pool_t                       *pool;
    ngx_commerce_tenant_t            *tenant;
    ngx_int_t                         ident;

    ngx_commerce_redis_claim_state_e   state;
    ngx_commerce_reason_e             reason;     /* why it was lost */
    ngx_str_t                         text;       /* the room's "live" */
    int64_t                           version;    /* of the room, claimed */
    uint64_t                          order;      /* see ngx_commerce_seat.h; */
                                                  /* 0: was not made so far */

    ngx_str_t                         room;
    ngx_str_t                         keys[NGX_COMMERCE_REDIS_CLAIM_KEYS];
    ngx_str_t                         channel;
    ngx_str_t                         window;     /* ms, decimal */
    int64_t                           show;       /* that may begin, */
    unsigned                          told:1;     /* as Redis said */
    ngx_msec_t                        asked;      /* ngx_current_msec */
    ngx_msec_t                        heard;
    ngx_event_t                       event;
    ngx_uint_t                        releases;
    ngx_queue_t                       queue;      /* of those released */
    unsigned                          released:1;
    unsigned                          claimed:1;  /* Redis may have it */
    unsigned                          complained:1;
} ngx_commerce_redis_claim_t;


/*
 * Claims a room in place of whoever asked for it earlier, and goes on trying
 * until it is released.  A show that was seen within the last `window` ms is
 * continued.  NULL: out of memory.
 */
ngx_commerce_redis_claim_t *ngx_commerce_redis_claim_make(
    ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_seat_id_t id, ngx_msec_t window);

/* gives the claim up; it must not be used any more */
void ngx_commerce_redis_claim_release(ngx_commerce_redis_claim_t *claim);

/* the worker exits: what Redis has not heard of by now runs out there */
void ngx_commerce_redis_claim_close(ngx_commerce_tenant_t *tenant);

/* the publisher sent something: of two who want a room, that one has it */
void ngx_commerce_redis_claim_heard(ngx_commerce_redis_claim_t *claim);

/*
 * 1 if the room's record, as read from Redis, says that another has the
 * room.  A record older than the claim says nothing.
 */
ngx_uint_t ngx_commerce_redis_claim_moved(ngx_commerce_redis_claim_t *claim,
    ngx_commerce_room_t *room);


#endif /* _NGX_COMMERCE_REDIS_CLAIM_H_INCLUDED_ */
