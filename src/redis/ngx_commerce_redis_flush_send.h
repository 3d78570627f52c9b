
/*
 * What a flush sends to Redis, and what becomes of it: calls, answers, rooms
 * that Redis does not take.
 */


#ifndef _NGX_COMMERCE_REDIS_FLUSH_SEND_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_FLUSH_SEND_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_flush_walk.h"
#include "ngx_commerce_stats.h"


/* rooms that are left alone for a while; with more of them all are */

#define NGX_COMMERCE_FLUSH_TROUBLES  64

/* ms until what was refused is tried again, doubled from then on */

#define NGX_COMMERCE_FLUSH_DELAY     1000


/* a room and show whose counts Redis doesn't take, e.g. of a wrong type */

typedef struct {
    u_char                         room[NGX_COMMERCE_NAME_MAX];
    size_t                         len;
    uint64_t                       show;
    ngx_msec_t                     until;
    ngx_msec_t                     delay;
    unsigned                       marked:1;  /* to be tried again */
    unsigned                       unsent:1;  /* something new was left */
} ngx_commerce_redis_flush_trouble_t;


typedef struct {
    ngx_commerce_tenant_t               *tenant;
    ngx_commerce_ledger_t               *ledger;

    ngx_queue_t                          batches;  /* calls under way */
    ngx_uint_t                           calls;
    ngx_uint_t                           due;      /* with something new */

    ngx_msec_t                           paused;   /* until then */
    ngx_msec_t                           pause;    /* how long; 0: no */
    ngx_commerce_redis_flush_trouble_t   troubles[NGX_COMMERCE_FLUSH_TROUBLES];
    ngx_uint_t                           ntroubles;

    ngx_str_t    argv[2 + 6 * NGX_COMMERCE_FLUSH_CELLS];
    u_char       text[128 * NGX_COMMERCE_FLUSH_CELLS];

    /* what happened since whoever looks at it has cleared it */
    unsigned     unsent:1;        /* something was not sent, or not taken */
    unsigned     lacking:1;       /* Redis lacked what it had acknowledged */
} ngx_commerce_redis_flush_send_t;


void ngx_commerce_redis_flush_send_init(ngx_commerce_redis_flush_send_t *send,
    ngx_commerce_tenant_t *tenant);

/* goes on with a walk, sending what is wanted, for a turn at most */
void ngx_commerce_redis_flush_send_turn(ngx_commerce_redis_flush_send_t *send,
    ngx_commerce_redis_flush_walk_t *walk);

/* 1 if nothing is to be sent for now: Redis takes no counts at all */
ngx_uint_t ngx_commerce_redis_flush_send_paused(
    ngx_commerce_redis_flush_send_t *send);

/* it may take them again: that is tried at once */
void ngx_commerce_redis_flush_send_try(ngx_commerce_redis_flush_send_t *send);

/* lets rooms that were left alone be tried again when it is time */
void ngx_commerce_redis_flush_send_retry(
    ngx_commerce_redis_flush_send_t *send);

/* 1 if something new was left alone with a room */
ngx_uint_t ngx_commerce_redis_flush_send_troubled(
    ngx_commerce_redis_flush_send_t *send);

/* no answer is of interest any more */
void ngx_commerce_redis_flush_send_cancel(
    ngx_commerce_redis_flush_send_t *send);


#endif /* _NGX_COMMERCE_REDIS_FLUSH_SEND_H_INCLUDED_ */
