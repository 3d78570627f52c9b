
#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_client.h"
#include <ngx_sha1.h>


/* calls of one worker that were not answered yet */
#define NGX_COMMERCE_REDIS_CALLS_MAX  65536


static ngx_commerce_redis_call_t *ngx_commerce_redis_call_create(
    ngx_commerce_tenant_t *tenant, ngx_commerce_redis_handler_pt handler,
    void *data);
static ngx_commerce_redis_call_t *ngx_commerce_redis_call_start(
    ngx_commerce_redis_call_t *call);
static void ngx_commerce_redis_call_free(ngx_commerce_redis_call_t *call);
static void ngx_commerce_redis_call_misplaced(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_script_t *script);
static void ngx_commerce_redis_script_sha(ngx_commerce_redis_script_t *script);


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

    if (!ngx_commerce_redis_same_slot(argv, nkeys)) {
        ngx_commerce_redis_call_misplaced(tenant, script);
        return NULL;
    }

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

    /* a worker that is told to quit stays until who waits has an answer */

    client->ncalls++;
    client->conn.timer.cancelable = 0;

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

    if (client->conn.state != NGX_COMMERCE_REDIS_READY || client->leaving) {
        ngx_queue_insert_tail(&client->waiting, &call->queue);
        return call;
    }

    if (ngx_commerce_redis_call_send(call) != NGX_OK) {
        ngx_commerce_redis_call_free(call);
        return NULL;
    }

    return call;
}


ngx_int_t
ngx_commerce_redis_call_send(ngx_commerce_redis_call_t *call)
{
    ngx_commerce_redis_conn_t  *conn;

    conn = &call->client->conn;

    if (ngx_commerce_redis_conn_send(conn, call->bytes, call->len) != NGX_OK) {
        return NGX_ERROR;
    }

    call->sent = 1;

    if (ngx_queue_empty(&call->client->pending)) {
        ngx_commerce_redis_conn_expect(conn, ngx_current_msec
                                             + conn->conf->timeout);
    }

    ngx_queue_insert_tail(&call->client->pending, &call->queue);

    if (call->script == NULL) {
        ngx_free(call->bytes);
        call->bytes = NULL;
    }

    return NGX_OK;
}


/* what follows the SHA in EVALSHA follows the text in EVAL */

ngx_int_t
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


void
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
    ngx_commerce_redis_client_t  *client;

    client = call->client;

    client->ncalls--;
    client->conn.timer.cancelable = (client->ncalls == 0);

    if (call->bytes) {
        ngx_free(call->bytes);
    }

    ngx_free(call);
}


void
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


void
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


/* a fault of this program, which would show in a cluster only */

static void
ngx_commerce_redis_call_misplaced(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_script_t *script)
{
    static ngx_uint_t  told;

    if (!told) {
        told = 1;

        ngx_log_error(NGX_LOG_ALERT, tenant->log, 0,
                      "commerce \"%V\": keys of script \"%V\" are not of one "
                      "slot, it is not called", &tenant->name,
                      &script->name);
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
