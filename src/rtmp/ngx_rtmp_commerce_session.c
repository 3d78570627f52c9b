
/*
 * A session between its first publish and its end: where nginx-rtmp calls
 * this module.
 */

#include "ngx_rtmp_commerce_module.h"


static ngx_int_t ngx_rtmp_commerce_publish(ngx_rtmp_session_t *s,
    ngx_rtmp_publish_t *v);
static ngx_int_t ngx_rtmp_commerce_unasked(ngx_rtmp_session_t *s,
    ngx_rtmp_publish_t *v);
static ngx_int_t ngx_rtmp_commerce_close_stream(ngx_rtmp_session_t *s,
    ngx_rtmp_close_stream_t *v);
static void ngx_rtmp_commerce_cleanup(void *data);


ngx_rtmp_publish_pt              ngx_rtmp_commerce_next_publish;
static ngx_rtmp_close_stream_pt  ngx_rtmp_commerce_next_close_stream;


void
ngx_rtmp_commerce_hook(void)
{
    ngx_rtmp_commerce_next_publish = ngx_rtmp_publish;
    ngx_rtmp_publish = ngx_rtmp_commerce_publish;

    ngx_rtmp_commerce_next_close_stream = ngx_rtmp_close_stream;
    ngx_rtmp_close_stream = ngx_rtmp_commerce_close_stream;
}


static ngx_int_t
ngx_rtmp_commerce_publish(ngx_rtmp_session_t *s, ngx_rtmp_publish_t *v)
{
    ngx_int_t                      rc;
    ngx_rtmp_commerce_ctx_t       *ctx;
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_commerce_asked(s);

    if (cacf == NULL) {
        return ngx_rtmp_commerce_unasked(s, v);
    }

    /* nginx-rtmp takes every client of a unix socket for another worker */

    s->auto_pushed = 0;

    ctx = ngx_rtmp_commerce_session_ctx(s, cacf);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    /* a connection publishes one stream: whoever asks for two has none */

    switch (ctx->state) {

    case NGX_RTMP_COMMERCE_IDLE:
        break;

    case NGX_RTMP_COMMERCE_PUBLISHING:
        ngx_rtmp_commerce_cut(ctx, NGX_COMMERCE_ROOM_TAKEN);
        return NGX_OK;

    case NGX_RTMP_COMMERCE_CLOSING:
        return NGX_OK;

    default:
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_ROOM_TAKEN);
        return NGX_OK;
    }

    /* v is used again for the next session's publish */

    ctx->publish = *v;
    ctx->state = NGX_RTMP_COMMERCE_LOOKUP;
    ctx->room.len = 0;
    ctx->host.len = 0;
    ctx->by_key = 0;
    ctx->refreshed = 0;

    rc = ngx_rtmp_commerce_args_read(&ctx->presented, ctx->publish.name,
                                     ctx->publish.args);
    if (rc != NGX_OK) {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_BAD_NAME);
        return NGX_OK;
    }

    if (ctx->presented.key.data == NULL && ctx->presented.token.data == NULL) {
        ngx_rtmp_commerce_args_copy(&ctx->presented, &ctx->brought);
    }

    ngx_rtmp_commerce_admit(ctx);

    return NGX_OK;
}


static ngx_int_t
ngx_rtmp_commerce_unasked(ngx_rtmp_session_t *s, ngx_rtmp_publish_t *v)
{
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_get_module_app_conf(s, ngx_rtmp_commerce_module);

    if (cacf && cacf->tenant
        && ngx_rtmp_commerce_relay_publish(s, v) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_rtmp_commerce_next_publish(s, v);
}


ngx_rtmp_commerce_ctx_t *
ngx_rtmp_commerce_session_ctx(ngx_rtmp_session_t *s,
    ngx_rtmp_commerce_app_conf_t *cacf)
{
    ngx_pool_cleanup_t       *cln;
    ngx_rtmp_commerce_ctx_t  *ctx;

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_commerce_module);

    if (ctx) {
        return ctx;
    }

    ctx = ngx_pcalloc(s->connection->pool, sizeof(ngx_rtmp_commerce_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    /* close_stream is left out if another module's disconnect handler fails */

    cln = ngx_pool_cleanup_add(s->connection->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_rtmp_commerce_cleanup;
    cln->data = ctx;

    ctx->session = s;
    ctx->tenant = cacf->tenant;
    ctx->conf = cacf;
    ctx->room.data = ctx->room_name;
    ctx->host.data = ctx->host_name;

    ngx_rtmp_set_ctx(s, ctx, ngx_rtmp_commerce_module);

    return ctx;
}


/* the claim is given up only when the others have stopped writing */

static ngx_int_t
ngx_rtmp_commerce_close_stream(ngx_rtmp_session_t *s,
    ngx_rtmp_close_stream_t *v)
{
    ngx_int_t                 rc;
    ngx_rtmp_commerce_ctx_t  *ctx;

    rc = ngx_rtmp_commerce_next_close_stream(s, v);

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_commerce_module);

    if (ctx) {
        ngx_rtmp_commerce_closed(ctx);
    }

    return rc;
}


static void
ngx_rtmp_commerce_cleanup(void *data)
{
    ngx_rtmp_commerce_ctx_t  *ctx = data;

    ngx_rtmp_commerce_closed(ctx);
    ngx_rtmp_commerce_args_wipe(&ctx->brought);

    if (ctx->event.timer_set) {
        ngx_del_timer(&ctx->event);
    }
}


void
ngx_rtmp_commerce_closed(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_commerce_store_cancel(&ctx->key_wait);
    ngx_commerce_store_cancel(&ctx->room_wait);
    ngx_commerce_store_cancel(&ctx->host_wait);

    ngx_rtmp_commerce_args_wipe(&ctx->presented);
    ngx_explicit_memzero(&ctx->publish, sizeof(ngx_rtmp_publish_t));

    if (ctx->claim) {
        ngx_commerce_claim_release(ctx->claim);
        ctx->claim = NULL;
    }

    ngx_rtmp_commerce_unwatch(ctx);
    ngx_rtmp_commerce_media_stop(ctx);

    if (ctx->state == NGX_RTMP_COMMERCE_CLOSING) {
        return;
    }

    if (ctx->event.timer_set) {
        ngx_del_timer(&ctx->event);
    }

    ctx->state = NGX_RTMP_COMMERCE_IDLE;
}


ngx_rtmp_commerce_app_conf_t *
ngx_rtmp_commerce_asked(ngx_rtmp_session_t *s)
{
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_get_module_app_conf(s, ngx_rtmp_commerce_module);

    if (cacf == NULL || cacf->tenant == NULL
        || ngx_rtmp_commerce_relay_is_own(s))
    {
        return NULL;
    }

    return cacf;
}
