
/*
 * A claim that runs out tells nobody: whoever had it died.  So rooms whose show
 * runs are asked for, and the first node to find out ends the show, which is
 * told to all.
 */

#include "ngx_commerce_redis_expire.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_timer.h"
#include "ngx_commerce_zone.h"


#define NGX_COMMERCE_REDIS_EXPIRE_TIME   10000  /* ms, between two rounds */
#define NGX_COMMERCE_REDIS_EXPIRE_STEP   50     /* ms, between two batches */
#define NGX_COMMERCE_REDIS_EXPIRE_BATCH  100


typedef struct ngx_commerce_redis_expire_s  ngx_commerce_redis_expire_t;


typedef struct {
    ngx_commerce_redis_expire_t  *expire;
    ngx_str_t                     room;
} ngx_commerce_redis_expire_ask_t;


struct ngx_commerce_redis_expire_s {
    ngx_commerce_tenant_t            *tenant;
    ngx_commerce_timer_t              timer;
    uint64_t                          next;     /* 0: a round begins */
    ngx_uint_t                        pending;  /* answers that are due */

    ngx_commerce_subscribe_t          rooms[NGX_COMMERCE_REDIS_EXPIRE_BATCH];
    ngx_commerce_redis_expire_ask_t   asks[NGX_COMMERCE_REDIS_EXPIRE_BATCH];
};


static void ngx_commerce_redis_expire_handler(void *data);
static void ngx_commerce_redis_expire_batch(
    ngx_commerce_redis_expire_t *expire);
static ngx_int_t ngx_commerce_redis_expire_ask(
    ngx_commerce_redis_expire_ask_t *ask);
static void ngx_commerce_redis_expired(void *data, redisReply *reply);


ngx_int_t
ngx_commerce_redis_expire_start(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_commerce_redis_expire_t  *expire;

    expire = ngx_pcalloc(cycle->pool, sizeof(ngx_commerce_redis_expire_t));
    if (expire == NULL) {
        return NGX_ERROR;
    }

    expire->tenant = tenant;

    ngx_commerce_timer_init(&expire->timer, tenant->log,
                            ngx_commerce_redis_expire_handler, expire);

    ngx_commerce_timer_start(&expire->timer, NGX_COMMERCE_REDIS_EXPIRE_TIME);

    return NGX_OK;
}


static void
ngx_commerce_redis_expire_handler(void *data)
{
    ngx_commerce_redis_expire_t *expire = data;

    if (expire->pending) {
        ngx_commerce_timer_start(&expire->timer,
                                 NGX_COMMERCE_REDIS_EXPIRE_STEP);
        return;
    }

    if (ngx_commerce_lease_held(expire->tenant)
        && ngx_commerce_redis_ready(expire->tenant, NULL))
    {
        ngx_commerce_redis_expire_batch(expire);

    } else {
        expire->next = 0;
    }

    ngx_commerce_timer_start(&expire->timer,
                             expire->next ? NGX_COMMERCE_REDIS_EXPIRE_STEP
                                          : NGX_COMMERCE_REDIS_EXPIRE_TIME);
}


static void
ngx_commerce_redis_expire_batch(ngx_commerce_redis_expire_t *expire)
{
    ngx_uint_t                        i, n;
    ngx_commerce_redis_expire_ask_t  *ask;

    n = ngx_commerce_zone_running(expire->tenant, expire->rooms,
                               NGX_COMMERCE_REDIS_EXPIRE_BATCH,
                               &expire->next);

    for (i = 0; i < n; i++) {
        ask = &expire->asks[i];

        ask->expire = expire;
        ask->room.data = expire->rooms[i].name;
        ask->room.len = expire->rooms[i].len;

        if (ngx_commerce_redis_expire_ask(ask) == NGX_OK) {
            expire->pending++;
        }
    }
}


static ngx_int_t
ngx_commerce_redis_expire_ask(ngx_commerce_redis_expire_ask_t *ask)
{
    ngx_int_t               rc;
    ngx_str_t               argv[4];
    ngx_pool_t             *pool;
    ngx_commerce_tenant_t  *tenant;

    static const char      *suffix[] = { "", ":live", ":shows" };

    tenant = ask->expire->tenant;
    rc = NGX_ERROR;

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    if (ngx_commerce_redis_room_keys(tenant, pool, &ask->room, suffix, 3, argv)
        != NGX_OK)
    {
        goto done;
    }

    argv[3] = ngx_commerce_redis_channel(tenant, pool, NGX_COMMERCE_ROOM,
                                         &ask->room);

    if (argv[3].data
        && ngx_commerce_redis_eval(tenant,
                                   &ngx_commerce_redis_script_claim_expire,
                                   3, 4, argv, ngx_commerce_redis_expired, ask)
           != NULL)
    {
        rc = NGX_OK;
    }

done:

    ngx_destroy_pool(pool);

    return rc;
}


/* a key of a wrong type is told of by whoever loads or claims the room */

static void
ngx_commerce_redis_expired(void *data, redisReply *reply)
{
    ngx_commerce_redis_expire_ask_t *ask = data;

    ask->expire->pending--;

    if (reply && reply->type == REDIS_REPLY_INTEGER && reply->integer == 1) {
        ngx_commerce_zone_ended(ask->expire->tenant, &ask->room);
        (void) ngx_commerce_store_recheck(ask->expire->tenant,
                                          NGX_COMMERCE_ROOM, &ask->room);
    }
}
