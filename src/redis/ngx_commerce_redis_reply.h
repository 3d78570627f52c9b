
/*
 * What a reply of Redis is, whatever bytes it was made of.
 */


#ifndef _NGX_COMMERCE_REDIS_REPLY_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_REPLY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <hiredis/hiredis.h>


/*
 * 1 if a reply is an error that begins with the code, e.g. "NOSCRIPT"; with
 * code NULL, if it is any error.
 */
ngx_uint_t ngx_commerce_redis_is_error(redisReply *reply, const char *code);

/* 1 if a reply is a string or a status; NULL is none */
ngx_uint_t ngx_commerce_redis_is_text(redisReply *reply);

/*
 * The text of an error reply as it may stand in a log line: cut, control
 * bytes replaced.  buf is the caller's.
 */
#define NGX_COMMERCE_REDIS_TEXT_MAX  200

ngx_str_t ngx_commerce_redis_error_text(redisReply *reply, u_char *buf);


#endif /* _NGX_COMMERCE_REDIS_REPLY_H_INCLUDED_ */
