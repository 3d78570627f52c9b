
/*
 * The spotlights of the rooms that the node holds, as the worker sees them
 * that holds the node's duties: what was taken down leaves them.
 */


#ifndef _NGX_COMMERCE_REDIS_SPOTLIGHT_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_SPOTLIGHT_H_INCLUDED_


#include "ngx_commerce_redis.h"


/* in each worker: it waits for the lease; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_redis_spotlight_start(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);

/* a room that is held from now on; nothing if it is known, or out of memory */
void ngx_commerce_redis_spotlight_add(ngx_commerce_tenant_t *tenant,
    ngx_str_t *room);

/* forgets all rooms: those that are held are added anew */
void ngx_commerce_redis_spotlight_forget(ngx_commerce_tenant_t *tenant);


#endif /* _NGX_COMMERCE_REDIS_SPOTLIGHT_H_INCLUDED_ */
