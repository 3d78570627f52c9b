
#include "ngx_commerce_redis_subscribe.h"
#include "ngx_commerce_redis_client.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_zone.h"


#define NGX_COMMERCE_REDIS_TICK        50      /* ms, with the lease */
#define NGX_COMMERCE_REDIS_IDLE_TICK   200     /* ms, without */
#define NGX_COMMERCE_REDIS_POLL        1000    /* ms, between polls */
#define NGX_COMMERCE_REDIS_BATCH       500     /* records a tick */


struct ngx_commerce_redis_subscription_s {
    ngx_commerce_redis_conn_t   conn;
    ngx_event_t                 tick;          /* timer */

    ngx_uint_t                  acks;          /* still to come */
    ngx_msec_t                  beat;          /* PING was sent */
    ngx_msec_t                  polled;
    ngx_msec_t                  settled;       /* since then not behind */

    ngx_commerce_subscribe_t   *batch;

    unsigned                    held:1;        /* the lease was, at last tick */
    unsigned                    listening:1;
    unsigned                    beating:1;     /* the answer to PING is due */
    unsigned                    behind:1;      /* not all held is subscribed */
    unsigned                    again:1;       /* all is to be checked */
};


static void ngx_commerce_redis_subscription_tick(ngx_event_t *ev);
static void ngx_commerce_redis_subscription_stop(
    ngx_commerce_redis_subscription_t *s);
static void ngx_commerce_redis_subscription_restart(
    ngx_commerce_redis_subscription_t *s);
static void ngx_commerce_redis_subscription_advance(
    ngx_commerce_redis_subscription_t *s);
static ngx_int_t ngx_commerce_redis_subscribe(
    ngx_commerce_redis_subscription_t *s, ngx_uint_t n);
static void ngx_commerce_redis_subscription_beat(
    ngx_commerce_redis_subscription_t *s);
static void ngx_commerce_redis_subscription_poll(
    ngx_commerce_redis_subscription_t *s);

static void ngx_commerce_redis_subscription_ready(
    ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_subscription_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);
