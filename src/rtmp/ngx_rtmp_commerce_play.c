
#include "ngx_rtmp_commerce_play.h"
#include "ngx_rtmp_commerce_play_ask.h"
#include "ngx_rtmp_commerce_refuse.h"
#include "ngx_rtmp_commerce_relay.h"
#include "ngx_rtmp_commerce_session.h"
#include "ngx_rtmp_commerce_viewer.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_hash.h"
#include "ngx_commerce_stats.h"


static ngx_int_t ngx_rtmp_commerce_play(ngx_rtmp_session_t *s,
    ngx_rtmp_play_t *v);
static ngx_int_t ngx_rtmp_commerce_play_begin(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_play_t *v);
static void ngx_rtmp_commerce_play_wait(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_wait_t *wait);
static void ngx_rtmp_commerce_play_resume(void *data);
static void ngx_rtmp_commerce_play_admit(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_play_start(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_question_t *q);
static void ngx_rtmp_commerce_play_let_in(ngx_rtmp_commerce_ctx_t *ctx);
static ngx_int_t ngx_rtmp_commerce_play_watch(ngx_rtmp_commerce_ctx_t *ctx);
static ngx_int_t ngx_rtmp_commerce_play_watch_record(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_watch_t *watch,
    ngx_commerce_kind_e kind, ngx_str_t *name);
static void ngx_rtmp_commerce_play_unwatch(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_play_changed(void *data);
static ngx_commerce_reason_e ngx_rtmp_commerce_play_stays(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_question_t *q,
    ngx_commerce_reason_e reason);
static void ngx_rtmp_commerce_play_stop(ngx_rtmp_commerce_ctx_t *ctx);


static ngx_rtmp_play_pt  ngx_rtmp_commerce_next_play;


void
ngx_rtmp_commerce_play_hook(void)
{
    ngx_rtmp_commerce_next_play = ngx_rtmp_play;
    ngx_rtmp_play = ngx_rtmp_commerce_play;
}


ngx_rtmp_commerce_app_conf_t *
ngx_rtmp_commerce_play_conf(ngx_rtmp_session_t *s)
{
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_get_module_app_conf(s, ngx_rtmp_commerce_module);

    if (cacf == NULL || !cacf->play
        || s->relay || ngx_rtmp_commerce_relay_is_own(s))
    {
        return NULL;
    }

    return cacf;
}


static ngx_int_t
ngx_rtmp_commerce_play(ngx_rtmp_session_t *s, ngx_rtmp_play_t *v)
{
    ngx_rtmp_close_stream_t        vc;
    ngx_rtmp_commerce_ctx_t       *ctx;
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_commerce_play_conf(s);

    if (cacf == NULL) {
        return ngx_rtmp_commerce_next_play(s, v);
    }

    ctx = ngx_rtmp_commerce_session_ctx(s, cacf);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->state == NGX_RTMP_COMMERCE_CLOSING) {
        return NGX_OK;
    }

    if (ctx->state != NGX_RTMP_COMMERCE_IDLE) {

        /* who publishes does not play over the same connection */

        if (ctx->action == NGX_COMMERCE_ACTION_PUBLISH) {
            ngx_rtmp_commerce_turn_away(ctx, NGX_COMMERCE_ROOM_TAKEN);
            return NGX_OK;
        }

        ngx_memzero(&vc, sizeof(ngx_rtmp_close_stream_t));
        ngx_rtmp_close_stream(s, &vc);
    }

    return ngx_rtmp_commerce_play_begin(ctx, v);
}


static ngx_int_t
ngx_rtmp_commerce_play_begin(ngx_rtmp_commerce_ctx_t *ctx, ngx_rtmp_play_t *v)
{
    ngx_rtmp_commerce_args_t    *presented;
    ngx_rtmp_commerce_player_t  *player;

    player = ctx->player;

    if (player == NULL) {
        player = ngx_pcalloc(ctx->session->connection->pool,
                             sizeof(ngx_rtmp_commerce_player_t));
        if (player == NULL) {
            return NGX_ERROR;
        }

        ctx->player = player;
    }

    /* v is used again for the next session's play */

    player->play = *v;

    ctx->action = NGX_COMMERCE_ACTION_VIEW;
    ctx->state = NGX_RTMP_COMMERCE_LOOKUP;
    ctx->let_in = ngx_rtmp_commerce_play_let_in;
    ctx->room.len = 0;
    ctx->host.len = 0;
    ctx->would_end = 0;

    presented = &ctx->presented;

    if (ngx_rtmp_commerce_args_read(presented,
                                    ctx->tenant->signed_urls,
                                    player->play.name, player->play.args)
        != NGX_OK
        || !ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &presented->name))
    {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_BAD_NAME);
        return NGX_OK;
    }

    if (presented->viewer.data == NULL && presented->jwt.data == NULL
        && presented->url.data == NULL)
    {
        ngx_rtmp_commerce_args_copy(presented, &ctx->brought);
    }

    ctx->room.len = presented->name.len;
    ngx_memcpy(ctx->room_name, presented->name.data, presented->name.len);

    ngx_memzero(player->play.name, sizeof(player->play.name));
    ngx_memcpy(player->play.name, ctx->room.data, ctx->room.len);

    ngx_rtmp_commerce_viewer_claims(ctx);
    ngx_rtmp_commerce_args_wipe(presented);

    ngx_rtmp_commerce_play_wait(ctx, &ctx->room_wait);
    ngx_rtmp_commerce_play_wait(ctx, &ctx->host_wait);
    ngx_rtmp_commerce_play_wait(ctx, &player->out_wait);
    ngx_rtmp_commerce_play_wait(ctx, &player->follow_wait);

    player->followed = 0;

    ngx_rtmp_commerce_play_admit(ctx);

    return NGX_OK;
}


