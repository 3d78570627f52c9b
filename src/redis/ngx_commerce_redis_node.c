
#include "ngx_commerce_redis_node.h"


/* calls of one node that were not answered yet */
#define NGX_COMMERCE_REDIS_CALLS_MAX  65536

/* ms between two attempts to find the master instead of a replica */
#define NGX_COMMERCE_REDIS_LEAVE      5000


static void ngx_commerce_redis_node_connected(ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_node_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply);
static void ngx_commerce_redis_node_leave(ngx_commerce_redis_node_t *node,
    redisReply *reply);
static void ngx_commerce_redis_node_lost(ngx_commerce_redis_conn_t *conn);

static ngx_int_t ngx_commerce_redis_node_send(ngx_commerce_redis_node_t *node,
    ngx_commerce_redis_call_t *call);
static ngx_commerce_redis_call_t *ngx_commerce_redis_node_first(
    ngx_queue_t *calls);
static void ngx_commerce_redis_node_end(ngx_commerce_redis_node_t *node,
    ngx_commerce_redis_call_t *call, redisReply *reply);
static void ngx_commerce_redis_node_end_all(ngx_commerce_redis_node_t *node,
    ngx_queue_t *calls);
static void ngx_commerce_redis_node_forget(ngx_commerce_redis_node_t *node,
    ngx_commerce_redis_call_t *call);


static const ngx_commerce_redis_owner_t  ngx_commerce_redis_node_owner = {
    "the connection",
    ngx_commerce_redis_node_connected,
    ngx_commerce_redis_node_reply,
    ngx_commerce_redis_node_lost,
    1
};


void
ngx_commerce_redis_node_open(ngx_commerce_redis_node_t *node,
    ngx_commerce_tenant_t *tenant)
{
    ngx_queue_init(&node->waiting);
    ngx_queue_init(&node->pending);

    node->conn.data = node;
    node->conn.tenant = tenant;
    node->conn.conf = ngx_commerce_redis_conf(tenant);
    node->conn.owner = &ngx_commerce_redis_node_owner;

    ngx_commerce_redis_conn_open(&node->conn);
}


void
ngx_commerce_redis_node_close(ngx_commerce_redis_node_t *node)
{
    ngx_commerce_redis_conn_close(&node->conn);

    /* whom the calls were for may be gone */

    while (!ngx_queue_empty(&node->pending)) {
        ngx_commerce_redis_node_forget(node,
                              ngx_commerce_redis_node_first(&node->pending));
    }

    while (!ngx_queue_empty(&node->waiting)) {
        ngx_commerce_redis_node_forget(node,
                              ngx_commerce_redis_node_first(&node->waiting));
    }
}


ngx_uint_t
ngx_commerce_redis_node_ready(ngx_commerce_redis_node_t *node)
{
    return node->conn.state == NGX_COMMERCE_REDIS_READY;
}


ngx_uint_t
ngx_commerce_redis_node_takes_calls(ngx_commerce_redis_node_t *node)
{
    return !node->conn.away && node->ncalls < NGX_COMMERCE_REDIS_CALLS_MAX;
}


ngx_commerce_redis_call_t *
ngx_commerce_redis_node_command(ngx_commerce_redis_node_t *node,
    ngx_uint_t argc, ngx_str_t *argv, ngx_commerce_redis_handler_pt handler,
    void *data)
{
    if (!ngx_commerce_redis_node_takes_calls(node)) {
        return NULL;
    }

    return ngx_commerce_redis_node_call(node,
                              ngx_commerce_redis_call_command(argc, argv,
                                                              handler, data));
}


ngx_commerce_redis_call_t *
ngx_commerce_redis_node_call(ngx_commerce_redis_node_t *node,
    ngx_commerce_redis_call_t *call)
{
    if (call == NULL) {
        return NULL;
    }

    /* a worker that is told to quit stays until who waits has an answer */

    call->node = node;
    node->ncalls++;
    ngx_commerce_redis_conn_keep(&node->conn, 1);

    if (!ngx_commerce_redis_node_ready(node) || node->leaving) {
        ngx_queue_insert_tail(&node->waiting, &call->queue);
        return call;
    }

    if (ngx_commerce_redis_node_send(node, call) != NGX_OK) {
        ngx_commerce_redis_node_forget(node, call);
        return NULL;
    }

    return call;
}


void
ngx_commerce_redis_node_cancel(ngx_commerce_redis_call_t *call)
{
    if (call->ended) {
        return;
    }

    call->handler = NULL;

    if (!call->sent) {
        ngx_queue_remove(&call->queue);
        ngx_commerce_redis_node_forget(call->node, call);
    }
}


void
ngx_commerce_redis_node_reject_reply(ngx_commerce_redis_node_t *node)
{
    node->rejected = node->answering;
}


/* NGX_OK: it is pending; NGX_ERROR: out of memory, it is in no queue */

