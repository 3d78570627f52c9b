
#include "ngx_http_commerce_hls_filter.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_hls_session.h"


static void ngx_http_commerce_hls_wanted(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_http_commerce_hls_loc_conf_t *hlcf);
static ngx_int_t ngx_http_commerce_hls_find_room(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx);
static ngx_http_commerce_hls_ctx_t *ngx_http_commerce_hls_create_ctx(
    ngx_http_request_t *r);
static void ngx_http_commerce_hls_cleanup(void *data);


ngx_int_t
ngx_http_commerce_hls_handler(ngx_http_request_t *r)
{
    ngx_int_t                          rc;
    ngx_http_commerce_hls_ctx_t       *ctx;
    ngx_http_commerce_hls_loc_conf_t  *hlcf;

    hlcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_hls_filter_module);

    if (!(hlcf->cues.on || hlcf->token)
        || r != r->main
        || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        || r->exten.len != 4
        || ngx_strncasecmp(r->exten.data, (u_char *) "m3u8", 4) != 0)
    {
        return NGX_DECLINED;
    }

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "commerce hls handler");

    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_hls_filter_module);

    if (ctx == NULL) {
        ctx = ngx_http_commerce_hls_create_ctx(r);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (ctx->state != NGX_HTTP_COMMERCE_HLS_WAITING) {
        return NGX_DECLINED;
    }

    if (hlcf->cues.on) {

        ngx_http_commerce_hls_wanted(r, ctx, hlcf);

        rc = ngx_http_commerce_hls_find_room(r, ctx);

        if (rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        if (rc == NGX_ERROR) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (rc == NGX_DECLINED && ctx->part) {
            return ngx_http_commerce_refuse_phase(r, ctx->refused, NULL);
        }

        if (ctx->room && ctx->room->state == NGX_COMMERCE_ROOM_STATE_BANNED) {
            return ngx_http_commerce_refuse_phase(r, NGX_COMMERCE_ROOM_BANNED,
                                                  NULL);
        }
    }

    if (hlcf->token && !ctx->chapters
        && ngx_http_commerce_hls_session(r, &ctx->argument) == NGX_ERROR)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->room || ctx->argument.len) {

        if (ngx_http_commerce_hls_hide(r, &ctx->conditions) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->rewrites = 1;
    }

    ctx->state = NGX_HTTP_COMMERCE_HLS_READY;

    return NGX_DECLINED;
}


/* what of the playlist the arguments ask for */

static void
ngx_http_commerce_hls_wanted(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_http_commerce_hls_loc_conf_t *hlcf)
{
    ngx_str_t  value;

    if (hlcf->clip) {
        (void) ngx_http_arg(r, (u_char *) "clip", 4, &ctx->clip);
    }

    if (hlcf->chapters
        && ngx_http_arg(r, (u_char *) "chapters", 8, &value) == NGX_OK)
    {
        ctx->chapters = 1;
    }

    ctx->part = (ctx->clip.len || ctx->chapters);
}


/*
 * NGX_OK: ctx->room is set and held; NGX_DECLINED: there is none to be had,
 * which keeps no viewer from the playlist.
 */

static ngx_int_t
ngx_http_commerce_hls_find_room(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx)
{
    void       *room;
    ngx_int_t   rc;
    ngx_str_t   name;

    rc = ngx_http_commerce_room_name(r, &name);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_commerce_get(r, NGX_COMMERCE_ROOM, &name,
                               NGX_COMMERCE_FOR_VIEWERS, &room,
                               NGX_HTTP_COMMERCE_PHASE, NULL);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        ctx->refused = ngx_commerce_decide_outcome(NGX_COMMERCE_ROOM, rc);
        ngx_http_commerce_set_reason(r, ctx->refused, NGX_LOG_DEBUG);

        return NGX_DECLINED;
    }

    ctx->refused = ctx->chapters ? NGX_COMMERCE_NO_CHAPTERS
                                 : NGX_COMMERCE_CLIP_UNKNOWN;

    if (ngx_commerce_store_hold(room, r->pool) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->room = room;

    return NGX_OK;
}


static ngx_http_commerce_hls_ctx_t *
ngx_http_commerce_hls_create_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_commerce_hls_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_commerce_hls_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_commerce_hls_cleanup;

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_commerce_hls_ctx_t));

    ngx_http_set_ctx(r, ctx, ngx_http_commerce_hls_filter_module);

    return ctx;
}


static void
ngx_http_commerce_hls_cleanup(void *data)
{
    /* a mark, by which a context is found again after an internal redirect */
}


ngx_int_t
ngx_http_commerce_hls_redirected(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_commerce_hls_ctx_t  *ctx;

    /* a subrequest shares the pool, and has taken nothing */

    if (!r->internal || r != r->main
        || ngx_http_get_module_ctx(r, ngx_http_commerce_hls_filter_module))
    {
        return NGX_DECLINED;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler == ngx_http_commerce_hls_cleanup) {
            ctx = cln->data;
            ngx_http_commerce_hls_restore(r, &ctx->conditions);
        }
    }

    return NGX_DECLINED;
}
