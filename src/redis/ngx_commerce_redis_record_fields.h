
/*
 * The fields of a flat list of names and values, as HGETALL and XRANGE give
 * it.
 */


#ifndef _NGX_COMMERCE_REDIS_RECORD_FIELDS_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_RECORD_FIELDS_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/* 1 if a reply is such a list, of strings alone; it may be empty */
ngx_uint_t ngx_commerce_redis_is_hash(redisReply *reply);

/* 1 if the list has the field; the value's bytes are the list's */
ngx_uint_t ngx_commerce_redis_field(redisReply *hash, const char *field,
    ngx_str_t *value);

/* cleaned for cards; empty if it is missing */
ngx_str_t ngx_commerce_redis_text(ngx_pool_t *pool, redisReply *hash,
    const char *field);

/* decimal digits; empty if it is missing or no number */
ngx_str_t ngx_commerce_redis_digits(redisReply *hash, const char *field);

/* 0 if it is missing or no number */
int64_t ngx_commerce_redis_number(redisReply *hash, const char *field);


#endif /* _NGX_COMMERCE_REDIS_RECORD_FIELDS_H_INCLUDED_ */
