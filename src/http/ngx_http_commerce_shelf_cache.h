
/*
 * Shelves as they were written lately, in each worker.  What is kept tells by
 * the counters of all that it was made of whether it is still true.
 */


#ifndef _NGX_HTTP_COMMERCE_SHELF_CACHE_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_SHELF_CACHE_H_INCLUDED_


#include "ngx_http_commerce_module.h"


/* bytes of all that a worker keeps; what was used longest ago goes first */
#define NGX_HTTP_COMMERCE_SHELF_CACHE_SIZE   (8 * 1024 * 1024)

/* bytes of one shelf that is kept */
#define NGX_HTTP_COMMERCE_SHELF_CACHE_ENTRY                                   \
    (NGX_HTTP_COMMERCE_SHELF_CACHE_SIZE / 8)

/* ms after which products are looked up again, as they may have become old */
#define NGX_HTTP_COMMERCE_SHELF_CACHE_TIME   1000


typedef struct ngx_http_commerce_shelf_cache_s  ngx_http_commerce_shelf_cache_t;


/* a product of the shelf: as long as the counter is the same, so is he */

typedef struct {
    ngx_atomic_t                       *counter;
    ngx_atomic_uint_t                   seen;
    uint64_t                            serial;   /* 0: he is left out */
} ngx_http_commerce_shelf_product_t;


/*
 * What a shelf was made of.  The cue is the room's, of the copy with that
 * serial, or NULL.
 */

typedef struct {
    ngx_commerce_tenant_t              *tenant;
    ngx_commerce_room_t                *room;
    ngx_commerce_cue_t                 *cue;
    ngx_http_commerce_shelf_product_t  *products;   /* room->nshelf of them */
} ngx_http_commerce_shelf_source_t;


typedef struct {
    ngx_str_t                           text;
    ngx_str_t                           etag;
} ngx_http_commerce_shelf_output_t;


/*
 * An empty cache; it goes with the pool, what it keeps is on the heap.
 * NULL: out of memory.
 */
ngx_http_commerce_shelf_cache_t *ngx_http_commerce_shelf_cache_create(
    ngx_pool_t *pool);

/*
 * What was written of the room and cue, if all its products were looked up a
 * moment ago and none has changed since: source->products is not asked for.
 * The output is there until pool is destroyed.
 * NGX_OK; NGX_DECLINED: there is none; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_commerce_shelf_cache_find(
    ngx_http_commerce_shelf_cache_t *cache,
    ngx_http_commerce_shelf_source_t *source, ngx_pool_t *pool,
    ngx_http_commerce_shelf_output_t *output);

/* the same by the products that source has: they were looked up now */
ngx_int_t ngx_http_commerce_shelf_cache_same(
    ngx_http_commerce_shelf_cache_t *cache,
    ngx_http_commerce_shelf_source_t *source, ngx_pool_t *pool,
    ngx_http_commerce_shelf_output_t *output);

/*
 * Keeps a copy of the output, in place of the room's former one.  If it is too
 * large, or memory is out, it is not kept.
 */
void ngx_http_commerce_shelf_cache_add(ngx_http_commerce_shelf_cache_t *cache,
    ngx_http_commerce_shelf_source_t *source,
    ngx_http_commerce_shelf_output_t *output);


#endif /* _NGX_HTTP_COMMERCE_SHELF_CACHE_H_INCLUDED_ */
