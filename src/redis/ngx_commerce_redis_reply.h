
/*
 * What a reply of Redis is, whatever bytes it was made of.
 */


#ifndef _NGX_COMMERCE_REDIS_REPLY_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_REPLY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <hiredis/hiredis.h>


/* 1 if a reply is an error (see ngx_commerce_redis_error.h); NULL is none */
ngx_uint_t ngx_commerce_redis_reply_is_error(redisReply *reply);

/* 1 if a reply is a string or a status; NULL is none */
ngx_uint_t ngx_commerce_redis_reply_is_text(redisReply *reply);


#endif /* _NGX_COMMERCE_REDIS_REPLY_H_INCLUDED_ */
