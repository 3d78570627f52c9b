
#include "ngx_rtmp_commerce_refuse.h"
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_rtmp_commerce_session.h"
#include "ngx_commerce_stats.h"


/* ms for a client to read why it was refused */
#define NGX_RTMP_COMMERCE_CLOSE_TIME  2000
#define NGX_RTMP_COMMERCE_CLOSE_STEP  50


typedef struct {
    const char  *doing;                /* for the log */
    const char  *refused;              /* events */
    const char  *ended;
} ngx_rtmp_commerce_action_t;


static void ngx_rtmp_commerce_let_in(ngx_rtmp_commerce_ctx_t *ctx);
static ngx_atomic_t *ngx_rtmp_commerce_refused(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_status_later(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);
static void ngx_rtmp_commerce_status_error(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);
static char *ngx_rtmp_commerce_status_publish(ngx_commerce_reason_e reason);
static char *ngx_rtmp_commerce_status_play(ngx_commerce_reason_e reason);
static void ngx_rtmp_commerce_status(ngx_rtmp_commerce_ctx_t *ctx, char *code,
    char *level, ngx_commerce_reason_e reason);
static void ngx_rtmp_commerce_close_timer(ngx_event_t *ev);


static ngx_rtmp_commerce_action_t
    ngx_rtmp_commerce_actions[NGX_COMMERCE_ACTIONS] =
{
    { "publishing", "publish_refused", "publish_ended" },
    { "playing", "play_refused", "play_ended" }
};


void
ngx_rtmp_commerce_refuse(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason)
{
    ngx_uint_t                   dry_run;
    ngx_rtmp_commerce_action_t  *action;

    action = &ngx_rtmp_commerce_actions[ctx->action];
    dry_run = ctx->conf->dry_run;

    (void) ngx_atomic_fetch_add(&ngx_rtmp_commerce_refused(ctx)[reason], 1);

    ngx_log_error(NGX_LOG_WARN, ctx->session->connection->log, 0,
                  "commerce: %s room \"%V\" %s refused: %V",
                  action->doing, &ctx->room,
                  dry_run ? "would have been" : "was",
                  ngx_commerce_reason(reason));

    ngx_rtmp_commerce_audit_refusal(ctx, action->refused, reason);

    if (dry_run) {
        ngx_rtmp_commerce_let_in(ctx);
        return;
    }

    if (ctx->action == NGX_COMMERCE_ACTION_PUBLISH
        && ngx_commerce_reason_passes(reason))
    {
        ngx_rtmp_commerce_status_later(ctx, reason);

    } else {
        ngx_rtmp_commerce_status_error(ctx, reason);
    }

    ctx->state = NGX_RTMP_COMMERCE_CLOSING;

    ngx_rtmp_commerce_session_end(ctx);
    ngx_rtmp_commerce_close(ctx);
}


/* nothing is known of the session from here on */

static void
ngx_rtmp_commerce_let_in(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_session_leave(ctx);

    ctx->let_in(ctx);
}


static ngx_atomic_t *
ngx_rtmp_commerce_refused(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_commerce_stats_t  *stats;

    stats = ctx->tenant->stats;

    if (ctx->conf->dry_run) {
        return ctx->action == NGX_COMMERCE_ACTION_PUBLISH
               ? stats->publish_dry_run : stats->play_dry_run;
    }

    return ctx->action == NGX_COMMERCE_ACTION_PUBLISH ? stats->published
                                                      : stats->played;
}


void
ngx_rtmp_commerce_cut(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason)
{
    ngx_uint_t                   dry_run;
    ngx_rtmp_close_stream_t      v;
    ngx_rtmp_commerce_action_t  *action;

    action = &ngx_rtmp_commerce_actions[ctx->action];
    dry_run = ctx->conf->dry_run;

    if (dry_run && ctx->would_end) {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ctx->session->connection->log, 0,
                  "commerce: %s room \"%V\" %s ended: %V",
                  action->doing, &ctx->room,
                  dry_run ? "would have been" : "was",
                  ngx_commerce_reason(reason));

    if (dry_run) {
        ctx->would_end = 1;
        (void) ngx_atomic_fetch_add(&ngx_rtmp_commerce_refused(ctx)[reason],
                                    1);
        return;
    }

    ctx->reason = reason;

    if (ctx->action == NGX_COMMERCE_ACTION_VIEW) {
        ngx_rtmp_commerce_audit_refusal(ctx, action->ended, reason);
    }

    ngx_rtmp_commerce_status_error(ctx, reason);

    ctx->state = NGX_RTMP_COMMERCE_CLOSING;

    /* others stop writing now, not when the client has gone */

    ngx_memzero(&v, sizeof(ngx_rtmp_close_stream_t));
    ngx_rtmp_close_stream(ctx->session, &v);

    ngx_rtmp_commerce_close(ctx);
}


void
ngx_rtmp_commerce_turn_away(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason)
{
    if (ctx->state == NGX_RTMP_COMMERCE_PUBLISHING
        || ctx->state == NGX_RTMP_COMMERCE_PLAYING)
    {
        ngx_rtmp_commerce_cut(ctx, reason);

    } else {
        ngx_rtmp_commerce_refuse(ctx, reason);
    }
}


/*
 * Whatever librtmp, and so OBS, is told before Publish.Start is a start that
 * failed to it, which it leaves at that.  But when a stream that has started
 * fails, OBS connects again.  ffmpeg's fifo does at an error, and not at a mere
 * end of the connection.
 */

static void
ngx_rtmp_commerce_status_later(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason)
{
    ngx_rtmp_commerce_status(ctx, "NetStream.Publish.Start", "status", reason);
    ngx_rtmp_commerce_status(ctx, "NetStream.Failed", "error", reason);
}


static void
ngx_rtmp_commerce_status_error(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason)
{
    char  *code;

    code = (ctx->action == NGX_COMMERCE_ACTION_PUBLISH)
           ? ngx_rtmp_commerce_status_publish(reason)
           : ngx_rtmp_commerce_status_play(reason);

    ngx_rtmp_commerce_status(ctx, code, "error", reason);
}


static char *
ngx_rtmp_commerce_status_publish(ngx_commerce_reason_e reason)
{
    switch (reason) {

    case NGX_COMMERCE_BAD_NAME:
    case NGX_COMMERCE_ROOM_TAKEN:
    case NGX_COMMERCE_REPLACED:
        return "NetStream.Publish.BadName";

    default:
        return "NetStream.Publish.Unauthorized";
    }
}


static char *
ngx_rtmp_commerce_status_play(ngx_commerce_reason_e reason)
{
    switch (reason) {

    case NGX_COMMERCE_BAD_NAME:
    case NGX_COMMERCE_ROOM_UNKNOWN:
        return "NetStream.Play.StreamNotFound";

    default:
        return "NetStream.Play.Failed";
    }
}


static void
ngx_rtmp_commerce_status(ngx_rtmp_commerce_ctx_t *ctx, char *code, char *level,
    ngx_commerce_reason_e reason)
{
    u_char  description[64];

    if (ctx->session->connection->destroyed) {
        return;
    }

    ngx_snprintf(description, sizeof(description), "%V%Z",
                 ngx_commerce_reason(reason));

    (void) ngx_rtmp_send_status(ctx->session, code, level,
                                (char *) description);
}


/*
 * Closing at once, with what the client sends unread, would reset the
 * connection, and the client might never see the status.  So the sending
 * side is shut when all is sent, and what comes in is read and dropped until
 * the client closes, or its time is over.
 */

void
ngx_rtmp_commerce_close(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_connection_t  *c;

    c = ctx->session->connection;

    if (c->destroyed) {
        return;
    }

    if (ctx->event.timer_set) {
        ngx_del_timer(&ctx->event);
    }

    ctx->deadline = ngx_current_msec + NGX_RTMP_COMMERCE_CLOSE_TIME;

    ctx->event.data = c;
    ctx->event.log = c->log;
    ctx->event.handler = ngx_rtmp_commerce_close_timer;

    ngx_add_timer(&ctx->event, 1);
}


static void
ngx_rtmp_commerce_close_timer(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_rtmp_session_t       *s;
    ngx_rtmp_commerce_ctx_t  *ctx;

    c = ev->data;
    s = c->data;

    if (c->destroyed) {
        return;
    }

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_commerce_module);

    if ((ngx_msec_int_t) (ngx_current_msec - ctx->deadline) >= 0) {
        ngx_rtmp_finalize_session(s);
        return;
    }

    if (!ctx->shut && s->out_pos == s->out_last) {
        (void) ngx_shutdown_socket(c->fd, NGX_WRITE_SHUTDOWN);
        ctx->shut = 1;
    }

    ngx_add_timer(ev, NGX_RTMP_COMMERCE_CLOSE_STEP);
}