static void ngx_commerce_redis_subscription_lost(
    ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_subscription_reconnected(
    ngx_commerce_tenant_t *tenant, void *data, ngx_str_t *run_id);

static ngx_int_t ngx_commerce_redis_subscribed(
    ngx_commerce_redis_subscription_t *s, ngx_str_t *channel);
static ngx_int_t ngx_commerce_redis_unsubscribed(
    ngx_commerce_redis_subscription_t *s, ngx_str_t *channel);
static ngx_int_t ngx_commerce_redis_message(
    ngx_commerce_redis_subscription_t *s, ngx_str_t *channel);
static ngx_int_t ngx_commerce_redis_pong(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel);


static const ngx_commerce_redis_owner_t  ngx_commerce_redis_subscriber = {
    "the subscription",
    ngx_commerce_redis_subscription_ready,
    ngx_commerce_redis_subscription_reply,
    ngx_commerce_redis_subscription_lost
};


/* what Redis sends on a subscription: arrays that begin with one of these */

static struct {
    const char   *name;
    size_t        elements;
    ngx_int_t   (*handler)(ngx_commerce_redis_subscription_t *s,
                           ngx_str_t *channel);
} ngx_commerce_redis_pushes[] = {
    { "message",     3, ngx_commerce_redis_message },
    { "subscribe",   3, ngx_commerce_redis_subscribed },
    { "unsubscribe", 3, ngx_commerce_redis_unsubscribed },
    { "pong",        2, ngx_commerce_redis_pong },
    { NULL, 0, NULL }
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

    s->tick.handler = ngx_commerce_redis_subscription_tick;
    s->tick.data = s;
    s->tick.log = tenant->log;
    s->tick.cancelable = 1;

    s->polled = ngx_current_msec;

    if (ngx_commerce_redis_on_connect(tenant,
                                   ngx_commerce_redis_subscription_reconnected,
                                   s)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_add_timer(&s->tick, NGX_COMMERCE_REDIS_TICK);

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

    if (s->tick.timer_set) {
        ngx_del_timer(&s->tick);
    }

    if (s->held) {
        ngx_commerce_redis_subscription_stop(s);
    }
}


static void
ngx_commerce_redis_subscription_tick(ngx_event_t *ev)
{
    ngx_commerce_tenant_t              *tenant;
    ngx_commerce_redis_subscription_t  *s;

    s = ev->data;
    tenant = s->conn.tenant;

    if (!ngx_commerce_lease_held(tenant)) {

        if (s->held) {
            ngx_commerce_redis_subscription_stop(s);
        }

        ngx_add_timer(ev, NGX_COMMERCE_REDIS_IDLE_TICK);
        return;
    }

    if (!s->held) {
        s->held = 1;
        tenant->stats->subscribed = 0;
        ngx_commerce_redis_conn_open(&s->conn);
    }

    if (s->listening) {
        ngx_commerce_redis_subscription_advance(s);
        ngx_commerce_redis_subscription_beat(s);

    } else {
        ngx_commerce_redis_subscription_poll(s);
    }

    ngx_add_timer(ev, NGX_COMMERCE_REDIS_TICK);
}


/* what the statistics say from now on is another worker's business */

static void
ngx_commerce_redis_subscription_stop(ngx_commerce_redis_subscription_t *s)
{
    ngx_commerce_redis_conn_close(&s->conn);

    s->held = 0;
    s->listening = 0;
}


/* all that is held is to be subscribed to, and checked, once more */

static void
ngx_commerce_redis_subscription_restart(ngx_commerce_redis_subscription_t *s)
{
    ngx_commerce_zone_resubscribe(s->conn.tenant);

    s->again = 0;
    s->behind = 1;
}


static void
ngx_commerce_redis_subscription_advance(ngx_commerce_redis_subscription_t *s)
{
    ngx_uint_t  n;

    if (s->acks) {
        return;
    }

    if (s->again && !s->behind) {
        ngx_commerce_redis_subscription_restart(s);
    }

    n = ngx_commerce_zone_unsubscribed(s->conn.tenant, s->batch,
                                       NGX_COMMERCE_REDIS_BATCH);

    if (n == 0) {

        if (s->behind) {
            s->behind = 0;
            s->settled = ngx_current_msec;
        }

        return;
    }

    if (ngx_commerce_redis_subscribe(s, n) != NGX_OK) {

        /* out of memory: the records have been taken */

        s->behind = 0;
        s->again = 1;
    }
}


static ngx_int_t
ngx_commerce_redis_subscribe(ngx_commerce_redis_subscription_t *s,
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

        argv[i + 1] = ngx_commerce_redis_channel(s->conn.tenant, pool,
                                                 record->kind, &name);
        if (argv[i + 1].data == NULL) {
            goto done;
        }
    }

    rc = ngx_commerce_redis_conn_command(&s->conn, n + 1, argv);

    if (rc == NGX_OK) {
        s->acks = n;
    }

done:

    ngx_destroy_pool(pool);

    return rc;
}


static void
ngx_commerce_redis_subscription_beat(ngx_commerce_redis_subscription_t *s)
{
    ngx_str_t   argv[1];
    ngx_msec_t  heartbeat;

    heartbeat = s->conn.conf->heartbeat;

    if (s->beating || ngx_current_msec - s->beat < heartbeat) {
        return;
    }

    ngx_str_set(&argv[0], "PING");

    if (ngx_commerce_redis_conn_command(&s->conn, 1, argv) != NGX_OK) {
        return;
    }

    s->beating = 1;
    s->beat = ngx_current_msec;

    ngx_commerce_redis_conn_expect(&s->conn, s->beat + 2 * heartbeat);
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
    ngx_commerce_subscribe_t  *live;

    tenant = s->conn.tenant;

    if (ngx_current_msec - s->polled < NGX_COMMERCE_REDIS_POLL
        || !ngx_commerce_redis_ready(tenant))
    {
        return;
    }

    s->polled = ngx_current_msec;

    n = ngx_commerce_zone_live(tenant, s->batch, NGX_COMMERCE_REDIS_BATCH);

    for (i = 0; i < n; i++) {
        live = &s->batch[i];

        name.data = live->name;
        name.len = live->len;

        if (live->kind == NGX_COMMERCE_ROOM
            && ngx_commerce_store_get(tenant, NGX_COMMERCE_ROOM, &name,
                                      NGX_COMMERCE_FOR_VIEWERS, &record, NULL)
               == NGX_OK)
        {
            room = record;
            (void) ngx_commerce_store_recheck(tenant, NGX_COMMERCE_HOST,
                                              &room->host);
        }

        (void) ngx_commerce_store_recheck(tenant, live->kind, &name);
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
    s->beating = 0;
    s->beat = ngx_current_msec - conn->conf->heartbeat;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, conn->tenant->log);
    if (pool == NULL) {
        return;
    }

    /* of use by itself, and it shows at once whether SUBSCRIBE is allowed */

    ngx_str_set(&argv[0], "SUBSCRIBE");
    argv[1] = ngx_commerce_redis_channel(conn->tenant, pool, 0, NULL);

    if (argv[1].data != NULL
        && ngx_commerce_redis_conn_command(conn, 2, argv) == NGX_OK)
    {
        ngx_commerce_redis_conn_expect(conn, ngx_current_msec
                                             + conn->conf->timeout);
    }

    ngx_destroy_pool(pool);
}


static ngx_int_t
ngx_commerce_redis_subscription_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    u_char                              buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t                           text;
    ngx_uint_t                          i;
    redisReply                         *what, *channel;
    ngx_commerce_redis_subscription_t  *s;

    s = conn->data;

    if (s->beating && ngx_commerce_redis_is_error(reply, "NOPERM")) {

        /* an ACL may forbid PING: that is an answer all the same */

        return ngx_commerce_redis_pong(s, NULL);
    }

    if (ngx_commerce_redis_is_error(reply, NULL)) {
        text = ngx_commerce_redis_error_text(reply, buf);
        ngx_snprintf(conn->reason, sizeof(conn->reason),
                     "redis answered \"%V\"%Z", &text);
        return NGX_ERROR;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2) {
        return NGX_ERROR;
    }

    what = reply->element[0];
    channel = reply->element[1];

    if (!ngx_commerce_redis_is_text(what)
        || !ngx_commerce_redis_is_text(channel))
    {
        return NGX_ERROR;
    }

    text.data = (u_char *) channel->str;
    text.len = channel->len;

    for (i = 0; ngx_commerce_redis_pushes[i].name; i++) {

        if (ngx_strcmp(what->str, ngx_commerce_redis_pushes[i].name) == 0
            && reply->elements == ngx_commerce_redis_pushes[i].elements)
        {
            return ngx_commerce_redis_pushes[i].handler(s, &text);
        }
    }

    return NGX_ERROR;
}


