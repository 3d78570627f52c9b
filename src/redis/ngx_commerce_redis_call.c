
#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_client.h"
#include <ngx_sha1.h>


/* calls of one worker that were not answered yet */
#define NGX_COMMERCE_REDIS_CALLS_MAX  65536


struct ngx_commerce_redis_call_s {
    ngx_queue_t                     queue;
    ngx_commerce_redis_client_t    *client;
    ngx_commerce_redis_handler_pt   handler;  /* NULL: nobody wants to know */
    void                           *data;
    ngx_commerce_redis_script_t    *script;   /* as long as its SHA is used */
    ngx_uint_t                      nargs;    /* of EVALSHA or EVAL */

    u_char                         *bytes;    /* kept while needed again */
    size_t                          len;
    ngx_msec_t                      deadline;

    unsigned                        sent:1;
    unsigned                        ended:1;  /* its handler runs */
};


static ngx_commerce_redis_call_t *ngx_commerce_redis_call_create(
    ngx_commerce_tenant_t *tenant, ngx_commerce_redis_handler_pt handler,
    void *data);
static ngx_commerce_redis_call_t *ngx_commerce_redis_call_start(
    ngx_commerce_redis_call_t *call);
static ngx_int_t ngx_commerce_redis_call_send(ngx_commerce_redis_call_t *call);
static ngx_int_t ngx_commerce_redis_call_use_text(
    ngx_commerce_redis_call_t *call);
static void ngx_commerce_redis_call_end(ngx_commerce_redis_call_t *call,
    redisReply *reply);
static void ngx_commerce_redis_call_free(ngx_commerce_redis_call_t *call);
static void ngx_commerce_redis_calls_end(ngx_queue_t *calls);
static void ngx_commerce_redis_calls_free(ngx_queue_t *calls);
static void ngx_commerce_redis_script_sha(ngx_commerce_redis_script_t *script);

static void ngx_commerce_redis_client_ready(ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_client_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);
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


ngx_commerce_redis_call_t *
ngx_commerce_redis_command(ngx_commerce_tenant_t *tenant, ngx_str_t *key,
    ngx_uint_t argc, ngx_str_t *argv, ngx_commerce_redis_handler_pt handler,
    void *data)
{
    ngx_commerce_redis_call_t  *call;

    call = ngx_commerce_redis_call_create(tenant, handler, data);
    if (call == NULL) {
        return NULL;
    }

    call->bytes = ngx_commerce_redis_format(0, NULL, argc, argv, &call->len);

    return ngx_commerce_redis_call_start(call);
}


ngx_commerce_redis_call_t *
ngx_commerce_redis_eval(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_script_t *script, ngx_uint_t nkeys, ngx_uint_t argc,
    ngx_str_t *argv, ngx_commerce_redis_handler_pt handler, void *data)
{
    u_char                      keys[NGX_INT_T_LEN];
    ngx_str_t                   lead[3];
    ngx_commerce_redis_call_t  *call;

    call = ngx_commerce_redis_call_create(tenant, handler, data);
    if (call == NULL) {
        return NULL;
    }

    ngx_commerce_redis_script_sha(script);

    ngx_str_set(&lead[0], "EVALSHA");
    lead[1].data = script->sha;
    lead[1].len = sizeof(script->sha);
    lead[2].data = keys;
    lead[2].len = ngx_sprintf(keys, "%ui", nkeys) - keys;

    call->script = script;
    call->nargs = 3 + argc;
    call->bytes = ngx_commerce_redis_format(3, lead, argc, argv, &call->len);

    return ngx_commerce_redis_call_start(call);
}


