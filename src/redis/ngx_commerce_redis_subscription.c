
#include "ngx_commerce_redis_subscription.h"
#include "ngx_commerce_redis_push.h"
#include "ngx_commerce_redis_spotlight.h"
#include "ngx_commerce_redis_subscribe.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_zone.h"


#define NGX_COMMERCE_REDIS_TICK        50      /* ms, with the lease */
#define NGX_COMMERCE_REDIS_IDLE_TICK   200     /* ms, without */
#define NGX_COMMERCE_REDIS_POLL        1000    /* ms, between polls */


static void ngx_commerce_redis_subscription_tick(void *data);
static void ngx_commerce_redis_subscription_stop(
    ngx_commerce_redis_subscription_t *s);
static void ngx_commerce_redis_subscription_poll(
    ngx_commerce_redis_subscription_t *s);

static void ngx_commerce_redis_subscription_ready(
    ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_subscription_lost(
    ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_subscription_reconnected(
    ngx_commerce_tenant_t *tenant, void *data,
    ngx_commerce_redis_node_t *node);


static const ngx_commerce_redis_owner_t  ngx_commerce_redis_subscriber = {
    "the subscription",
    ngx_commerce_redis_subscription_ready,
    ngx_commerce_redis_push_reply,
    ngx_commerce_redis_subscription_lost,
    0
};


ngx_int_t
ngx_commerce_redis_subscription_open(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_commerce_redis_conf_t          *rcf;
    ngx_commerce_redis_subscription_t  *s;

    rcf = ngx_commerce_redis_conf(tenant);

    s = ngx_pcalloc(cycle->pool, sizeof(ngx_commerce_redis_subscription_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    s->batch = ngx_palloc(cycle->pool, NGX_COMMERCE_REDIS_BATCH
                                       * sizeof(ngx_commerce_subscribe_t));
    if (s->batch == NULL) {
        return NGX_ERROR;
    }

    s->conn.data = s;
    s->conn.tenant = tenant;
    s->conn.conf = rcf;
    s->conn.owner = &ngx_commerce_redis_subscriber;

    ngx_commerce_timer_init(&s->tick, tenant->log,
                            ngx_commerce_redis_subscription_tick, s);

    s->polled = ngx_current_msec;

    if (ngx_commerce_redis_on_connect(tenant,
                                   ngx_commerce_redis_subscription_reconnected,
                                   s)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_commerce_timer_start(&s->tick, NGX_COMMERCE_REDIS_TICK);

    rcf->subscription = s;

    return NGX_OK;
}


void
ngx_commerce_redis_subscription_close(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_redis_conf_t          *rcf;
    ngx_commerce_redis_subscription_t  *s;

    rcf = ngx_commerce_redis_conf(tenant);
    s = rcf->subscription;

    if (s == NULL) {
        return;
    }

    rcf->subscription = NULL;

    ngx_commerce_timer_stop(&s->tick);

    if (s->held) {
        ngx_commerce_redis_subscription_stop(s);
    }
}


static void
ngx_commerce_redis_subscription_tick(void *data)
{
    ngx_commerce_redis_subscription_t *s = data;

    ngx_commerce_tenant_t  *tenant;

    tenant = s->conn.tenant;

    if (!ngx_commerce_lease_held(tenant)) {

        if (s->held) {
            ngx_commerce_redis_subscription_stop(s);
        }

        ngx_commerce_timer_start(&s->tick, NGX_COMMERCE_REDIS_IDLE_TICK);
        return;
    }

    if (s->listening && ngx_commerce_redis_subscribe_outgrown(s)) {
        /* the next one has only what is held */
        ngx_commerce_redis_subscription_stop(s);
    }

    if (!s->held) {
        s->held = 1;
        ngx_commerce_redis_conn_open(&s->conn);
    }

    tenant->stats->subscribed = s->listening;

    if (!s->listening) {
        ngx_commerce_redis_subscription_poll(s);

    } else if (s->acks == 0 && !s->beating) {

        /* one question at a time: so it is clear what an error answers */

        if (ngx_current_msec - s->beat >= s->conn.conf->heartbeat) {
            ngx_commerce_redis_subscribe_beat(s);

        } else if (ngx_commerce_redis_ready(tenant, NULL)
                   && ngx_commerce_load_count(tenant)
                      < NGX_COMMERCE_REDIS_BATCH)
        {
            /* what is subscribed to is asked for at once, as Redis keeps up */

            ngx_commerce_redis_subscribe_advance(s);
        }
    }

    ngx_commerce_timer_start(&s->tick, NGX_COMMERCE_REDIS_TICK);
}


/* what the statistics say from now on is another worker's business */

static void
ngx_commerce_redis_subscription_stop(ngx_commerce_redis_subscription_t *s)
{
    ngx_commerce_redis_conn_close(&s->conn);
    ngx_commerce_redis_spotlight_forget(s->conn.tenant);

    s->held = 0;
    s->listening = 0;
}


/* nobody tells, so the rooms that matter most and their hosts are asked for */

static void
ngx_commerce_redis_subscription_poll(ngx_commerce_redis_subscription_t *s)
{
    void                      *record;
    ngx_str_t                  name;
    ngx_uint_t                 i, n;
    ngx_commerce_room_t       *room;
    ngx_commerce_tenant_t     *tenant;
    ngx_commerce_subscribe_t  *each;

    tenant = s->conn.tenant;

    if (ngx_current_msec - s->polled < NGX_COMMERCE_REDIS_POLL
        || !ngx_commerce_redis_ready(tenant, NULL))
    {
        return;
    }

    s->polled = ngx_current_msec;

    n = ngx_commerce_zone_running(tenant, s->batch, NGX_COMMERCE_REDIS_BATCH,
                               &s->poll_next);

    for (i = 0; i < n; i++) {
        each = &s->batch[i];

        name.data = each->name;
        name.len = each->len;

        if (ngx_commerce_store_get(tenant, NGX_COMMERCE_ROOM, &name,
                                   NGX_COMMERCE_FOR_VIEWERS, &record, NULL)
            == NGX_OK)
        {
            room = record;
            (void) ngx_commerce_store_recheck(tenant, NGX_COMMERCE_HOST,
                                              &room->host);
        }

        (void) ngx_commerce_store_recheck(tenant, NGX_COMMERCE_ROOM, &name);
        (void) ngx_commerce_store_notice(tenant, NGX_COMMERCE_OUT, &name, 0);

        ngx_commerce_redis_spotlight_add(tenant, &name);
    }
}


static void
ngx_commerce_redis_subscription_ready(ngx_commerce_redis_conn_t *conn)
{
    ngx_str_t                           argv[2];
    ngx_pool_t                         *pool;
    ngx_commerce_redis_subscription_t  *s;

    s = conn->data;

    s->acks = 0;
    s->channels = 0;
    s->beating = 0;
    s->beat = ngx_current_msec - conn->conf->heartbeat;

    /* also if what follows can't be sent: then there is another attempt */

    ngx_commerce_redis_subscribe_expect(s);

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, conn->tenant->log);
    if (pool == NULL) {
        return;
    }

    /* of use by itself, and it shows at once whether SUBSCRIBE is allowed */

    ngx_str_set(&argv[0], "SUBSCRIBE");
    argv[1] = ngx_commerce_redis_channel(conn->tenant, pool, 0, NULL);

    if (argv[1].data != NULL) {
        (void) ngx_commerce_redis_conn_command(conn, 2, argv);
    }

    ngx_destroy_pool(pool);
}


static void
ngx_commerce_redis_subscription_lost(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_redis_subscription_t  *s;

    s = conn->data;

    s->listening = 0;
}


/*
 * Loads that the lost connection took with it are made up for.  A subscription
 * with another Redis than this one, a former master, tells of nothing.
 */

static void
ngx_commerce_redis_subscription_reconnected(ngx_commerce_tenant_t *tenant,
    void *data, ngx_commerce_redis_node_t *node)
{
    ngx_commerce_redis_subscription_t *s = data;

    ngx_str_t  *run_id;

    run_id = ngx_commerce_redis_run_id(node);

    /* from the beginning, where the live rooms are */

    s->behind = 0;
    s->again = 1;

    if (s->held
        && s->conn.state == NGX_COMMERCE_REDIS_READY
        && s->conn.run_id.len == run_id->len
        && ngx_memcmp(s->conn.run_id.data, run_id->data, run_id->len) != 0)
    {
        ngx_commerce_redis_conn_fail(&s->conn, 0, "another Redis is there");
    }
}
