
/*
 * What pins a product, or nothing, wherever it comes from.
 */


#ifndef _NGX_COMMERCE_REDIS_PIN_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_PIN_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/* are the first arguments, and one more if the show is known */
#define NGX_COMMERCE_REDIS_PIN_KEYS  5


typedef struct {
    ngx_str_t                room;
    ngx_str_t                match;        /* see parts/condition.lua */
    ngx_str_t                none_match;
    int64_t                  at;           /* ms */
    ngx_uint_t               asked;        /* was that; else: the present */
    ngx_str_t                product;      /* empty: nothing is pinned */
    ngx_commerce_card_t     *card;         /* of the product; or NULL */
    int64_t                  show;         /* that it will be in, as far as is
                                              known; 0: a node that holds the
                                              room keeps it with its show */
} ngx_commerce_redis_pin_t;


/*
 * The arguments of ngx_commerce_redis_script_pin: an array of ngx_str_t from
 * the pool, as is the card's text in them.  NULL: out of memory.  With a show,
 * the script may say that it is another, see its head.
 */
ngx_array_t *ngx_commerce_redis_pin_args(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_commerce_redis_pin_t *pin);


#endif /* _NGX_COMMERCE_REDIS_PIN_H_INCLUDED_ */
