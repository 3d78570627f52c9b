
/*
 * What pins a product, or nothing, wherever it comes from.
 */


#ifndef _NGX_COMMERCE_REDIS_PIN_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_PIN_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


#define NGX_COMMERCE_REDIS_PIN_KEYS  5     /* are the first arguments */


typedef struct {
    ngx_str_t                room;
    ngx_str_t                match;        /* see parts/condition.lua */
    ngx_str_t                none_match;
    int64_t                  at;           /* ms */
    ngx_uint_t               asked;        /* was that; else: the present */
    ngx_str_t                product;      /* empty: nothing is pinned */
    ngx_commerce_card_t     *card;         /* of the product; or NULL */
} ngx_commerce_redis_pin_t;


/*
 * The arguments of ngx_commerce_redis_script_pin: an array of ngx_str_t from
 * the pool.  NULL: out of memory.
 */
ngx_array_t *ngx_commerce_redis_pin_args(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_commerce_redis_pin_t *pin);


#endif /* _NGX_COMMERCE_REDIS_PIN_H_INCLUDED_ */
