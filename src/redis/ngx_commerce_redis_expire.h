
/*
 * Rooms whose show runs, as far as this node knows, but whose claim ran out.
 */


#ifndef _NGX_COMMERCE_REDIS_EXPIRE_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_EXPIRE_H_INCLUDED_


#include "ngx_commerce_redis.h"


/*
 * Asks from now on, in the worker that holds the node's duties, every ten
 * seconds.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_commerce_redis_expire_start(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);


#endif /* _NGX_COMMERCE_REDIS_EXPIRE_H_INCLUDED_ */
