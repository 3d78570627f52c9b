
/*
 * A room's claim in Redis: taken, renewed, released.
 */


#ifndef _NGX_COMMERCE_REDIS_CLAIM_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CLAIM_H_INCLUDED_


#include "ngx_commerce_claim.h"


/* the source's side of claims, see ngx_commerce_source_t */

void *ngx_commerce_redis_claim(ngx_commerce_claim_t *owner);
void ngx_commerce_redis_claim_release(void *claim);

/* the worker exits: what Redis has not heard of by now runs out there */
void ngx_commerce_redis_claim_close(ngx_commerce_tenant_t *tenant);


#endif /* _NGX_COMMERCE_REDIS_CLAIM_H_INCLUDED_ */
