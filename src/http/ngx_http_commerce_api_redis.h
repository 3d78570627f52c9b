
/*
 * Calls of Redis, their arguments and their answers.
 */


#ifndef _NGX_HTTP_COMMERCE_API_REDIS_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_REDIS_H_INCLUDED_


#include "ngx_http_commerce_api.h"
#include "ngx_commerce_redis_scripts.h"


/*
 * Asks Redis; step gets an answer that is neither missing nor an error.  Keys
 * come first among the arguments of a script.  Return NGX_DONE, or the result
 * of the refusal.
 */
ngx_int_t ngx_http_commerce_api_redis_command(ngx_http_commerce_api_t *api,
    ngx_array_t *args, ngx_http_commerce_api_step_pt step);
ngx_int_t ngx_http_commerce_api_redis_eval(ngx_http_commerce_api_t *api,
    ngx_commerce_redis_script_t *script, ngx_uint_t nkeys, ngx_array_t *args,
    ngx_http_commerce_api_step_pt step);

/*
 * Reads the first word of a script's answer, and answers the request if it
 * isn't "ok".  NGX_DECLINED: go on; there are at least n elements.
 */
ngx_int_t ngx_http_commerce_api_redis_verdict(ngx_http_commerce_api_t *api,
    redisReply *reply, size_t n);

/* answers that Redis said what makes no sense */
ngx_int_t ngx_http_commerce_api_redis_not_understood(
    ngx_http_commerce_api_t *api);

/* an element of an answer, empty if it is missing; the bytes are hiredis's */
ngx_str_t ngx_http_commerce_api_redis_text(redisReply *reply, size_t i);
int64_t ngx_http_commerce_api_redis_number(redisReply *reply, size_t i);


/*
 * The arguments of a command or script.  Out of memory is noticed in the end,
 * when they are sent: args may be NULL, and a pushed text may lack data.
 */
ngx_array_t *ngx_http_commerce_api_redis_args(ngx_http_commerce_api_t *api);
void ngx_http_commerce_api_redis_push(ngx_array_t *args, ngx_str_t *text);
void ngx_http_commerce_api_redis_push_literal(ngx_array_t *args,
    const char *text);
void ngx_http_commerce_api_redis_push_number(ngx_array_t *args, int64_t n);

/* push the key of the request's record; of a part of it if it is a room */
void ngx_http_commerce_api_redis_push_record(ngx_http_commerce_api_t *api,
    ngx_array_t *args);
void ngx_http_commerce_api_redis_push_part(ngx_http_commerce_api_t *api,
    ngx_array_t *args, const char *suffix);

/* push the channel of the record's changes */
void ngx_http_commerce_api_redis_push_channel(ngx_http_commerce_api_t *api,
    ngx_array_t *args);

/* push the conditions under which the record is to be written */
void ngx_http_commerce_api_redis_push_conditions(ngx_http_commerce_api_t *api,
    ngx_array_t *args);

/* 1 if nothing is missing */
ngx_uint_t ngx_http_commerce_api_redis_args_complete(ngx_array_t *args);


#endif /* _NGX_HTTP_COMMERCE_API_REDIS_H_INCLUDED_ */
