
#include "ngx_commerce_redis_client.h"
#include "ngx_commerce_zone.h"


/* the steady clock's and the wall clock's drift between two looks, us */
#define NGX_COMMERCE_REDIS_CLOCK_SLACK  2000


static void ngx_commerce_redis_heartbeat_handler(ngx_event_t *ev);
static void ngx_commerce_redis_heartbeat_reply(void *data, redisReply *reply);
static void ngx_commerce_redis_heartbeat_report(
    ngx_commerce_redis_client_t *client, int64_t trip);
static ngx_int_t ngx_commerce_redis_time(redisReply *reply, int64_t *us);
static void ngx_commerce_redis_clock_add(ngx_commerce_redis_client_t *client,
    int64_t offset, int64_t trip);
static ngx_commerce_redis_clock_t *ngx_commerce_redis_clock_best(
    ngx_commerce_redis_client_t *client);
static int64_t ngx_commerce_redis_now(clockid_t id);


void
ngx_commerce_redis_heartbeat_start(ngx_commerce_redis_client_t *client)
{
    client->beat.handler = ngx_commerce_redis_heartbeat_handler;
    client->beat.data = client;
    client->beat.log = client->conn.tenant->log;
    client->beat.cancelable = 1;

    ngx_add_timer(&client->beat, client->conn.conf->heartbeat);
}


void
ngx_commerce_redis_heartbeat_stop(ngx_commerce_redis_client_t *client)
{
    if (client->beat.timer_set) {
        ngx_del_timer(&client->beat);
    }
}


static void
ngx_commerce_redis_heartbeat_handler(ngx_event_t *ev)
{
    ngx_commerce_redis_client_t  *client;

    client = ev->data;

    ngx_commerce_redis_heartbeat_send(client);

    ngx_add_timer(ev, client->conn.conf->heartbeat);
}


void
ngx_commerce_redis_heartbeat_send(ngx_commerce_redis_client_t *client)
{
    ngx_str_t  argv[1];

    if (client->beat_call || client->conn.state != NGX_COMMERCE_REDIS_READY) {
        return;
    }

    ngx_str_set(&argv[0], "TIME");

    client->beat_wall = ngx_commerce_redis_now(CLOCK_REALTIME);
    client->beat_steady = ngx_commerce_redis_now(CLOCK_MONOTONIC);
    client->beat_sent = ngx_current_msec;

    client->beat_call = ngx_commerce_redis_command(client->conn.tenant, NULL,
                                         1, argv,
                                         ngx_commerce_redis_heartbeat_reply,
                                         client);
}


static void
ngx_commerce_redis_heartbeat_reply(void *data, redisReply *reply)
{
    ngx_commerce_redis_client_t *client = data;

    int64_t  us, trip, offset;

    client->beat_call = NULL;

    if (reply == NULL) {
        return;
    }

    trip = ngx_commerce_redis_now(CLOCK_MONOTONIC) - client->beat_steady;

    if (ngx_commerce_redis_time(reply, &us) == NGX_OK) {
        offset = us - (client->beat_wall + trip / 2);
        ngx_commerce_redis_clock_add(client, offset, trip);

    } else if (!ngx_commerce_redis_reply_is_error(reply)) {
        ngx_commerce_redis_astray(client->conn.tenant);
        return;
    }

    /* an ACL may forbid TIME: that is an answer all the same */

    client->answered = client->beat_sent;

    ngx_commerce_redis_conn_proved(&client->conn);
    ngx_commerce_redis_heartbeat_report(client, trip);
}


/* the node's figures are those of the worker that holds its duties */

static void
ngx_commerce_redis_heartbeat_report(ngx_commerce_redis_client_t *client,
    int64_t trip)
{
    int64_t                      ms;
    ngx_commerce_tenant_t       *tenant;
    ngx_commerce_redis_clock_t  *clock;

    tenant = client->conn.tenant;

    if (tenant->stats == NULL || !ngx_commerce_lease_held(tenant)) {
        return;
    }

    tenant->stats->latency = (ngx_atomic_uint_t) trip;

    if (client->nclocks) {
        clock = ngx_commerce_redis_clock_best(client);
        ms = (clock->offset + (clock->offset < 0 ? -500 : 500)) / 1000;

        tenant->stats->clock_offset = (ngx_atomic_uint_t) ms;
    }
}


/* the answer to TIME: seconds and microseconds */

static ngx_int_t
ngx_commerce_redis_time(redisReply *reply, int64_t *us)
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

static void
ngx_commerce_redis_clock_add(ngx_commerce_redis_client_t *client,
    int64_t offset, int64_t trip)
{
    int64_t                      apart;
    ngx_commerce_redis_clock_t  *clock;

    if (client->nclocks) {
        clock = ngx_commerce_redis_clock_best(client);
        apart = offset - clock->offset;

        if (ngx_abs(apart) > (trip + clock->trip) / 2
                             + NGX_COMMERCE_REDIS_CLOCK_SLACK)
        {
            client->nclocks = 0;
        }
    }

    clock = &client->clocks[client->nclocks++ % NGX_COMMERCE_REDIS_CLOCKS];
    clock->offset = offset;
    clock->trip = trip;
}


static ngx_commerce_redis_clock_t *
ngx_commerce_redis_clock_best(ngx_commerce_redis_client_t *client)
{
    ngx_uint_t                   i, n;
    ngx_commerce_redis_clock_t  *best;

    best = &client->clocks[0];
    n = ngx_min(client->nclocks, NGX_COMMERCE_REDIS_CLOCKS);

    for (i = 1; i < n; i++) {
        if (client->clocks[i].trip < best->trip) {
            best = &client->clocks[i];
        }
    }

    return best;
}


static int64_t
ngx_commerce_redis_now(clockid_t id)
{
    struct timespec  ts;

    (void) clock_gettime(id, &ts);

    return (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
