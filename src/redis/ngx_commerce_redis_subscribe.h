
/*
 * The node's subscription: a connection of the worker that holds the node's
 * duties, on which Redis tells what has changed of what the zone holds.
 */


#ifndef _NGX_COMMERCE_REDIS_SUBSCRIBE_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_SUBSCRIBE_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_conn.h"
#include "ngx_commerce_zone.h"


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


/* in each worker: it waits for the lease; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_redis_subscription_open(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);
void ngx_commerce_redis_subscription_close(ngx_commerce_tenant_t *tenant);

/* all that is held is to be subscribed to, and checked, once more */
void ngx_commerce_redis_subscription_restart(
    ngx_commerce_redis_subscription_t *s);

/* a batch is subscribed to, and its records are being loaded */
void ngx_commerce_redis_subscription_settle(
    ngx_commerce_redis_subscription_t *s);

/* what Redis sends on the subscription; see ngx_commerce_redis_owner_t */
ngx_int_t ngx_commerce_redis_subscription_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);


#endif /* _NGX_COMMERCE_REDIS_SUBSCRIBE_H_INCLUDED_ */
