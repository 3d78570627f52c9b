
#include "ngx_commerce_redis_subscribe.h"
#include "ngx_commerce_redis_spotlight.h"
#include "ngx_commerce_zone.h"


/* channels of records that were evicted, for which Redis may keep memory */
#define NGX_COMMERCE_REDIS_EVICTED     10000


static ngx_int_t ngx_commerce_redis_subscribe_batch(
    ngx_commerce_redis_subscription_t *s, ngx_uint_t n);


void
ngx_commerce_redis_subscribe_restart(ngx_commerce_redis_subscription_t *s)
{
    ngx_commerce_zone_resubscribe(s->conn.tenant);

    s->again = 0;
    s->behind = 1;
    s->last = 0;
}


void
ngx_commerce_redis_subscribe_advance(ngx_commerce_redis_subscription_t *s)
{
    ngx_uint_t  n;

    if (s->again && !s->behind) {
        ngx_commerce_redis_subscribe_restart(s);
    }

    n = ngx_commerce_zone_unsubscribed(s->conn.tenant, s->batch,
                                       NGX_COMMERCE_REDIS_BATCH);

    s->last = (n < NGX_COMMERCE_REDIS_BATCH);

    if (n == 0) {
        ngx_commerce_redis_subscribe_settle(s);
        return;
    }

    if (ngx_commerce_redis_subscribe_batch(s, n) != NGX_OK) {

        /* out of memory: the records have been taken */

        s->behind = 0;
        s->again = 1;

        return;
    }

    s->acks = n;
    ngx_commerce_redis_subscribe_expect(s);
}


/* what is newly held from now on is subscribed to within moments */

void
ngx_commerce_redis_subscribe_settle(ngx_commerce_redis_subscription_t *s)
{
    if (s->behind && s->last) {
        s->behind = 0;
        s->settled = ngx_current_msec;
    }
}


static ngx_int_t
ngx_commerce_redis_subscribe_batch(ngx_commerce_redis_subscription_t *s,
    ngx_uint_t n)
{
    ngx_int_t                  rc;
    ngx_str_t                 *argv, name;
    ngx_uint_t                 i;
    ngx_pool_t                *pool;
    ngx_commerce_subscribe_t  *record;

    rc = NGX_ERROR;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, s->conn.tenant->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    argv = ngx_palloc(pool, (n + 1) * sizeof(ngx_str_t));
    if (argv == NULL) {
        goto done;
    }

    ngx_str_set(&argv[0], "SUBSCRIBE");

    for (i = 0; i < n; i++) {
        record = &s->batch[i];

        name.data = record->name;
        name.len = record->len;

        if (record->kind == NGX_COMMERCE_ROOM) {
            ngx_commerce_redis_spotlight_add(s->conn.tenant, &name);
        }

        argv[i + 1] = ngx_commerce_redis_channel(s->conn.tenant, pool,
                                                 record->kind, &name);
        if (argv[i + 1].data == NULL) {
            goto done;
        }
    }

    rc = ngx_commerce_redis_conn_command(&s->conn, n + 1, argv);

done:

    ngx_destroy_pool(pool);

    return rc;
}


void
ngx_commerce_redis_subscribe_beat(ngx_commerce_redis_subscription_t *s)
{
    ngx_str_t  argv[1];

    ngx_str_set(&argv[0], "PING");

    if (ngx_commerce_redis_conn_command(&s->conn, 1, argv) != NGX_OK) {
        return;
    }

    s->beating = 1;
    s->beat = ngx_current_msec;

    ngx_commerce_redis_subscribe_expect(s);
}


void
ngx_commerce_redis_subscribe_expect(ngx_commerce_redis_subscription_t *s)
{
    ngx_commerce_redis_conn_expect(&s->conn,
                                   ngx_current_msec
                                   + 2 * s->conn.conf->heartbeat);
}


ngx_uint_t
ngx_commerce_redis_subscribe_outgrown(ngx_commerce_redis_subscription_t *s)
{
    ngx_uint_t                 i, held;
    ngx_commerce_zone_usage_t  usage;

    if (s->channels <= NGX_COMMERCE_REDIS_EVICTED) {
        return 0;
    }

    ngx_commerce_zone_usage(s->conn.tenant, &usage);

    held = 0;

    for (i = 0; i < NGX_COMMERCE_KINDS; i++) {
        held += ngx_commerce_kinds[i].told ? usage.held[i] : 0;
    }

    return s->channels > 2 * held + NGX_COMMERCE_REDIS_EVICTED;
}
