
/*
 * The flags of a session don't tell: nginx-rtmp sets relay on those that it
 * pushes to others, too, and auto_pushed on every client of a unix socket.
 */

#include "ngx_rtmp_commerce_relay.h"
#include <ngx_rtmp_relay_module.h>


static ngx_uint_t ngx_rtmp_commerce_relay_is_pull(ngx_rtmp_session_t *s);
static ngx_uint_t ngx_rtmp_commerce_relay_is_worker(ngx_connection_t *c);


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