static ngx_int_t
ngx_commerce_redis_node_send(ngx_commerce_redis_node_t *node,
    ngx_commerce_redis_call_t *call)
{
    ngx_commerce_redis_conn_t  *conn;

    conn = &node->conn;

    if (ngx_commerce_redis_conn_send(conn, call->bytes, call->len) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_queue_empty(&node->pending)) {
        ngx_commerce_redis_conn_expect(conn, ngx_current_msec
                                             + conn->conf->timeout);
    }

    ngx_queue_insert_tail(&node->pending, &call->queue);
    ngx_commerce_redis_call_sent(call);

    return NGX_OK;
}


static void
ngx_commerce_redis_node_connected(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_redis_call_t  *call;
    ngx_commerce_redis_node_t  *node;

    node = conn->data;
    node->leaving = 0;

    while (!ngx_queue_empty(&node->waiting)) {
        call = ngx_commerce_redis_node_first(&node->waiting);

        if (ngx_commerce_redis_node_send(node, call) != NGX_OK) {
            ngx_commerce_redis_node_end(node, call, NULL);
        }
    }

    node->ready(node);
}


static ngx_int_t
ngx_commerce_redis_node_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    ngx_commerce_redis_call_t  *call;
    ngx_commerce_redis_node_t  *node;

    node = conn->data;

    if (ngx_queue_empty(&node->pending)) {
        return NGX_ERROR;
    }

    call = ngx_commerce_redis_node_first(&node->pending);

    /* who has much to answer is given time as long as answers come */

    if (ngx_queue_empty(&node->pending)) {
        ngx_commerce_redis_conn_expect_nothing(conn);

    } else {
        ngx_commerce_redis_conn_expect(conn, ngx_current_msec
                                             + conn->conf->timeout);
    }

    if (call->script
        && ngx_commerce_redis_error(reply) == NGX_COMMERCE_REDIS_NO_SCRIPT
        && ngx_commerce_redis_call_use_text(call) == NGX_OK
        && ngx_commerce_redis_node_send(node, call) == NGX_OK)
    {
        return NGX_OK;
    }

    ngx_commerce_redis_node_leave(node, reply);

    node->answering = 1;
    node->rejected = 0;

    ngx_commerce_redis_node_end(node, call, reply);

    node->answering = 0;

    if (node->rejected) {
        return NGX_ERROR;
    }

    if (node->leaving && ngx_queue_empty(&node->pending)) {
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
ngx_commerce_redis_node_leave(ngx_commerce_redis_node_t *node,
    redisReply *reply)
{
    if (ngx_commerce_redis_error(reply) != NGX_COMMERCE_REDIS_READ_ONLY
        || (node->left
            && ngx_current_msec - node->left < NGX_COMMERCE_REDIS_LEAVE))
    {
        return;
    }

    node->left = ngx_current_msec;
    node->leaving = 1;
}


/*
 * What was sent may have been carried out and is not sent again; what was not
 * waits for an attempt that begins at once, but not while Redis is away.
 */

static void
ngx_commerce_redis_node_lost(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_redis_node_t  *node;

    node = conn->data;

    ngx_commerce_redis_node_end_all(node, &node->pending);

    if (conn->away) {
        ngx_commerce_redis_node_end_all(node, &node->waiting);
    }
}


/* takes the first one out of a queue */

static ngx_commerce_redis_call_t *
ngx_commerce_redis_node_first(ngx_queue_t *calls)
{
    ngx_queue_t  *q;

    q = ngx_queue_head(calls);
    ngx_queue_remove(q);

    return ngx_queue_data(q, ngx_commerce_redis_call_t, queue);
}


/* a call that is in no queue */

static void
ngx_commerce_redis_node_end(ngx_commerce_redis_node_t *node,
    ngx_commerce_redis_call_t *call, redisReply *reply)
{
    call->ended = 1;

    if (call->handler) {
        call->handler(call->data, reply);
    }

    ngx_commerce_redis_node_forget(node, call);
}


/* without an answer; calls that handlers make meanwhile are not among them */

static void
ngx_commerce_redis_node_end_all(ngx_commerce_redis_node_t *node,
    ngx_queue_t *calls)
{
    ngx_queue_t  ending;

    if (ngx_queue_empty(calls)) {
        return;
    }

    ngx_queue_init(&ending);
    ngx_queue_add(&ending, calls);
    ngx_queue_init(calls);

    while (!ngx_queue_empty(&ending)) {
        ngx_commerce_redis_node_end(node,
                                    ngx_commerce_redis_node_first(&ending),
                                    NULL);
    }
}


static void
ngx_commerce_redis_node_forget(ngx_commerce_redis_node_t *node,
    ngx_commerce_redis_call_t *call)
{
    node->ncalls--;
    ngx_commerce_redis_conn_keep(&node->conn, node->ncalls != 0);

    ngx_commerce_redis_call_free(call);
}
