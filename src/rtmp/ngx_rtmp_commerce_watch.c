
#include "ngx_rtmp_commerce_module.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_stats.h"


#define NGX_RTMP_COMMERCE_WATCH_STEP  100    /* ms */
#define NGX_RTMP_COMMERCE_WATCH_FULL  1000   /* ms */


static void ngx_rtmp_commerce_watch_timer(ngx_event_t *ev);
static void ngx_rtmp_commerce_watch_poll(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_watch_heard(ngx_rtmp_commerce_ctx_t *ctx);
static ngx_commerce_reason_e ngx_rtmp_commerce_watch_claim(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_uint_t full);
static ngx_uint_t ngx_rtmp_commerce_watch_changed(
    ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_watch_look(void *data);
static ngx_commerce_reason_e ngx_rtmp_commerce_watch_states(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_question_t *q);


/* this worker's live sessions, of all tenants */

static ngx_queue_t       ngx_rtmp_commerce_watched;
static ngx_event_t       ngx_rtmp_commerce_watch_event;
static ngx_connection_t  ngx_rtmp_commerce_watch_dummy;


void
ngx_rtmp_commerce_watch(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_event_t  *ev;

    ev = &ngx_rtmp_commerce_watch_event;

    if (ev->handler == NULL) {
        ngx_queue_init(&ngx_rtmp_commerce_watched);

        ngx_rtmp_commerce_watch_dummy.fd = (ngx_socket_t) -1;
        ev->data = &ngx_rtmp_commerce_watch_dummy;
        ev->handler = ngx_rtmp_commerce_watch_timer;
        ev->cancelable = 1;
    }

    ev->log = ngx_cycle->log;

    ctx->changes = ngx_commerce_seat_changes(ctx->tenant);
    ctx->room_version = 0;
    ctx->host_version = 0;
    ctx->checked = ngx_current_msec;

    ctx->room_wait.handler = ngx_rtmp_commerce_watch_look;
    ctx->host_wait.handler = ngx_rtmp_commerce_watch_look;

    ngx_queue_insert_tail(&ngx_rtmp_commerce_watched, &ctx->queue);

    if (!ev->timer_set) {
        ngx_add_timer(ev, NGX_RTMP_COMMERCE_WATCH_STEP);
    }
}


void
ngx_rtmp_commerce_unwatch(ngx_rtmp_commerce_ctx_t *ctx)
{
    if (ctx->queue.next == NULL) {
        return;
    }

    ngx_queue_remove(&ctx->queue);
    ctx->queue.next = NULL;

    if (ctx->reason == NGX_COMMERCE_ALLOWED) {
        ngx_log_error(NGX_LOG_INFO, ctx->session->connection->log, 0,
                      "commerce: room \"%V\" is no longer published",
                      &ctx->room);
    }

    (void) ngx_atomic_fetch_add(
                       &ctx->tenant->stats->publish_ended[ctx->reason], 1);

    ngx_rtmp_commerce_audit(ctx, "publish_ended", ctx->reason);

    if (ngx_queue_empty(&ngx_rtmp_commerce_watched)
        && ngx_rtmp_commerce_watch_event.timer_set)
    {
        ngx_del_timer(&ngx_rtmp_commerce_watch_event);
    }
}


static void
ngx_rtmp_commerce_watch_timer(ngx_event_t *ev)
{
    ngx_uint_t                full;
    ngx_queue_t              *q, *next;
    ngx_commerce_reason_e     reason;
    ngx_rtmp_commerce_ctx_t  *ctx;

    for (q = ngx_queue_head(&ngx_rtmp_commerce_watched);
         q != ngx_queue_sentinel(&ngx_rtmp_commerce_watched);
         q = next)
    {
        next = ngx_queue_next(q);
        ctx = ngx_queue_data(q, ngx_rtmp_commerce_ctx_t, queue);

        full = ngx_current_msec - ctx->checked
               >= NGX_RTMP_COMMERCE_WATCH_FULL;

        if (full) {
            ctx->checked = ngx_current_msec;
            ngx_rtmp_commerce_watch_heard(ctx);
            ngx_rtmp_commerce_watch_poll(ctx);
        }

        reason = ngx_rtmp_commerce_watch_claim(ctx, full);

        if (reason != NGX_COMMERCE_ALLOWED) {
            ngx_rtmp_commerce_cut(ctx, reason);

        } else if (full || ngx_rtmp_commerce_watch_changed(ctx)) {
            ngx_rtmp_commerce_watch_look(ctx);
        }
    }

    if (!ngx_queue_empty(&ngx_rtmp_commerce_watched)) {
        ngx_add_timer(ev, NGX_RTMP_COMMERCE_WATCH_STEP);
    }
}


static void
ngx_rtmp_commerce_watch_heard(ngx_rtmp_commerce_ctx_t *ctx)
{
    if (ctx->session->in_bytes != ctx->received) {
        ctx->received = ctx->session->in_bytes;
        ngx_commerce_redis_claim_heard(ctx->live);
    }
}


/* without a subscription, bans are asked for */

static void
ngx_rtmp_commerce_watch_poll(ngx_rtmp_commerce_ctx_t *ctx)
{
    if (ctx->tenant->stats->subscribed) {
        return;
    }

    (void) ngx_commerce_store_recheck(ctx->tenant, NGX_COMMERCE_ROOM,
                                      &ctx->room);
    (void) ngx_commerce_store_recheck(ctx->tenant, NGX_COMMERCE_HOST,
                                      &ctx->host);
}


/* whether another has the room now, here or elsewhere */

static ngx_commerce_reason_e
ngx_rtmp_commerce_watch_claim(ngx_rtmp_commerce_ctx_t *ctx, ngx_uint_t full)
{
    ngx_atomic_uint_t  changes;

    if (ctx->live->state == NGX_COMMERCE_REDIS_CLAIM_LOST) {
        return ctx->live->reason;
    }

    changes = ngx_commerce_seat_changes(ctx->tenant);

    if (changes == ctx->changes && !full) {
        return NGX_COMMERCE_ALLOWED;
    }

    ctx->changes = changes;

    return ngx_commerce_seat_check(ctx->tenant, &ctx->room, ctx->claim)
           == NGX_DECLINED ? NGX_COMMERCE_REPLACED : NGX_COMMERCE_ALLOWED;
}


/*
 * 1 if room or host may have changed.  What was seen is noted before it is
 * looked at, so that a change in between shows the next time.
 */

static ngx_uint_t
ngx_rtmp_commerce_watch_changed(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_atomic_uint_t  room, host;

    room = ngx_commerce_store_version(ctx->tenant, NGX_COMMERCE_ROOM,
                                      &ctx->room);
    host = ngx_commerce_store_version(ctx->tenant, NGX_COMMERCE_HOST,
                                      &ctx->host);

    if (room == ctx->room_version && host == ctx->host_version) {
        return 0;
    }

    ctx->room_version = room;
    ctx->host_version = host;

    return 1;
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

        if (ngx_commerce_redis_claim_moved(ctx->live, q->room)) {
            return NGX_COMMERCE_REPLACED;
        }

        reason = ngx_commerce_decide(q);

    } else {
        reason = ngx_commerce_decide_host(q);
    }

    /* that the host could not be looked up is no verdict on him */

    if (reason == ngx_commerce_outcome(NGX_COMMERCE_HOST, q->host_rc)) {
        return NGX_COMMERCE_ALLOWED;
    }

    return reason;
}
