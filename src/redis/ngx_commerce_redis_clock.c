
#include "ngx_commerce_redis_clock.h"
#include "ngx_commerce_redis_reply.h"


/* the steady clock's and the wall clock's drift between two looks, us */
#define NGX_COMMERCE_REDIS_CLOCK_SLACK  2000


/* seconds and microseconds */

ngx_int_t
ngx_commerce_redis_clock_parse(redisReply *reply, int64_t *us)
{
    time_t       sec;
    ngx_int_t    usec;
    redisReply  *s, *u;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
        return NGX_ERROR;
    }

    s = reply->element[0];
    u = reply->element[1];

    if (!ngx_commerce_redis_reply_is_text(s)
        || !ngx_commerce_redis_reply_is_text(u))
    {
        return NGX_ERROR;
    }

    sec = ngx_atotm((u_char *) s->str, s->len);
    usec = ngx_atoi((u_char *) u->str, u->len);

    if (sec == NGX_ERROR || sec > NGX_MAX_INT_T_VALUE / 2000000
        || usec == NGX_ERROR || usec >= 1000000)
    {
        return NGX_ERROR;
    }

    *us = (int64_t) sec * 1000000 + usec;

    return NGX_OK;
}


/*
 * An offset is known to within half the time that question and answer took,
 * so the quickest of the last ones is taken.  One that can't be reconciled
 * with it means that a clock was set: then the old ones say nothing.
 */

void
ngx_commerce_redis_clock_add(ngx_commerce_redis_clock_t *clock,
    int64_t offset, int64_t trip)
{
    int64_t                           apart;
    ngx_commerce_redis_clock_look_t  *look;

    look = ngx_commerce_redis_clock_best(clock);

    if (look != NULL) {
        apart = offset - look->offset;

        if (ngx_abs(apart) > (trip + look->trip) / 2
                             + NGX_COMMERCE_REDIS_CLOCK_SLACK)
        {
            clock->n = 0;
        }
    }

    look = &clock->looks[clock->n++ % NGX_COMMERCE_REDIS_CLOCK_LOOKS];
    look->offset = offset;
    look->trip = trip;
}


ngx_commerce_redis_clock_look_t *
ngx_commerce_redis_clock_best(ngx_commerce_redis_clock_t *clock)
{
    ngx_uint_t                        i, n;
    ngx_commerce_redis_clock_look_t  *best;

    if (clock->n == 0) {
        return NULL;
    }

    best = &clock->looks[0];
    n = ngx_min(clock->n, NGX_COMMERCE_REDIS_CLOCK_LOOKS);

    for (i = 1; i < n; i++) {
        if (clock->looks[i].trip < best->trip) {
            best = &clock->looks[i];
        }
    }

    return best;
}