static void
ngx_rtmp_commerce_play_wait(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_wait_t *wait)
{
    ngx_memzero(wait, sizeof(ngx_commerce_wait_t));

    wait->handler = ngx_rtmp_commerce_play_resume;
    wait->data = ctx;
}


static void
ngx_rtmp_commerce_play_resume(void *data)
{
    ngx_rtmp_commerce_ctx_t *ctx = data;

    if (ctx->session->connection->destroyed) {
        return;
    }

    if (ctx->state == NGX_RTMP_COMMERCE_LOOKUP) {
        ngx_rtmp_commerce_play_admit(ctx);

    } else {
        ngx_rtmp_commerce_play_changed(ctx);
    }
}


static void
ngx_rtmp_commerce_play_admit(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_commerce_reason_e    reason;
    ngx_commerce_question_t  q;

    if (ngx_rtmp_commerce_play_ask(ctx, &q, &reason) == NGX_AGAIN) {
        return;
    }

    if (reason == NGX_COMMERCE_ALLOWED) {
        ngx_rtmp_commerce_play_start(ctx, &q);
        return;
    }

    /* it may be a stream key, which is not logged */

    if (q.room_rc != NGX_OK) {
        ctx->room.len = 0;
    }

    ngx_rtmp_commerce_refuse(ctx, reason);
}


static void
ngx_rtmp_commerce_play_start(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_question_t *q)
{
    if (ngx_rtmp_commerce_play_watch(ctx) != NGX_OK) {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_STORE_AWAY);
        return;
    }

    ctx->stop = ngx_rtmp_commerce_play_stop;
    ctx->player->moved = 0;
    ctx->reason = NGX_COMMERCE_ALLOWED;
    ctx->player->closed = (q->room->state == NGX_COMMERCE_ROOM_STATE_CLOSED);
    ctx->player->cut = ngx_commerce_hash(q->room->cut.data, q->room->cut.len,
                                         0);

    ngx_log_error(NGX_LOG_INFO, ctx->session->connection->log, 0,
                  "commerce: room \"%V\" is played", &ctx->room);

    (void) ngx_atomic_fetch_add(
                       &ctx->tenant->stats->played[NGX_COMMERCE_ALLOWED], 1);

    ngx_rtmp_commerce_play_let_in(ctx);
}


static void
ngx_rtmp_commerce_play_let_in(ngx_rtmp_commerce_ctx_t *ctx)
{
    ctx->state = NGX_RTMP_COMMERCE_PLAYING;

    if (ngx_rtmp_commerce_next_play(ctx->session, &ctx->player->play)
        != NGX_OK)
    {
        ngx_rtmp_finalize_session(ctx->session);
    }
}


