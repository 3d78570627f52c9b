
/*
 * A cue, and a product's card, as Redis has them.  Texts are from the pool, or
 * point into the reply.
 */


#ifndef _NGX_COMMERCE_REDIS_CUE_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CUE_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/*
 * Reads an entry of XRANGE into a cue that is zeroed.  NGX_OK, or NGX_DECLINED:
 * it is none; if it has no time, that is logged.
 */
ngx_int_t ngx_commerce_redis_cue(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, redisReply *entry,
    ngx_commerce_cue_t *cue);

/*
 * Reads cues as shows keep them: entries as of XRANGE, by at, which stays as it
 * is.  Those that are none are left out.  NGX_OK, or NGX_ERROR: out of memory.
 */
ngx_int_t ngx_commerce_redis_cue_list(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, redisReply *list,
    ngx_commerce_cue_t **cues, ngx_uint_t *ncues);

/*
 * The card that a list of fields has, but for the product's name; kind and name
 * say in the log whose card it is.
 */
void ngx_commerce_redis_cue_card(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, redisReply *hash, ngx_commerce_kind_e kind,
    ngx_str_t *name, ngx_commerce_card_t *card);


#endif /* _NGX_COMMERCE_REDIS_CUE_H_INCLUDED_ */
