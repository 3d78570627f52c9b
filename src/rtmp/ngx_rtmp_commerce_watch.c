
#include "ngx_rtmp_commerce_watch.h"
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_rtmp_commerce_refuse.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_stats.h"


static void ngx_rtmp_commerce_watch_look(void *data);
static ngx_commerce_reason_e ngx_rtmp_commerce_watch_states(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_question_t *q);


ngx_int_t
ngx_rtmp_commerce_watch(ngx_rtmp_commerce_ctx_t *ctx)
{
    ctx->room_wait.handler = ngx_rtmp_commerce_watch_look;
    ctx->host_wait.handler = ngx_rtmp_commerce_watch_look;

    ctx->room_watch.handler = ngx_rtmp_commerce_watch_look;
    ctx->room_watch.data = ctx;
    ctx->host_watch.handler = ngx_rtmp_commerce_watch_look;
    ctx->host_watch.data = ctx;

    if (ngx_commerce_watch_record(&ctx->room_watch, ctx->tenant,
                                  NGX_COMMERCE_ROOM, &ctx->room)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_commerce_watch_record(&ctx->host_watch, ctx->tenant,
                                  NGX_COMMERCE_HOST, &ctx->host)
        != NGX_OK)
    {
        ngx_commerce_watch_end(&ctx->room_watch);
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_rtmp_commerce_unwatch(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_commerce_watch_end(&ctx->room_watch);
    ngx_commerce_watch_end(&ctx->host_watch);

    if (ctx->reason == NGX_COMMERCE_ALLOWED) {
        ngx_log_error(NGX_LOG_INFO, ctx->session->connection->log, 0,
                      "commerce: room \"%V\" is no longer published",
                      &ctx->room);
    }

    (void) ngx_atomic_fetch_add(
                       &ctx->tenant->stats->publish_ended[ctx->reason], 1);

    ctx->ending = 1;
    ngx_rtmp_commerce_audit(ctx, "publish_ended", ctx->reason);
    ctx->ending = 0;
}


/*
 * With Redis away a show goes on, as it does when its records are gone from
 * Redis altogether: that is how a Redis looks that lost its data, and a ban
 * is a state.  But what one of them says counts without the other.
 */

static void
ngx_rtmp_commerce_watch_look(void *data)
{
    ngx_rtmp_commerce_ctx_t *ctx = data;

    ngx_commerce_reason_e    reason;
    ngx_commerce_question_t  q;

    if (ctx->session->connection->destroyed
        || ctx->room_wait.pending || ctx->host_wait.pending)
    {
        return;
    }

    ngx_memzero(&q, sizeof(ngx_commerce_question_t));

    q.room_rc = ngx_commerce_store_get(ctx->tenant, NGX_COMMERCE_ROOM,
                                       &ctx->room, NGX_COMMERCE_FOR_VIEWERS,
                                       (void **) &q.room, &ctx->room_wait);
    if (q.room_rc == NGX_AGAIN) {
        return;
    }

    q.host_rc = ngx_commerce_store_get(ctx->tenant, NGX_COMMERCE_HOST,
                                       &ctx->host, NGX_COMMERCE_FOR_VIEWERS,
                                       (void **) &q.host, &ctx->host_wait);
    if (q.host_rc == NGX_AGAIN) {
        return;
    }

    reason = ngx_rtmp_commerce_watch_states(ctx, &q);

    if (reason != NGX_COMMERCE_ALLOWED) {
        ngx_rtmp_commerce_cut(ctx, reason);
    }
}


static ngx_commerce_reason_e
ngx_rtmp_commerce_watch_states(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_question_t *q)
{
    ngx_commerce_reason_e  reason;

    q->action = NGX_COMMERCE_ACTION_PUBLISH;
    q->now = ngx_commerce_now(ctx->tenant);
    q->grant = &ctx->grant;

    if (q->room_rc == NGX_OK) {
        reason = ngx_commerce_decide(q);

    } else {
        reason = ngx_commerce_decide_host(q);
    }

    /* that the host could not be looked up is no verdict on him */

    if (reason == ngx_commerce_decide_outcome(NGX_COMMERCE_HOST, q->host_rc)) {
        return NGX_COMMERCE_ALLOWED;
    }

    return reason;
}
