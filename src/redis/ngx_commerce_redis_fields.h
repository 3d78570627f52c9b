
/*
 * The fields of a flat list of names and values, as HGETALL and XRANGE give
 * it, and the complaint about what is wrong with them.
 */


#ifndef _NGX_COMMERCE_REDIS_FIELDS_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_FIELDS_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/* 1 if a reply is such a list, of strings alone; it may be empty */
ngx_uint_t ngx_commerce_redis_fields_valid(redisReply *reply);

/* 1 if the list has the field; the value's bytes are the list's */
ngx_uint_t ngx_commerce_redis_fields_get(redisReply *hash, const char *field,
    ngx_str_t *value);

/* cleaned for cards; empty if it is missing */
ngx_str_t ngx_commerce_redis_fields_text(ngx_pool_t *pool, redisReply *hash,
    const char *field);

/* decimal digits; empty if it is missing or no number */
ngx_str_t ngx_commerce_redis_fields_digits(redisReply *hash, const char *field);

/* 0 if it is missing or no number */
int64_t ngx_commerce_redis_fields_number(redisReply *hash, const char *field);

/* as digits; what is no number is left out, and logged as "what" says */
ngx_str_t ngx_commerce_redis_fields_amount(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *hash,
    const char *field, const char *what);

/*
 * The index of "state" in a list of words, or otherwise; a word that is not
 * among them is logged.
 */
ngx_int_t ngx_commerce_redis_fields_state(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *hash,
    ngx_str_t *words, ngx_int_t otherwise);

/* logs, if it was not done lately, that something is wrong with a record */
void ngx_commerce_redis_fields_complain(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, const char *what,
    const char *why);


#endif /* _NGX_COMMERCE_REDIS_FIELDS_H_INCLUDED_ */
