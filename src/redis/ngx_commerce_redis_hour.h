
/*
 * Hours of a room's past, of the cues that its shows keep and of its periods.
 */


#ifndef _NGX_COMMERCE_REDIS_HOUR_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_HOUR_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/*
 * Asks for an hour by hour_load.lua.  Which shows there were is not known at
 * first, so that shows is NULL: then the answer is of whose cues to ask.  NULL:
 * it can't be asked now.
 */
ngx_commerce_redis_call_t *ngx_commerce_redis_hour_ask(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *shows,
    ngx_commerce_redis_handler_pt handler, void *data);

/* 1 if the answer is that: it is to be asked again, with it as shows */
ngx_uint_t ngx_commerce_redis_hour_is_of_shows(redisReply *reply);

/* the row's parser, see ngx_commerce_redis_record.h */
ngx_int_t ngx_commerce_redis_hour(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *reply, ngx_commerce_writer_t *w);


#endif /* _NGX_COMMERCE_REDIS_HOUR_H_INCLUDED_ */