static void
ngx_commerce_redis_subscription_lost(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_redis_subscription_t  *s;

    s = conn->data;

    s->listening = 0;
    conn->tenant->stats->subscribed = 0;
}


/* loads that the lost connection took with it are made up for */

static void
ngx_commerce_redis_subscription_reconnected(ngx_commerce_tenant_t *tenant,
    void *data, ngx_str_t *run_id)
{
    ngx_commerce_redis_subscription_t *s = data;

    s->again = 1;
}


static ngx_int_t
ngx_commerce_redis_subscribed(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel)
{
    ngx_int_t             rc;
    ngx_str_t             name;
    ngx_commerce_kind_e   kind;

    rc = ngx_commerce_redis_channel_parse(s->conn.tenant, channel, &kind,
                                          &name);

    if (rc == NGX_DECLINED) {
        ngx_commerce_redis_conn_expect_nothing(&s->conn);

        s->listening = 1;
        s->conn.tenant->stats->subscribed = 1;
        ngx_commerce_redis_subscription_restart(s);

        return NGX_OK;
    }

    if (rc != NGX_OK || s->acks == 0) {
        return NGX_ERROR;
    }

    s->acks--;

    /* what changed before this moment was not told */

    if (ngx_commerce_store_recheck(s->conn.tenant, kind, &name) != NGX_OK) {
        s->again = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_unsubscribed(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel)
{
    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_message(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel)
{
    ngx_int_t            rc;
    ngx_str_t            name, argv[2];
    ngx_commerce_kind_e  kind;

    rc = ngx_commerce_redis_channel_parse(s->conn.tenant, channel, &kind,
                                          &name);

    if (rc == NGX_DECLINED) {
        s->again = 1;
        return NGX_OK;
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_commerce_store_notice(s->conn.tenant, kind, &name)
        == NGX_DECLINED)
    {
        /* evicted meanwhile */

        ngx_str_set(&argv[0], "UNSUBSCRIBE");
        argv[1] = *channel;

        (void) ngx_commerce_redis_conn_command(&s->conn, 2, argv);
    }

    return NGX_OK;
}


/*
 * The subscription is alive.  All that is held is current if it was all
 * subscribed to and then asked for, and Redis has answered since.
 */

static ngx_int_t
ngx_commerce_redis_pong(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel)
{
    ngx_commerce_redis_client_t  *client;

    s->beating = 0;

    ngx_commerce_redis_conn_expect_nothing(&s->conn);
    ngx_commerce_redis_conn_proved(&s->conn);

    client = s->conn.conf->client;

    if (!s->behind && !s->again
        && client->conn.state == NGX_COMMERCE_REDIS_READY
        && (ngx_msec_int_t) (client->answered - s->settled) > 0)
    {
        ngx_commerce_zone_fresh(s->conn.tenant);
    }

    return NGX_OK;
}
