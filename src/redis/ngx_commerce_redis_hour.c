
#include "ngx_commerce_redis_hour.h"
#include "ngx_commerce_redis_fields.h"
#include "ngx_commerce_redis_keep.h"
#include "ngx_commerce_redis_period.h"
#include "ngx_commerce_redis_record.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_hour.h"


/* cues of an hour: somebody pins twice a second all the time */
#define NGX_COMMERCE_REDIS_HOUR_CUES   "7200"

/* the room, its cues, its shows, its claim, its periods */
#define NGX_COMMERCE_REDIS_HOUR_KEYS   5

/* shows of an hour; the script names no more */
#define NGX_COMMERCE_REDIS_HOUR_SHOWS  64


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


ngx_commerce_redis_call_t *
ngx_commerce_redis_hour_ask(ngx_commerce_tenant_t *tenant, ngx_str_t *name,
    redisReply *shows, ngx_commerce_redis_handler_pt handler, void *data)
{
    u_char                      from[NGX_INT64_LEN], end[NGX_INT64_LEN];
    int64_t                     hour;
    ngx_str_t                   room, *arg;
    ngx_str_t                   argv[NGX_COMMERCE_REDIS_HOUR_KEYS
                                     + NGX_COMMERCE_REDIS_HOUR_SHOWS + 3];
    ngx_uint_t                  i, n;
    ngx_pool_t                 *pool;
    ngx_commerce_redis_call_t  *call;

    static const char          *suffix[] = { "", ":cues", ":shows", ":live",
                                             ":periods" };

    ngx_commerce_hour_split(name, &room, &hour);

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    call = NULL;
    n = shows ? ngx_min(shows->elements, NGX_COMMERCE_REDIS_HOUR_SHOWS) : 0;
    arg = &argv[NGX_COMMERCE_REDIS_HOUR_KEYS];

    if (ngx_commerce_redis_room_keys(tenant, pool, &room, suffix,
                                     NGX_COMMERCE_REDIS_HOUR_KEYS, argv)
        != NGX_OK)
    {
        goto done;
    }

    for (i = 0; i < n; i++) {
        *arg = ngx_commerce_redis_keep_key(tenant, pool, &room,
                                           shows->element[i]->integer);
        if (arg++->data == NULL) {
            goto done;
        }
    }

    arg[0].data = from;
    arg[0].len = ngx_sprintf(from, "%L", hour * NGX_COMMERCE_HOUR_MS) - from;
    arg[1].data = end;
    arg[1].len = ngx_sprintf(end, "%L", (hour + 1) * NGX_COMMERCE_HOUR_MS)
                 - end;
    ngx_str_set(&arg[2], NGX_COMMERCE_REDIS_HOUR_CUES);

    call = ngx_commerce_redis_eval(tenant, &ngx_commerce_redis_script_hour_load,
                                   NGX_COMMERCE_REDIS_HOUR_KEYS + n,
                                   NGX_COMMERCE_REDIS_HOUR_KEYS + n + 3,
                                   argv, handler, data);

done:

    ngx_destroy_pool(pool);

    return call;
}


ngx_uint_t
ngx_commerce_redis_hour_is_of_shows(redisReply *reply)
{
    size_t  i;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
        return 0;
    }

    for (i = 0; i < reply->elements; i++) {
        if (reply->element[i]->type != REDIS_REPLY_INTEGER) {
            return 0;
        }
    }

    return 1;
}


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

    if (ngx_commerce_redis_record_kept_cues(tenant, w->pool, name,
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
