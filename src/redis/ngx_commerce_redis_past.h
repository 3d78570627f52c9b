
/*
 * Asks for hours of a room's past: for the cues that its shows keep, and for its
 * periods.
 */


#ifndef _NGX_COMMERCE_REDIS_PAST_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_PAST_H_INCLUDED_


#include "ngx_commerce_redis.h"


/*
 * Asks for an hour by hour_load.lua.  Which shows there were is not known at
 * first, so that shows is NULL: then the answer is of whose cues to ask.  NULL:
 * it can't be asked now.
 */
ngx_commerce_redis_call_t *ngx_commerce_redis_past(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *shows,
    ngx_commerce_redis_handler_pt handler, void *data);

/* 1 if the answer is that: it is to be asked again, with it as shows */
ngx_uint_t ngx_commerce_redis_past_is_of_shows(redisReply *reply);


#endif /* _NGX_COMMERCE_REDIS_PAST_H_INCLUDED_ */
