
/*
 * The client of a worker: the nodes of Redis, and which of them has a key.
 * Today there is one, which has them all.
 */


#ifndef _NGX_COMMERCE_REDIS_CLIENT_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CLIENT_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_node.h"


struct ngx_commerce_redis_client_s {
    ngx_commerce_redis_node_t  node;
};


/* in each worker; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_redis_client_open(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);
void ngx_commerce_redis_client_close(ngx_commerce_tenant_t *tenant);

/*
 * 1 if all nodes are there, and have answered everything that they were asked
 * until then (ngx_current_msec)
 */
ngx_uint_t ngx_commerce_redis_client_answered(ngx_commerce_tenant_t *tenant,
    ngx_msec_t then);


#endif /* _NGX_COMMERCE_REDIS_CLIENT_H_INCLUDED_ */
