
/*
 * The lease on what a node does once (subscription, flush): one worker holds
 * it, another takes it within a second if that one dies or exits.
 */


#ifndef _NGX_COMMERCE_LEASE_H_INCLUDED_
#define _NGX_COMMERCE_LEASE_H_INCLUDED_


#include "ngx_commerce.h"


/* in the zone, see ngx_commerce_zone.h */

typedef struct {
    ngx_atomic_t             owner;        /* pid; 0: nobody */
    ngx_atomic_t             expires;      /* ngx_current_msec */
} ngx_commerce_lease_t;


/* in each worker, every 200 ms */
void ngx_commerce_lease_tick(ngx_commerce_tenant_t *tenant);

/* 1 if this worker holds it */
ngx_uint_t ngx_commerce_lease_held(ngx_commerce_tenant_t *tenant);

/* gives it up; does nothing if another has it */
void ngx_commerce_lease_release(ngx_commerce_tenant_t *tenant);


#endif /* _NGX_COMMERCE_LEASE_H_INCLUDED_ */
