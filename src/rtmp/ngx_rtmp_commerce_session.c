
#include "ngx_rtmp_commerce_session.h"
#include "ngx_rtmp_commerce_relay.h"


static ngx_int_t ngx_rtmp_commerce_close_stream(ngx_rtmp_session_t *s,
    ngx_rtmp_close_stream_t *v);
static void ngx_rtmp_commerce_cleanup(void *data);


static ngx_rtmp_close_stream_pt  ngx_rtmp_commerce_next_close_stream;


void
ngx_rtmp_commerce_session_hook(void)
{
    ngx_rtmp_commerce_next_close_stream = ngx_rtmp_close_stream;
    ngx_rtmp_close_stream = ngx_rtmp_commerce_close_stream;
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
        ngx_rtmp_commerce_session_end(ctx);
    }

    return rc;
}


static void
ngx_rtmp_commerce_cleanup(void *data)
{
    ngx_rtmp_commerce_ctx_t  *ctx = data;

    ngx_rtmp_commerce_session_end(ctx);
    ngx_rtmp_commerce_args_wipe(&ctx->brought);

    if (ctx->event.timer_set) {
        ngx_del_timer(&ctx->event);
    }
}


void
ngx_rtmp_commerce_session_leave(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_commerce_load_leave(&ctx->key_wait);
    ngx_commerce_load_leave(&ctx->room_wait);
    ngx_commerce_load_leave(&ctx->host_wait);

    if (ctx->player) {
        ngx_commerce_load_leave(&ctx->player->out_wait);
        ngx_commerce_load_leave(&ctx->player->follow_wait);
    }

    ngx_rtmp_commerce_args_wipe(&ctx->presented);

    if (ctx->claim) {
        ctx->show = ctx->claim->show;
        ngx_commerce_claim_release(ctx->claim);
        ctx->claim = NULL;
    }
}


void
ngx_rtmp_commerce_session_end(ngx_rtmp_commerce_ctx_t *ctx)
{
    void  (*stop)(ngx_rtmp_commerce_ctx_t *ctx);

    ngx_rtmp_commerce_session_leave(ctx);

    ngx_explicit_memzero(&ctx->publish, sizeof(ngx_rtmp_publish_t));

    if (ctx->stop) {
        stop = ctx->stop;
        ctx->stop = NULL;
        stop(ctx);
    }

    if (ctx->state == NGX_RTMP_COMMERCE_CLOSING) {
        return;
    }

    if (ctx->event.timer_set) {
        ngx_del_timer(&ctx->event);
    }

    ctx->state = NGX_RTMP_COMMERCE_IDLE;
}


ngx_rtmp_commerce_app_conf_t *
ngx_rtmp_commerce_session_conf(ngx_rtmp_session_t *s)
{
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_get_module_app_conf(s, ngx_rtmp_commerce_module);

    if (cacf == NULL || cacf->proofs == 0
        || ngx_rtmp_commerce_relay_is_own(s))
    {
        return NULL;
    }

    return cacf;
}
