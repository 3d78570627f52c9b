
#include "ngx_commerce_redis_client.h"


/* ms between two attempts to find the master instead of a replica */
#define NGX_COMMERCE_REDIS_LEAVE  5000


static void ngx_commerce_redis_client_ready(ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_client_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);
static void ngx_commerce_redis_client_leave(
    ngx_commerce_redis_client_t *client, redisReply *reply);
static void ngx_commerce_redis_client_lost(ngx_commerce_redis_conn_t *conn);


static const ngx_commerce_redis_owner_t  ngx_commerce_redis_client_owner = {
    "the connection",
    ngx_commerce_redis_client_ready,
    ngx_commerce_redis_client_reply,
    ngx_commerce_redis_client_lost
};


ngx_int_t
ngx_commerce_redis_client_open(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_commerce_redis_conf_t    *rcf;
    ngx_commerce_redis_client_t  *client;

    rcf = ngx_commerce_redis_conf(tenant);

    client = ngx_pcalloc(cycle->pool, sizeof(ngx_commerce_redis_client_t));
    if (client == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_init(&client->waiting);
    ngx_queue_init(&client->pending);

    client->conn.data = client;
    client->conn.tenant = tenant;
    client->conn.conf = rcf;
    client->conn.owner = &ngx_commerce_redis_client_owner;

    rcf->client = client;

    ngx_commerce_redis_heartbeat_start(client);
    ngx_commerce_redis_conn_open(&client->conn);

    return NGX_OK;
}


void
ngx_commerce_redis_client_close(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_redis_conf_t    *rcf;
    ngx_commerce_redis_client_t  *client;

    rcf = ngx_commerce_redis_conf(tenant);
    client = rcf->client;

    if (client == NULL) {
        return;
    }

    rcf->client = NULL;

    ngx_commerce_redis_heartbeat_stop(client);
    ngx_commerce_redis_conn_close(&client->conn);

    /* whom the calls were for may be gone */

    ngx_commerce_redis_calls_free(&client->pending);
    ngx_commerce_redis_calls_free(&client->waiting);
}


void
ngx_commerce_redis_astray(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_redis_client_t  *client;

    client = ngx_commerce_redis_conf(tenant)->client;

    if (client) {
        client->astray = 1;
    }
}


ngx_uint_t
ngx_commerce_redis_ready(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_redis_client_t  *client;

    client = ngx_commerce_redis_conf(tenant)->client;

    return client && client->conn.state == NGX_COMMERCE_REDIS_READY;
}


ngx_int_t
ngx_commerce_redis_on_connect(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_connected_pt handler, void *data)
{
    ngx_commerce_redis_connected_t  *connected;

    connected = ngx_array_push(ngx_commerce_redis_conf(tenant)->connected);
    if (connected == NULL) {
        return NGX_ERROR;
    }

    connected->handler = handler;
    connected->data = data;

    return NGX_OK;
}


static void
ngx_commerce_redis_client_ready(ngx_commerce_redis_conn_t *conn)
{
    ngx_uint_t                       i;
    ngx_queue_t                     *q;
    ngx_commerce_redis_call_t       *call;
    ngx_commerce_redis_client_t     *client;
    ngx_commerce_redis_connected_t  *connected;

    client = conn->data;
    client->leaving = 0;

    ngx_commerce_redis_heartbeat_send(client);

    while (!ngx_queue_empty(&client->waiting)) {
        q = ngx_queue_head(&client->waiting);
        ngx_queue_remove(q);

        call = ngx_queue_data(q, ngx_commerce_redis_call_t, queue);

        if (ngx_commerce_redis_call_send(call) != NGX_OK) {
            ngx_commerce_redis_call_end(call, NULL);
        }
    }

    connected = conn->conf->connected->elts;

    for (i = 0; i < conn->conf->connected->nelts; i++) {
        connected[i].handler(conn->tenant, connected[i].data, &conn->run_id);
    }
}


static ngx_int_t
ngx_commerce_redis_client_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    ngx_queue_t                  *q;
    ngx_commerce_redis_call_t    *call;
    ngx_commerce_redis_client_t  *client;

    client = conn->data;

    if (ngx_queue_empty(&client->pending)) {
        return NGX_ERROR;
    }

    q = ngx_queue_head(&client->pending);
    ngx_queue_remove(q);
    call = ngx_queue_data(q, ngx_commerce_redis_call_t, queue);

    /* who has much to answer is given time as long as answers come */

    if (ngx_queue_empty(&client->pending)) {
        ngx_commerce_redis_conn_expect_nothing(conn);

    } else {
        ngx_commerce_redis_conn_expect(conn, ngx_current_msec
                                             + conn->conf->timeout);
    }

    if (call->script
        && ngx_commerce_redis_error(reply) == NGX_COMMERCE_REDIS_NO_SCRIPT
        && ngx_commerce_redis_call_use_text(call) == NGX_OK
        && ngx_commerce_redis_call_send(call) == NGX_OK)
    {
        return NGX_OK;
    }

    ngx_commerce_redis_client_leave(client, reply);
    client->astray = 0;
    ngx_commerce_redis_call_end(call, reply);

    if (client->astray) {
        return NGX_ERROR;
    }

    if (client->leaving && ngx_queue_empty(&client->pending)) {
        ngx_snprintf(conn->reason, sizeof(conn->reason),
                     "it leads to a replica%Z");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * A master that has become a replica keeps its connections.  Where the
 * address is one that moves, a new connection leads to the new master: what
 * is pending is answered first, what comes waits for that.
 */

static void
ngx_commerce_redis_client_leave(ngx_commerce_redis_client_t *client,
    redisReply *reply)
{
    if (ngx_commerce_redis_error(reply) != NGX_COMMERCE_REDIS_READ_ONLY
        || (client->left
            && ngx_current_msec - client->left < NGX_COMMERCE_REDIS_LEAVE))
    {
        return;
    }

    client->left = ngx_current_msec;
    client->leaving = 1;
}


/*
 * What was sent may have been carried out and is not sent again; what was not
 * waits for an attempt that begins at once, but not while Redis is away.
 */

static void
ngx_commerce_redis_client_lost(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_redis_client_t  *client;

    client = conn->data;

    ngx_commerce_redis_calls_end(&client->pending);

    if (conn->away) {
        ngx_commerce_redis_calls_end(&client->waiting);
    }
}
