
#include "ngx_rtmp_commerce_play_ask.h"
#include "ngx_commerce_follow.h"


static ngx_int_t ngx_rtmp_commerce_play_ask_records(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_question_t *q);
static void ngx_rtmp_commerce_play_ask_set_host(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_str_t *host);


ngx_int_t
ngx_rtmp_commerce_play_ask(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_question_t *q, ngx_commerce_reason_e *reason)
{
    ngx_rtmp_commerce_player_t  *player;

    player = ctx->player;

    if (ngx_rtmp_commerce_play_ask_records(ctx, q) == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    q->follows = player->followed ? NGX_OK : NGX_AGAIN;

    *reason = ngx_commerce_decide(q);

    if (!q->asks_follows) {
        return NGX_OK;
    }

    q->follows = ngx_commerce_follow_get(ctx->tenant, &ctx->host,
                                         &q->claim->subject,
                                         &player->follow_wait);
    if (q->follows == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    player->followed = (q->follows == NGX_OK);

    if (player->followed) {
        /* that he does says nothing about who else he says he is */

        player->claims[0] = *q->claim;
        player->nclaims = 1;
        q->nclaims = 1;
    }

    *reason = ngx_commerce_decide(q);

    return NGX_OK;
}


/*
 * NGX_OK or NGX_AGAIN.  What the decision comes to without is not asked for, so
 * that without a proof a room that is not public takes as long as none.
 */

static ngx_int_t
ngx_rtmp_commerce_play_ask_records(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_question_t *q)
{
    ngx_commerce_tenant_t       *tenant;
    ngx_rtmp_commerce_player_t  *player;

    tenant = ctx->tenant;
    player = ctx->player;

    ngx_memzero(q, sizeof(ngx_commerce_question_t));

    q->action = NGX_COMMERCE_ACTION_VIEW;
    q->claims = player->claims;
    q->nclaims = player->nclaims;
    q->no_claims = player->no_claims;
    q->now = ngx_commerce_now(tenant);

    q->room_rc = ngx_commerce_store_get(tenant, NGX_COMMERCE_ROOM, &ctx->room,
                                        NGX_COMMERCE_FOR_VIEWERS,
                                        (void **) &q->room, &ctx->room_wait);
    if (q->room_rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    q->host_rc = NGX_DECLINED;
    q->out_rc = NGX_DECLINED;

    if (q->room_rc == NGX_OK) {

        if (q->nclaims == 0
            && q->room->visibility != NGX_COMMERCE_VISIBILITY_PUBLIC)
        {
            return NGX_OK;
        }

        ngx_rtmp_commerce_play_ask_set_host(ctx, &q->room->host);
    }

    if (ctx->host.len) {
        q->host_rc = ngx_commerce_store_get(tenant, NGX_COMMERCE_HOST,
                                            &ctx->host,
                                            NGX_COMMERCE_FOR_VIEWERS,
                                            (void **) &q->host,
                                            &ctx->host_wait);
        if (q->host_rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }
    }

    if (q->room_rc == NGX_OK && q->nclaims) {
        q->out_rc = ngx_commerce_store_get(tenant, NGX_COMMERCE_OUT,
                                           &ctx->room,
                                           NGX_COMMERCE_FOR_VIEWERS,
                                           (void **) &q->out,
                                           &player->out_wait);
    }

    return q->out_rc == NGX_AGAIN ? NGX_AGAIN : NGX_OK;
}


/* whose the room is now: none, if he has a name that no host can have */

static void
ngx_rtmp_commerce_play_ask_set_host(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_str_t *host)
{
    size_t  len;

    len = ngx_commerce_name_valid(NGX_COMMERCE_HOST, host) ? host->len : 0;

    if (ctx->host.len == len
        && ngx_memcmp(ctx->host_name, host->data, len) == 0)
    {
        return;
    }

    ctx->host.len = len;
    ngx_memcpy(ctx->host_name, host->data, len);

    ctx->player->followed = 0;
    ctx->player->moved = 1;
}
