
/*
 * Streams that nginx-rtmp fetches itself, or hands from worker to worker.
 *
 * The flags of a session don't tell: nginx-rtmp sets relay on those that it
 * pushes to others, too, and auto_pushed on every client of a unix socket.
 * And it obeys whatever command comes in on a connection, though it opened
 * the connection itself.
 */

#include "ngx_rtmp_commerce_module.h"
#include <ngx_rtmp_relay_module.h>


static ngx_uint_t ngx_rtmp_commerce_relay_is_pull(ngx_rtmp_session_t *s);
static ngx_uint_t ngx_rtmp_commerce_relay_is_worker(ngx_connection_t *c);
static ngx_int_t ngx_rtmp_commerce_relay_command(ngx_rtmp_session_t *s,
    ngx_rtmp_header_t *h, ngx_chain_t *in);


/* what only clients send; connect would choose another application */

static ngx_str_t  ngx_rtmp_commerce_relay_commands[] = {
    ngx_string("connect"),
    ngx_string("publish"),
    ngx_null_string
};


/* a handler has to come before nginx-rtmp's own to keep the command from it */

ngx_int_t
ngx_rtmp_commerce_relay_guard(ngx_conf_t *cf)
{
    ngx_str_t                  *name;
    ngx_array_t                *handlers;
    ngx_rtmp_amf_handler_t     *h;
    ngx_rtmp_core_main_conf_t  *cmcf;

    cmcf = ngx_rtmp_conf_get_module_main_conf(cf, ngx_rtmp_core_module);
    handlers = &cmcf->amf;

    for (name = ngx_rtmp_commerce_relay_commands; name->len; name++) {

        if (ngx_array_push(handlers) == NULL) {
            return NGX_ERROR;
        }

        h = handlers->elts;
        ngx_memmove(h + 1, h, (handlers->nelts - 1) * sizeof(*h));

        h->name = *name;
        h->handler = ngx_rtmp_commerce_relay_command;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_rtmp_commerce_relay_is_own(ngx_rtmp_session_t *s)
{
    return s->relay ? ngx_rtmp_commerce_relay_is_pull(s)
                    : ngx_rtmp_commerce_relay_is_worker(s->connection);
}


ngx_int_t
ngx_rtmp_commerce_relay_publish(ngx_rtmp_session_t *s, ngx_rtmp_publish_t *v)
{
    ngx_str_t              name;
    ngx_rtmp_relay_ctx_t  *ctx;

    if (!s->relay) {
        return NGX_OK;
    }

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_relay_module);

    name.data = v->name;
    name.len = ngx_strlen(v->name);

    if (name.len == ctx->name.len
        && ngx_memcmp(name.data, ctx->name.data, name.len) == 0)
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_WARN, s->connection->log, 0,
                  "commerce: what is pulled as \"%V\" was refused "
                  "under another name", &ctx->name);

    return NGX_ERROR;
}


/* a pull is what its own players hang on; a static one has none */

static ngx_uint_t
ngx_rtmp_commerce_relay_is_pull(ngx_rtmp_session_t *s)
{
    ngx_rtmp_relay_ctx_t  *ctx;

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_relay_module);

    return ctx != NULL && (s->static_relay || ctx->publish == ctx);
}


/*
 * rtmp_auto_push makes the worker's socket, and gives it a name that no
 * listen directive can: theirs begin with "unix:".
 */

static ngx_uint_t
ngx_rtmp_commerce_relay_is_worker(ngx_connection_t *c)
{
    ngx_str_t  *text;

    static ngx_str_t  worker = ngx_string("worker_socket");

    if (c->listening == NULL) {
        return 0;
    }

    text = &c->listening->addr_text;

    return text->len == worker.len
           && ngx_memcmp(text->data, worker.data, worker.len) == 0;
}


static ngx_int_t
ngx_rtmp_commerce_relay_command(ngx_rtmp_session_t *s, ngx_rtmp_header_t *h,
    ngx_chain_t *in)
{
    if (!s->relay) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_WARN, s->connection->log, 0,
                  "commerce: a command of clients was refused: it came from "
                  "where streams are pushed to or pulled from");

    return NGX_ERROR;
}
