
/*
 * What is pinned in a room now, or to come, and whether it may be.
 */


#ifndef _NGX_COMMERCE_REDIS_PINNED_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_PINNED_H_INCLUDED_


#include "ngx_commerce_record.h"
#include "ngx_commerce_tenant.h"


/* whether a product may be in the spotlight; the words are the script's */

typedef enum {
    NGX_COMMERCE_REDIS_SHOWN = 0,
    NGX_COMMERCE_REDIS_SHOWN_UNKNOWN,
    NGX_COMMERCE_REDIS_SHOWN_IF_ON_SHELF,
    NGX_COMMERCE_REDIS_SHOWN_NOT
} ngx_commerce_redis_shown_e;


typedef struct {
    ngx_str_t                        product;
    ngx_str_t                        cue;        /* its ID */
    ngx_atomic_t                    *counter;    /* the product's */
    ngx_atomic_uint_t                seen;
    ngx_commerce_redis_shown_e       shown;
    unsigned                         known:1;    /* it was there once */
} ngx_commerce_redis_shown_t;


typedef struct {
    ngx_pool_t                      *pool;       /* of all of it; NULL: empty */
    ngx_commerce_redis_shown_t      *elts;
    ngx_uint_t                       n;
} ngx_commerce_redis_pinned_t;


/*
 * Reads of a room's cues those from first on.  What was pinned before, and was
 * known to be a product, counts as taken down if it is none any more.  NGX_OK;
 * or NGX_ERROR, out of memory: then all is as it was.
 */
ngx_int_t ngx_commerce_redis_pinned(ngx_commerce_redis_pinned_t *pinned,
    ngx_commerce_tenant_t *tenant, ngx_commerce_room_t *room,
    ngx_uint_t first);


#endif /* _NGX_COMMERCE_REDIS_PINNED_H_INCLUDED_ */
