
/*
 * The periods of a room's stream, as Redis has them in a sorted set: texts of
 * six numbers, "NUMBER AT BEGAN EPOCH SHIFT FRAME" (see ngx_commerce_period_t).
 */


#ifndef _NGX_COMMERCE_REDIS_PERIOD_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_PERIOD_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/* that a node sees of a room: more than a playlist holds */
#define NGX_COMMERCE_REDIS_PERIODS_MAX  32


/*
 * Sets a room's periods from a list of texts, from the last one on; what is
 * none is left out.  NGX_OK, or NGX_ERROR: out of memory.
 */
ngx_int_t ngx_commerce_redis_period_read(ngx_pool_t *pool, redisReply *list,
    ngx_commerce_room_t *room);


#endif /* _NGX_COMMERCE_REDIS_PERIOD_H_INCLUDED_ */
