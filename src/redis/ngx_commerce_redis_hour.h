
/*
 * An hour of a room's past, as hour_load.lua gives it.
 */


#ifndef _NGX_COMMERCE_REDIS_HOUR_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_HOUR_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_write.h"


/* the row's parser, see ngx_commerce_redis_record.h */
ngx_int_t ngx_commerce_redis_hour(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *reply, ngx_commerce_writer_t *w);


#endif /* _NGX_COMMERCE_REDIS_HOUR_H_INCLUDED_ */