void
ngx_commerce_redis_cancel(ngx_commerce_redis_call_t *call)
{
    if (call->ended) {
        return;
    }

    call->handler = NULL;

    if (!call->sent) {
        ngx_queue_remove(&call->queue);
        ngx_commerce_redis_call_free(call);
    }
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_call_create(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_handler_pt handler, void *data)
{
    ngx_commerce_redis_call_t    *call;
    ngx_commerce_redis_client_t  *client;

    client = ngx_commerce_redis_conf(tenant)->client;

    if (client == NULL || client->conn.away
        || client->ncalls >= NGX_COMMERCE_REDIS_CALLS_MAX)
    {
        return NULL;
    }

    call = ngx_calloc(sizeof(ngx_commerce_redis_call_t), tenant->log);
    if (call == NULL) {
        return NULL;
    }

    call->client = client;
    call->handler = handler;
    call->data = data;

    client->ncalls++;

    return call;
}


/* sends it, or has it wait; the call, or NULL: out of memory, it is freed */

static ngx_commerce_redis_call_t *
ngx_commerce_redis_call_start(ngx_commerce_redis_call_t *call)
{
    ngx_commerce_redis_client_t  *client;

    client = call->client;

    if (call->bytes == NULL) {
        ngx_commerce_redis_call_free(call);
        return NULL;
    }

    if (client->conn.state != NGX_COMMERCE_REDIS_READY) {
        ngx_queue_insert_tail(&client->waiting, &call->queue);
        return call;
    }

    if (ngx_commerce_redis_call_send(call) != NGX_OK) {
        ngx_commerce_redis_call_free(call);
        return NULL;
    }

    return call;
}


/* NGX_OK: it is among those that wait for an answer; NGX_ERROR: in no queue */

static ngx_int_t
ngx_commerce_redis_call_send(ngx_commerce_redis_call_t *call)
{
    ngx_commerce_redis_conn_t  *conn;

    conn = &call->client->conn;

    if (ngx_commerce_redis_conn_send(conn, call->bytes, call->len) != NGX_OK) {
        return NGX_ERROR;
    }

    call->sent = 1;
    call->deadline = ngx_current_msec + conn->conf->timeout;

    if (ngx_queue_empty(&call->client->pending)) {
        ngx_commerce_redis_conn_expect(conn, call->deadline);
    }

    ngx_queue_insert_tail(&call->client->pending, &call->queue);

    if (call->script == NULL) {
        ngx_free(call->bytes);
        call->bytes = NULL;
    }

    return NGX_OK;
}


/* what follows the SHA in EVALSHA follows the text in EVAL */

static ngx_int_t
ngx_commerce_redis_call_use_text(ngx_commerce_redis_call_t *call)
{
    size_t      skip;
    u_char     *bytes, *p;
    u_char      head[sizeof("*" CRLF "$7" CRLF "EVALSHA" CRLF "$40" CRLF)
                     + NGX_INT_T_LEN];
    ngx_str_t  *text;

    text = &call->script->text;

    p = ngx_sprintf(head, "*%ui" CRLF "$7" CRLF "EVALSHA" CRLF "$40" CRLF,
                    call->nargs);
    skip = (p - head) + sizeof(call->script->sha) + sizeof(CRLF) - 1;

    bytes = ngx_alloc(sizeof(head) + NGX_SIZE_T_LEN + text->len + call->len,
                      ngx_cycle->log);
    if (bytes == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(bytes, "*%ui" CRLF "$4" CRLF "EVAL" CRLF "$%uz" CRLF,
                    call->nargs, text->len);
    p = ngx_cpymem(p, text->data, text->len);
    p = ngx_cpymem(p, CRLF, sizeof(CRLF) - 1);
    p = ngx_cpymem(p, call->bytes + skip, call->len - skip);

    ngx_free(call->bytes);

    call->bytes = bytes;
    call->len = p - bytes;
    call->script = NULL;

    return NGX_OK;
}


static void
ngx_commerce_redis_call_end(ngx_commerce_redis_call_t *call,
    redisReply *reply)
{
    call->ended = 1;

    if (call->handler) {
        call->handler(call->data, reply);
    }

    ngx_commerce_redis_call_free(call);
}


static void
ngx_commerce_redis_call_free(ngx_commerce_redis_call_t *call)
{
    call->client->ncalls--;

    if (call->bytes) {
        ngx_free(call->bytes);
    }

    ngx_free(call);
}


/*
 * Ends calls without an answer.  Those that their handlers make meanwhile
 * are not among them.
 */

static void
ngx_commerce_redis_calls_end(ngx_queue_t *calls)
{
    ngx_queue_t                *q, ending;
    ngx_commerce_redis_call_t  *call;

    if (ngx_queue_empty(calls)) {
        return;
    }

    ngx_queue_init(&ending);
    ngx_queue_add(&ending, calls);
    ngx_queue_init(calls);

    while (!ngx_queue_empty(&ending)) {
        q = ngx_queue_head(&ending);
        ngx_queue_remove(q);

        call = ngx_queue_data(q, ngx_commerce_redis_call_t, queue);
        ngx_commerce_redis_call_end(call, NULL);
    }
}


static void
ngx_commerce_redis_calls_free(ngx_queue_t *calls)
{
    ngx_queue_t                *q;
    ngx_commerce_redis_call_t  *call;

    while (!ngx_queue_empty(calls)) {
        q = ngx_queue_head(calls);
        ngx_queue_remove(q);

        call = ngx_queue_data(q, ngx_commerce_redis_call_t, queue);
        ngx_commerce_redis_call_free(call);
    }
}


static void
ngx_commerce_redis_script_sha(ngx_commerce_redis_script_t *script)
{
    u_char      digest[20];
    ngx_sha1_t  sha1;

    if (script->sha[0]) {
        return;
    }

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, script->text.data, script->text.len);
    ngx_sha1_final(digest, &sha1);

    (void) ngx_hex_dump(script->sha, digest, sizeof(digest));
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
    ngx_commerce_redis_call_t    *call, *next;
    ngx_commerce_redis_client_t  *client;

    client = conn->data;

    if (ngx_queue_empty(&client->pending)) {
        return NGX_ERROR;
    }

    q = ngx_queue_head(&client->pending);
    ngx_queue_remove(q);
    call = ngx_queue_data(q, ngx_commerce_redis_call_t, queue);

    if (ngx_queue_empty(&client->pending)) {
        ngx_commerce_redis_conn_expect_nothing(conn);

    } else {
        q = ngx_queue_head(&client->pending);
        next = ngx_queue_data(q, ngx_commerce_redis_call_t, queue);
        ngx_commerce_redis_conn_expect(conn, next->deadline);
    }

    if (call->script
        && ngx_commerce_redis_is_error(reply, "NOSCRIPT")
        && ngx_commerce_redis_call_use_text(call) == NGX_OK
        && ngx_commerce_redis_call_send(call) == NGX_OK)
    {
        return NGX_OK;
    }

    ngx_commerce_redis_call_end(call, reply);

    return NGX_OK;
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
