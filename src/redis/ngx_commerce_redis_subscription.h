
/*
 * The node's subscription: a connection of the worker that holds the node's
 * duties, on which Redis tells what has changed of what the zone holds.
 */


#ifndef _NGX_COMMERCE_REDIS_SUBSCRIPTION_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_SUBSCRIPTION_H_INCLUDED_


#include "ngx_commerce_redis.h"


/* in each worker: it waits for the lease; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_redis_subscription_open(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);
void ngx_commerce_redis_subscription_close(ngx_commerce_tenant_t *tenant);


#endif /* _NGX_COMMERCE_REDIS_SUBSCRIPTION_H_INCLUDED_ */
