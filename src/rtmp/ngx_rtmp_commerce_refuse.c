
#include "ngx_rtmp_commerce_refuse.h"
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_rtmp_commerce_session.h"
#include "ngx_commerce_stats.h"


/* ms for a client to read why it was refused */
#define NGX_RTMP_COMMERCE_CLOSE_TIME  2000
#define NGX_RTMP_COMMERCE_CLOSE_STEP  50

/*
 * refusals that a worker tells Redis of in a second: whoever guesses names
 * must not push all else out of the events
 */
#define NGX_RTMP_COMMERCE_REFUSALS    20


static ngx_uint_t ngx_rtmp_commerce_refusal_told(void);
static void ngx_rtmp_commerce_status_later(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);
static void ngx_rtmp_commerce_status_error(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);
static void ngx_rtmp_commerce_status(ngx_rtmp_commerce_ctx_t *ctx, char *code,
    char *level, ngx_commerce_reason_e reason);
static void ngx_rtmp_commerce_close_timer(ngx_event_t *ev);


void
ngx_rtmp_commerce_refuse(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason)
{
    (void) ngx_atomic_fetch_add(&ctx->tenant->stats->published[reason], 1);

    ngx_log_error(NGX_LOG_WARN, ctx->session->connection->log, 0,
                  "commerce: publishing room \"%V\" was refused: %V",
                  &ctx->room, ngx_commerce_reason(reason));

    if (ngx_rtmp_commerce_refusal_told()) {
        ngx_rtmp_commerce_audit(ctx, "publish_refused", reason);
    }

    if (ngx_commerce_reason_passes(reason)) {
        ngx_rtmp_commerce_status_later(ctx, reason);

    } else {
        ngx_rtmp_commerce_status_error(ctx, reason);
    }

    ctx->state = NGX_RTMP_COMMERCE_CLOSING;

    ngx_rtmp_commerce_session_end(ctx);
    ngx_rtmp_commerce_close(ctx);
}


static ngx_uint_t
ngx_rtmp_commerce_refusal_told(void)
{
    static time_t      second;
    static ngx_uint_t  n;

    if (second != ngx_time()) {
        second = ngx_time();
        n = 0;
    }

    return n++ < NGX_RTMP_COMMERCE_REFUSALS;
}


void
ngx_rtmp_commerce_cut(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason)
{
    ngx_rtmp_close_stream_t  v;

    ngx_log_error(NGX_LOG_WARN, ctx->session->connection->log, 0,
                  "commerce: publishing room \"%V\" was ended: %V",
                  &ctx->room, ngx_commerce_reason(reason));

    ctx->reason = reason;

    ngx_rtmp_commerce_status_error(ctx, reason);

    ctx->state = NGX_RTMP_COMMERCE_CLOSING;

    /* others stop writing now, not when the client has gone */

    ngx_memzero(&v, sizeof(ngx_rtmp_close_stream_t));
    ngx_rtmp_close_stream(ctx->session, &v);

    ngx_rtmp_commerce_close(ctx);
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

    switch (reason) {

    case NGX_COMMERCE_BAD_NAME:
    case NGX_COMMERCE_ROOM_TAKEN:
    case NGX_COMMERCE_REPLACED:
        code = "NetStream.Publish.BadName";
        break;

    default:
        code = "NetStream.Publish.Unauthorized";
    }

    ngx_rtmp_commerce_status(ctx, code, "error", reason);
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
