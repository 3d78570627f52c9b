
/*
 * The conf of `redis` in one commerce {} block, and what a worker has there.
 */


#ifndef _NGX_COMMERCE_REDIS_CONF_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CONF_H_INCLUDED_


#include "ngx_commerce_redis.h"


typedef struct ngx_commerce_redis_client_s        ngx_commerce_redis_client_t;
typedef struct ngx_commerce_redis_subscription_s
                                            ngx_commerce_redis_subscription_t;
typedef struct ngx_commerce_redis_spotlight_s  ngx_commerce_redis_spotlight_t;


typedef struct {
    ngx_commerce_redis_connected_pt     handler;
    void                               *data;
} ngx_commerce_redis_connected_t;


typedef struct {
    ngx_addr_t                         *addrs;
    ngx_uint_t                          naddrs;

    ngx_str_t                           address;   /* as configured */
    ngx_str_t                           user;
    ngx_str_t                           password;
    ngx_uint_t                          db;
    ngx_msec_t                          timeout;
    ngx_msec_t                          connect_timeout;
    ngx_msec_t                          heartbeat;
    ngx_flag_t                          renew;     /* cues, with their cards */

    ngx_array_t                        *connected; /* hooks */

    unsigned                            set:1;     /* the directive was there */

    /* a worker's; NULL in other processes */
    ngx_commerce_redis_client_t        *client;
    ngx_commerce_redis_subscription_t  *subscription;
    ngx_commerce_redis_spotlight_t     *spotlight;
    ngx_queue_t                         released;  /* claims, not yet in
                                                      Redis */
    ngx_queue_t                         closed;    /* publishes, likewise */
} ngx_commerce_redis_conf_t;


#define ngx_commerce_redis_conf(tenant)                                       \
    ((ngx_commerce_redis_conf_t *)                                            \
         ngx_commerce_get_conf(tenant, ngx_commerce_redis_module))


#endif /* _NGX_COMMERCE_REDIS_CONF_H_INCLUDED_ */
