
#include "ngx_commerce_redis_past.h"
#include "ngx_commerce_redis_keep.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_hour.h"


/* cues of an hour: somebody pins twice a second all the time */
#define NGX_COMMERCE_REDIS_PAST_CUES   "7200"

/* the room, its cues, its shows, its claim, its periods */
#define NGX_COMMERCE_REDIS_PAST_KEYS   5

/* shows of an hour; the script names no more */
#define NGX_COMMERCE_REDIS_PAST_SHOWS  64


ngx_commerce_redis_call_t *
ngx_commerce_redis_past(ngx_commerce_tenant_t *tenant, ngx_str_t *name,
    redisReply *shows, ngx_commerce_redis_handler_pt handler, void *data)
{
    u_char                      from[NGX_INT64_LEN], end[NGX_INT64_LEN];
    int64_t                     hour;
    ngx_str_t                   room, *arg;
    ngx_str_t                   argv[NGX_COMMERCE_REDIS_PAST_KEYS
                                     + NGX_COMMERCE_REDIS_PAST_SHOWS + 3];
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
    n = shows ? ngx_min(shows->elements, NGX_COMMERCE_REDIS_PAST_SHOWS) : 0;
    arg = &argv[NGX_COMMERCE_REDIS_PAST_KEYS];

    if (ngx_commerce_redis_room_keys(tenant, pool, &room, suffix,
                                     NGX_COMMERCE_REDIS_PAST_KEYS, argv)
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
    ngx_str_set(&arg[2], NGX_COMMERCE_REDIS_PAST_CUES);

    call = ngx_commerce_redis_eval(tenant, &ngx_commerce_redis_script_hour_load,
                                   NGX_COMMERCE_REDIS_PAST_KEYS + n,
                                   NGX_COMMERCE_REDIS_PAST_KEYS + n + 3,
                                   argv, handler, data);

done:

    ngx_destroy_pool(pool);

    return call;
}


ngx_uint_t
ngx_commerce_redis_past_is_of_shows(redisReply *reply)
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
