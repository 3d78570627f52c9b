
/*
 * The periods of a publish: a period is a stretch of it in one clock and
 * without a gap.  What is written of one never changes; but its end is told.
 */


#ifndef _NGX_COMMERCE_REDIS_PUBLISH_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_PUBLISH_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


typedef struct ngx_commerce_redis_publish_s  ngx_commerce_redis_publish_t;


/* of a publish that has this claim; NULL: out of memory */
ngx_commerce_redis_publish_t *ngx_commerce_redis_publish_open(
    ngx_commerce_tenant_t *tenant, ngx_str_t *room, ngx_str_t *claim);

/*
 * A period begins: Redis gives it number and shift.  It is tried to write it as
 * long as the publish goes on.  former_ended (ms) is the date at which the one
 * before it ended, if the publish had one.
 */
void ngx_commerce_redis_publish_begin(ngx_commerce_redis_publish_t *publish,
    ngx_commerce_period_t *period, int64_t former_ended);

/*
 * The publish is over: its last period, if it had any, ended at this date
 * (ms).  Nobody waits for what is still to be written, and the publish must not
 * be used any more.
 */
void ngx_commerce_redis_publish_close(ngx_commerce_redis_publish_t *publish,
    int64_t ended);

/* the worker exits: what Redis has not heard of by now is lost */
void ngx_commerce_redis_publish_exit(ngx_commerce_tenant_t *tenant);


#endif /* _NGX_COMMERCE_REDIS_PUBLISH_H_INCLUDED_ */
