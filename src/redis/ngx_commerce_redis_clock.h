
/*
 * How far Redis's clock is from ours, by what TIME has answered.
 */


#ifndef _NGX_COMMERCE_REDIS_CLOCK_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CLOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <hiredis/hiredis.h>


#define NGX_COMMERCE_REDIS_CLOCK_LOOKS  8


typedef struct {
    int64_t                           offset;  /* us, Redis's clock - ours */
    int64_t                           trip;    /* us, of question and answer */
} ngx_commerce_redis_clock_look_t;


typedef struct {
    ngx_commerce_redis_clock_look_t   looks[NGX_COMMERCE_REDIS_CLOCK_LOOKS];
    ngx_uint_t                        n;       /* there have been */
} ngx_commerce_redis_clock_t;


/* TIME's answer, in us since the epoch; NGX_ERROR if it is none */
ngx_int_t ngx_commerce_redis_clock_parse(redisReply *reply, int64_t *us);

void ngx_commerce_redis_clock_add(ngx_commerce_redis_clock_t *clock,
    int64_t offset, int64_t trip);

/* the best of the last looks; NULL before the first */
ngx_commerce_redis_clock_look_t *ngx_commerce_redis_clock_best(
    ngx_commerce_redis_clock_t *clock);


#endif /* _NGX_COMMERCE_REDIS_CLOCK_H_INCLUDED_ */
