
/*
 * Cues that are not kept with their shows yet: whoever writes a room's cues
 * directly need not do it.
 */


#ifndef _NGX_COMMERCE_REDIS_KEEP_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_KEEP_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/*
 * Has Redis keep the cues of a room, whose "unkept" is not empty, by
 * cues_keep.lua; the handler gets its answer.  If that is an array, the same is
 * to be asked again with it as shows, which is NULL at first.  NULL: it can't be
 * asked now.
 */
ngx_commerce_redis_call_t *ngx_commerce_redis_keep(
    ngx_commerce_tenant_t *tenant, ngx_commerce_room_t *room,
    redisReply *shows, ngx_commerce_redis_handler_pt handler, void *data);

/*
 * The key of the cues that a show keeps; from the pool, data is NULL if out of
 * memory.
 */
ngx_str_t ngx_commerce_redis_keep_key(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, int64_t show);


#endif /* _NGX_COMMERCE_REDIS_KEEP_H_INCLUDED_ */
