
#include "ngx_commerce_redis_period.h"


#define NGX_COMMERCE_REDIS_PERIOD_NUMBERS  6


static ngx_int_t ngx_commerce_redis_period_one(redisReply *text,
    ngx_commerce_period_t *period);
static ngx_int_t ngx_commerce_redis_period_numbers(u_char *p, u_char *last,
    int64_t *numbers);


ngx_int_t
ngx_commerce_redis_period_read(ngx_pool_t *pool, redisReply *list,
    ngx_commerce_room_t *room)
{
    size_t                  i;
    ngx_commerce_period_t  *period;

    room->periods = ngx_palloc(pool, (list->elements + 1)
                                     * sizeof(ngx_commerce_period_t));
    if (room->periods == NULL) {
        return NGX_ERROR;
    }

    for (i = list->elements; i > 0; i--) {
        period = &room->periods[room->nperiods];

        if (ngx_commerce_redis_period_one(list->element[i - 1], period)
            == NGX_OK
            && (room->nperiods == 0 || period->at > period[-1].at))
        {
            room->nperiods++;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_period_one(redisReply *text, ngx_commerce_period_t *period)
{
    u_char   *p;
    int64_t   numbers[NGX_COMMERCE_REDIS_PERIOD_NUMBERS];

    if (text->type != REDIS_REPLY_STRING) {
        return NGX_DECLINED;
    }

    p = (u_char *) text->str;

    if (ngx_commerce_redis_period_numbers(p, p + text->len, numbers)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    period->number = (uint64_t) numbers[0];
    period->at = numbers[1];
    period->began = numbers[2];
    period->epoch = numbers[3];
    period->shift = numbers[4];
    period->frame = numbers[5];

    return NGX_OK;
}


/* a minus may stand before each; NGX_OK or NGX_DECLINED */

static ngx_int_t
ngx_commerce_redis_period_numbers(u_char *p, u_char *last, int64_t *numbers)
{
    u_char      *end;
    ngx_int_t    n;
    ngx_uint_t   i, negative;

    for (i = 0; i < NGX_COMMERCE_REDIS_PERIOD_NUMBERS; i++) {

        negative = (p < last && *p == '-');
        p += negative;

        end = ngx_strlchr(p, last, ' ');

        if ((end == NULL) != (i == NGX_COMMERCE_REDIS_PERIOD_NUMBERS - 1)) {
            return NGX_DECLINED;
        }

        if (end == NULL) {
            end = last;
        }

        /* times of a year below 5000: sums of them don't overflow */

        if (end - p > 14) {
            return NGX_DECLINED;
        }

        n = ngx_atoi(p, end - p);

        if (n == NGX_ERROR) {
            return NGX_DECLINED;
        }

        numbers[i] = negative ? -n : n;
        p = end + 1;
    }

    return NGX_OK;
}
