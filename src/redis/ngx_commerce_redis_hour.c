
#include "ngx_commerce_redis_hour.h"
#include "ngx_commerce_redis_cue.h"
#include "ngx_commerce_redis_fields.h"
#include "ngx_commerce_redis_period.h"


/* the elements of the answer of hour_load */

enum {
    NGX_COMMERCE_REDIS_HOUR_NOW = 0,
    NGX_COMMERCE_REDIS_HOUR_UNTIL,
    NGX_COMMERCE_REDIS_HOUR_CUE_LIST,
    NGX_COMMERCE_REDIS_HOUR_PERIOD_LIST,
    NGX_COMMERCE_REDIS_HOUR_MORE,
    NGX_COMMERCE_REDIS_HOUR_ELEMENTS
};


static int64_t ngx_commerce_redis_hour_number(redisReply *reply);


ngx_int_t
ngx_commerce_redis_hour(ngx_commerce_tenant_t *tenant, ngx_str_t *name,
    redisReply *reply, ngx_commerce_writer_t *w)
{
    redisReply           **part;
    ngx_commerce_hour_t    hour;
    ngx_commerce_room_t    room;

    if (reply->type == REDIS_REPLY_NIL) {
        return NGX_DECLINED;
    }

    part = reply->element;

    if (reply->type != REDIS_REPLY_ARRAY
        || reply->elements != NGX_COMMERCE_REDIS_HOUR_ELEMENTS
        || part[NGX_COMMERCE_REDIS_HOUR_NOW]->type != REDIS_REPLY_STRING
        || part[NGX_COMMERCE_REDIS_HOUR_UNTIL]->type != REDIS_REPLY_STRING
        || part[NGX_COMMERCE_REDIS_HOUR_CUE_LIST]->type != REDIS_REPLY_ARRAY
        || part[NGX_COMMERCE_REDIS_HOUR_PERIOD_LIST]->type
           != REDIS_REPLY_ARRAY
        || part[NGX_COMMERCE_REDIS_HOUR_MORE]->type != REDIS_REPLY_INTEGER)
    {
        return NGX_ERROR;
    }

    ngx_memzero(&hour, sizeof(ngx_commerce_hour_t));
    ngx_memzero(&room, sizeof(ngx_commerce_room_t));

    hour.version = ngx_commerce_redis_hour_number(
                                            part[NGX_COMMERCE_REDIS_HOUR_NOW]);
    hour.cues_until = ngx_commerce_redis_hour_number(
                                          part[NGX_COMMERCE_REDIS_HOUR_UNTIL]);

    if (ngx_commerce_redis_cue_list(tenant, w->pool, name,
                                    part[NGX_COMMERCE_REDIS_HOUR_CUE_LIST],
                                    &hour.cues, &hour.ncues)
        != NGX_OK
        || ngx_commerce_redis_period_read(w->pool,
                                     part[NGX_COMMERCE_REDIS_HOUR_PERIOD_LIST],
                                     &room)
           != NGX_OK)
    {
        w->failed = 1;
        return NGX_ERROR;
    }

    hour.periods = room.periods;
    hour.nperiods = room.nperiods;

    if (part[NGX_COMMERCE_REDIS_HOUR_MORE]->integer) {
        ngx_commerce_redis_fields_complain(tenant, NGX_COMMERCE_HOUR, name,
                                           "has too many cues or shows", "");
    }

    ngx_commerce_write_hour(w, &hour);

    return NGX_OK;
}


static int64_t
ngx_commerce_redis_hour_number(redisReply *reply)
{
    int64_t    n;
    ngx_str_t  text;

    text.data = (u_char *) reply->str;
    text.len = reply->len;

    n = ngx_commerce_number(&text);

    return ngx_max(n, 0);
}