/* who is out of the room concerns those alone who said who they are */

static ngx_int_t
ngx_rtmp_commerce_play_watch(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_player_t  *player;

    player = ctx->player;

    if (ngx_rtmp_commerce_play_watch_record(ctx, &ctx->room_watch,
                                            NGX_COMMERCE_ROOM, &ctx->room)
        == NGX_OK
        && ngx_rtmp_commerce_play_watch_record(ctx, &ctx->host_watch,
                                               NGX_COMMERCE_HOST, &ctx->host)
           == NGX_OK
        && (player->nclaims == 0
            || ngx_rtmp_commerce_play_watch_record(ctx, &player->out_watch,
                                                   NGX_COMMERCE_OUT,
                                                   &ctx->room)
               == NGX_OK))
    {
        return NGX_OK;
    }

    ngx_rtmp_commerce_play_unwatch(ctx);

    return NGX_ERROR;
}


static ngx_int_t
ngx_rtmp_commerce_play_watch_record(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_watch_t *watch, ngx_commerce_kind_e kind, ngx_str_t *name)
{
    watch->handler = ngx_rtmp_commerce_play_changed;
    watch->data = ctx;

    if (name->len == 0) {
        return NGX_OK;
    }

    return ngx_commerce_watch_record(watch, ctx->tenant, kind, name);
}


static void
ngx_rtmp_commerce_play_unwatch(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_commerce_watch_end(&ctx->room_watch);
    ngx_commerce_watch_end(&ctx->host_watch);
    ngx_commerce_watch_end(&ctx->player->out_watch);
}


static void
ngx_rtmp_commerce_play_changed(void *data)
{
    ngx_rtmp_commerce_ctx_t *ctx = data;

    ngx_commerce_reason_e    reason;
    ngx_commerce_question_t  q;

    if (ctx->session->connection->destroyed
        || ctx->room_wait.pending || ctx->host_wait.pending
        || ctx->player->out_wait.pending || ctx->player->follow_wait.pending
        || ngx_rtmp_commerce_play_ask(ctx, &q, &reason) == NGX_AGAIN)
    {
        return;
    }

    if (ctx->player->moved) {
        ctx->player->moved = 0;
        ngx_commerce_watch_end(&ctx->host_watch);
        (void) ngx_rtmp_commerce_play_watch_record(ctx, &ctx->host_watch,
                                                   NGX_COMMERCE_HOST,
                                                   &ctx->host);
    }

    reason = ngx_rtmp_commerce_play_stays(ctx, &q, reason);

    if (reason != NGX_COMMERCE_ALLOWED) {
        ngx_rtmp_commerce_cut(ctx, reason);
    }
}


/*
 * Who plays goes on while nothing is known, as a publisher does.  That a proof
 * has expired since does not matter either.  When the room closes, or its
 * publisher was told to go, the show is over; who comes later came for the
 * replay, or for the next.
 */

static ngx_commerce_reason_e
ngx_rtmp_commerce_play_stays(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_question_t *q, ngx_commerce_reason_e reason)
{
    if (q->room_rc != NGX_OK) {
        reason = ngx_commerce_decide_host(q);

        return reason == NGX_COMMERCE_HOST_BANNED ? reason
                                                  : NGX_COMMERCE_ALLOWED;
    }

    if (ngx_commerce_reason_passes(reason)) {
        return NGX_COMMERCE_ALLOWED;
    }

    if (reason == NGX_COMMERCE_ALLOWED
        && q->room->state == NGX_COMMERCE_ROOM_STATE_CLOSED
        && !ctx->player->closed)
    {
        return NGX_COMMERCE_ROOM_CLOSED;
    }

    if (reason == NGX_COMMERCE_ALLOWED
        && q->room->cut.len
        && ctx->player->cut != ngx_commerce_hash(q->room->cut.data,
                                                 q->room->cut.len, 0))
    {
        return q->room->cut_reason;
    }

    return reason;
}


static void
ngx_rtmp_commerce_play_stop(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_play_unwatch(ctx);

    (void) ngx_atomic_fetch_add(
                       &ctx->tenant->stats->play_ended[ctx->reason], 1);
}
