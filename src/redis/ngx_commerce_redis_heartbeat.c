
#include "ngx_commerce_redis_heartbeat.h"
#include "ngx_commerce_zone.h"


static void ngx_commerce_redis_heartbeat_handler(void *data);
static void ngx_commerce_redis_heartbeat_reply(void *data, redisReply *reply);
static void ngx_commerce_redis_heartbeat_schema(
    ngx_commerce_redis_node_t *node);
static void ngx_commerce_redis_heartbeat_schema_reply(void *data,
    redisReply *reply);
static void ngx_commerce_redis_heartbeat_report(
    ngx_commerce_redis_node_t *node, int64_t trip);


void
ngx_commerce_redis_heartbeat_start(ngx_commerce_redis_node_t *node)
{
    ngx_commerce_timer_init(&node->beat.timer, node->conn.tenant->log,
                            ngx_commerce_redis_heartbeat_handler, node);

    ngx_commerce_timer_start(&node->beat.timer, node->conn.conf->heartbeat);
}


void
ngx_commerce_redis_heartbeat_stop(ngx_commerce_redis_node_t *node)
{
    ngx_commerce_timer_stop(&node->beat.timer);
}


static void
ngx_commerce_redis_heartbeat_handler(void *data)
{
    ngx_commerce_redis_node_t *node = data;

    ngx_commerce_redis_heartbeat_send(node);

    ngx_commerce_timer_start(&node->beat.timer, node->conn.conf->heartbeat);
}


void
ngx_commerce_redis_heartbeat_send(ngx_commerce_redis_node_t *node)
{
    ngx_str_t                        argv[1];
    ngx_commerce_redis_heartbeat_t  *beat;

    beat = &node->beat;

    if (beat->call || !ngx_commerce_redis_node_ready(node)) {
        return;
    }

    ngx_str_set(&argv[0], "TIME");

    beat->wall = ngx_commerce_timer_wall();
    beat->steady = ngx_commerce_timer_steady();
    beat->sent = ngx_current_msec;

    beat->call = ngx_commerce_redis_node_command(node, 1, argv,
                                         ngx_commerce_redis_heartbeat_reply,
                                         node);
}


static void
ngx_commerce_redis_heartbeat_reply(void *data, redisReply *reply)
{
    ngx_commerce_redis_node_t *node = data;

    int64_t                          us, trip, offset;
    ngx_commerce_redis_heartbeat_t  *beat;

    beat = &node->beat;
    beat->call = NULL;

    if (reply == NULL) {
        return;
    }

    trip = ngx_commerce_timer_steady() - beat->steady;

    if (ngx_commerce_redis_clock_parse(reply, &us) == NGX_OK) {
        offset = us - (beat->wall + trip / 2);
        ngx_commerce_redis_clock_add(&node->clock, offset, trip);

    } else if (!ngx_commerce_redis_reply_is_error(reply)) {
        ngx_commerce_redis_node_reject_reply(node);
        return;
    }

    /* an ACL may forbid TIME: that is an answer all the same */

    beat->answered = beat->sent;

    ngx_commerce_redis_conn_proved(&node->conn);
    ngx_commerce_redis_heartbeat_report(node, trip);

    if (beat->schema == NULL) {
        ngx_commerce_redis_schema_start(&node->conn.schema,
                                        &node->conn.tenant->prefix);
        ngx_commerce_redis_heartbeat_schema(node);
    }
}


/*
 * Data that FLUSHALL took are marked again; those of another schema, of a
 * backup perhaps, end the connection.
 */

static void
ngx_commerce_redis_heartbeat_schema(ngx_commerce_redis_node_t *node)
{
    node->beat.schema = ngx_commerce_redis_node_command(node,
                                    node->conn.schema.argc,
                                    node->conn.schema.argv,
                                    ngx_commerce_redis_heartbeat_schema_reply,
                                    node);
}


static void
ngx_commerce_redis_heartbeat_schema_reply(void *data, redisReply *reply)
{
    ngx_commerce_redis_node_t *node = data;

    ngx_commerce_redis_conn_t  *conn;

    conn = &node->conn;
    node->beat.schema = NULL;

    /* that it doesn't say now is no reason to doubt what it said before */

    if (reply == NULL || ngx_commerce_redis_reply_is_error(reply)) {
        return;
    }

    switch (ngx_commerce_redis_schema_answer(&conn->schema, reply)) {

    case NGX_AGAIN:
        ngx_commerce_redis_heartbeat_schema(node);
        return;

    case NGX_ERROR:
        ngx_snprintf(conn->reason, sizeof(conn->reason), "%s%Z",
                     conn->schema.reason);
        ngx_commerce_redis_node_reject_reply(node);
        return;
    }
}


/* the tenant's figures are those of the worker that holds the duties */

static void
ngx_commerce_redis_heartbeat_report(ngx_commerce_redis_node_t *node,
    int64_t trip)
{
    int64_t                           ms;
    ngx_commerce_tenant_t            *tenant;
    ngx_commerce_redis_clock_look_t  *look;

    tenant = node->conn.tenant;

    if (tenant->stats == NULL || !ngx_commerce_lease_held(tenant)) {
        return;
    }

    tenant->stats->latency = (ngx_atomic_uint_t) trip;

    look = ngx_commerce_redis_clock_best(&node->clock);

    if (look != NULL) {
        ms = (look->offset + (look->offset < 0 ? -500 : 500)) / 1000;

        tenant->stats->clock_offset = (ngx_atomic_uint_t) ms;
    }
}
