
/*
 * What a subscription is subscribed to: the channels of what the zone holds.
 */


#ifndef _NGX_COMMERCE_REDIS_SUBSCRIBE_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_SUBSCRIBE_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_conn.h"
#include "ngx_commerce_zone.h"


#define NGX_COMMERCE_REDIS_BATCH  500          /* records a tick */


struct ngx_commerce_redis_subscription_s {
    ngx_commerce_redis_conn_t   conn;
    ngx_commerce_timer_t        tick;

    ngx_uint_t                  acks;          /* still to come */
    ngx_uint_t                  channels;      /* subscribed to */
    ngx_msec_t                  beat;          /* PING was sent */
    ngx_msec_t                  polled;
    uint64_t                    poll_next;     /* of the live rooms */
    ngx_msec_t                  settled;       /* since then not behind */

    ngx_commerce_subscribe_t   *batch;

    unsigned                    held:1;        /* the lease was, at last tick */
    unsigned                    listening:1;
    unsigned                    beating:1;     /* the answer to PING is due */
    unsigned                    behind:1;      /* not all held is subscribed */
    unsigned                    last:1;        /* but all has been taken */
    unsigned                    again:1;       /* all is to be checked */
};


/* all that is held is to be subscribed to, and checked, once more */
void ngx_commerce_redis_subscribe_restart(
    ngx_commerce_redis_subscription_t *s);

/* subscribes to the next batch of what is not yet */
void ngx_commerce_redis_subscribe_advance(
    ngx_commerce_redis_subscription_t *s);

/* a batch is subscribed to, and its records are being loaded */
void ngx_commerce_redis_subscribe_settle(
    ngx_commerce_redis_subscription_t *s);

/* sends PING: the answer shows that the subscription is alive */
void ngx_commerce_redis_subscribe_beat(ngx_commerce_redis_subscription_t *s);

/* an answer is due soon */
void ngx_commerce_redis_subscribe_expect(
    ngx_commerce_redis_subscription_t *s);

/*
 * 1 if most channels are of records that are not held any more: what is
 * evicted is unsubscribed only if it changes.
 */
ngx_uint_t ngx_commerce_redis_subscribe_outgrown(
    ngx_commerce_redis_subscription_t *s);


#endif /* _NGX_COMMERCE_REDIS_SUBSCRIBE_H_INCLUDED_ */
