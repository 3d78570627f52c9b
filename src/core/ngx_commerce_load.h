
/*
 * The loads of a worker: who misses a record joins the load of it that is
 * under way, or begins one.  What it brings goes into the zone, unless newer
 * is there.
 */


#ifndef _NGX_COMMERCE_LOAD_H_INCLUDED_
#define _NGX_COMMERCE_LOAD_H_INCLUDED_


#include "ngx_commerce_store.h"


/*
 * NGX_AGAIN if wait was queued, NGX_ERROR otherwise, also if wait is NULL.
 * token: one was taken for the load; it is returned if the record exists.
 */
ngx_int_t ngx_commerce_load_start(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_wait_t *wait,
    ngx_uint_t token);

/* 1 if the record is being loaded */
ngx_uint_t ngx_commerce_load_under_way(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name);


#endif /* _NGX_COMMERCE_LOAD_H_INCLUDED_ */
