
#include "ngx_rtmp_commerce_viewer.h"
#include "ngx_commerce_jwt.h"
#include "ngx_commerce_url.h"
#include "ngx_commerce_viewer.h"


static ngx_commerce_reason_e ngx_rtmp_commerce_viewer_token(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_times_t *times,
    ngx_commerce_jwt_t *jwt);
static ngx_commerce_reason_e ngx_rtmp_commerce_viewer_jwt(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_times_t *times,
    ngx_commerce_jwt_t *jwt);
static ngx_commerce_reason_e ngx_rtmp_commerce_viewer_url(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_times_t *times,
    ngx_commerce_jwt_t *jwt);
static void ngx_rtmp_commerce_viewer_keep(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_claims_t *claims);


/* each sets claims, and says MISSING if its proof was not presented */

static ngx_commerce_reason_e (*ngx_rtmp_commerce_viewer_proofs[])(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_times_t *times,
    ngx_commerce_jwt_t *jwt) =
{
    ngx_rtmp_commerce_viewer_token,
    ngx_rtmp_commerce_viewer_jwt,
    ngx_rtmp_commerce_viewer_url
};


void
ngx_rtmp_commerce_viewer_claims(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_uint_t                   i;
    ngx_commerce_jwt_t           jwt;
    ngx_commerce_times_t         times;
    ngx_commerce_reason_e        reason;
    ngx_rtmp_commerce_player_t  *player;

    player = ctx->player;

    player->nclaims = 0;
    player->no_claims = NGX_COMMERCE_PROOF_MISSING;

    ngx_commerce_tenant_times(ctx->tenant, &times);

    for (i = 0;
         i < sizeof(ngx_rtmp_commerce_viewer_proofs)
             / sizeof(ngx_rtmp_commerce_viewer_proofs[0]);
         i++)
    {
        reason = ngx_rtmp_commerce_viewer_proofs[i](ctx, &times, &jwt);

        if (reason == NGX_COMMERCE_ALLOWED) {
            ngx_rtmp_commerce_viewer_keep(ctx, &jwt.claims);

        } else if (player->no_claims == NGX_COMMERCE_PROOF_MISSING) {
            player->no_claims = reason;
        }
    }
}


static ngx_commerce_reason_e
ngx_rtmp_commerce_viewer_token(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_times_t *times, ngx_commerce_jwt_t *jwt)
{
    ngx_str_t  *token;

    token = &ctx->presented.viewer;

    if (token->len == 0) {
        return NGX_COMMERCE_PROOF_MISSING;
    }

    /* a viewer's token begins with a letter and a dot, a JWT can't */

    if (token->len > 1 && token->data[1] != '.') {
        return ngx_commerce_jwt_verify(ctx->tenant->jwt_keys, token,
                                       NGX_COMMERCE_ACTION_VIEW, &ctx->room,
                                       times, jwt);
    }

    return ngx_commerce_viewer_verify(ctx->tenant->secrets, token, &ctx->room,
                                      times, &jwt->claims);
}


static ngx_commerce_reason_e
ngx_rtmp_commerce_viewer_jwt(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_times_t *times, ngx_commerce_jwt_t *jwt)
{
    if (ctx->presented.jwt.len == 0) {
        return NGX_COMMERCE_PROOF_MISSING;
    }

    return ngx_commerce_jwt_verify(ctx->tenant->jwt_keys, &ctx->presented.jwt,
                                   NGX_COMMERCE_ACTION_VIEW, &ctx->room, times,
                                   jwt);
}


/* nobody knows when it was made: it is as old as its first use, which is now */

static ngx_commerce_reason_e
ngx_rtmp_commerce_viewer_url(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_times_t *times, ngx_commerce_jwt_t *jwt)
{
    ngx_commerce_url_t     url;
    ngx_commerce_reason_e  reason;

    if (ctx->presented.url.len == 0) {
        return NGX_COMMERCE_PROOF_MISSING;
    }

    url.app = ctx->session->app;
    url.stream = ctx->room;
    url.args = ctx->presented.url;

    reason = ngx_commerce_url_verify(ctx->tenant->signed_urls, &url,
                                     NGX_COMMERCE_ACTION_VIEW, times->now,
                                     &jwt->claims);

    jwt->claims.issued = times->now;

    return reason;
}


/* for as long as he plays, and longer than what was presented */

static void
ngx_rtmp_commerce_viewer_keep(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_claims_t *claims)
{
    u_char                      *subject;
    ngx_commerce_claims_t       *kept;
    ngx_rtmp_commerce_player_t  *player;

    player = ctx->player;

    kept = &player->claims[player->nclaims];
    subject = player->subjects[player->nclaims];
    player->nclaims++;

    *kept = *claims;

    if (claims->subject.len) {
        ngx_memcpy(subject, claims->subject.data, claims->subject.len);
        kept->subject.data = subject;
    }

    if (kept->room.len) {
        kept->room = ctx->room;
    }
}
