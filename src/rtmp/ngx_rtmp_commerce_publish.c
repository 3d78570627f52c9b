
#include "ngx_rtmp_commerce_publish.h"
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_rtmp_commerce_cue.h"
#include "ngx_rtmp_commerce_media.h"
#include "ngx_rtmp_commerce_period.h"
#include "ngx_rtmp_commerce_refuse.h"
#include "ngx_rtmp_commerce_relay.h"
#include "ngx_rtmp_commerce_session.h"
#include "ngx_rtmp_commerce_watch.h"
#include "ngx_commerce_redis_key.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_stats.h"


static ngx_int_t ngx_rtmp_commerce_publish(ngx_rtmp_session_t *s,
    ngx_rtmp_publish_t *v);
static ngx_int_t ngx_rtmp_commerce_publish_own(ngx_rtmp_session_t *s,
    ngx_rtmp_publish_t *v);
static void ngx_rtmp_commerce_admit(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_lookup_key(ngx_rtmp_commerce_ctx_t *ctx);
static ngx_uint_t ngx_rtmp_commerce_key_refresh(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_lookup_room(ngx_rtmp_commerce_ctx_t *ctx);
static ngx_commerce_reason_e ngx_rtmp_commerce_ask(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_commerce_question_t *q);
static ngx_uint_t ngx_rtmp_commerce_public(ngx_rtmp_commerce_ctx_t *ctx,
    int64_t now);
static void ngx_rtmp_commerce_resume_key(void *data);
static void ngx_rtmp_commerce_resume_room(void *data);
static void ngx_rtmp_commerce_set_room(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_str_t *room);
static void ngx_rtmp_commerce_claim(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_room_t *room);
static void ngx_rtmp_commerce_claimed(void *data,
    ngx_commerce_reason_e reason);
static void ngx_rtmp_commerce_start(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_let_in(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_wait(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_wait_t *wait, void (*handler)(void *data));
static void ngx_rtmp_commerce_stop(ngx_rtmp_commerce_ctx_t *ctx);


static ngx_rtmp_publish_pt  ngx_rtmp_commerce_next_publish;


void
ngx_rtmp_commerce_publish_hook(void)
{
    ngx_rtmp_commerce_next_publish = ngx_rtmp_publish;
    ngx_rtmp_publish = ngx_rtmp_commerce_publish;
}


static ngx_int_t
ngx_rtmp_commerce_publish(ngx_rtmp_session_t *s, ngx_rtmp_publish_t *v)
{
    ngx_int_t                      rc;
    ngx_rtmp_commerce_ctx_t       *ctx;
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_commerce_session_conf(s);

    if (cacf == NULL) {
        return ngx_rtmp_commerce_publish_own(s, v);
    }

    /* nginx-rtmp takes every client of a unix socket for another worker */

    s->auto_pushed = 0;

    ctx = ngx_rtmp_commerce_session_ctx(s, cacf);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    /* a connection publishes one stream: whoever asks for two has none */

    if (ctx->state == NGX_RTMP_COMMERCE_CLOSING) {
        return NGX_OK;
    }

    if (ctx->state != NGX_RTMP_COMMERCE_IDLE) {
        ngx_rtmp_commerce_turn_away(ctx, NGX_COMMERCE_ROOM_TAKEN);
        return NGX_OK;
    }

    /* v is used again for the next session's publish */

    ctx->publish = *v;
    ctx->action = NGX_COMMERCE_ACTION_PUBLISH;
    ctx->state = NGX_RTMP_COMMERCE_LOOKUP;
    ctx->let_in = ngx_rtmp_commerce_let_in;
    ctx->room.len = 0;
    ctx->host.len = 0;
    ctx->show = 0;
    ctx->by_key = 0;
    ctx->refreshed = 0;

    rc = ngx_rtmp_commerce_args_read(&ctx->presented,
                                     ngx_rtmp_commerce_signed_urls(cacf),
                                     ctx->publish.name, ctx->publish.args);
    if (rc != NGX_OK) {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_BAD_NAME);
        return NGX_OK;
    }

    if (!ngx_rtmp_commerce_args_any(&ctx->presented)) {
        ngx_rtmp_commerce_args_copy(&ctx->presented, &ctx->brought);
    }

    ngx_rtmp_commerce_admit(ctx);

    return NGX_OK;
}


static ngx_int_t
ngx_rtmp_commerce_publish_own(ngx_rtmp_session_t *s, ngx_rtmp_publish_t *v)
{
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_get_module_app_conf(s, ngx_rtmp_commerce_module);

    if (cacf && cacf->proofs
        && ngx_rtmp_commerce_relay_publish(s, v) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_rtmp_commerce_next_publish(s, v);
}


static void
ngx_rtmp_commerce_admit(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_args_t  *presented;

    presented = &ctx->presented;

    ngx_rtmp_commerce_wait(ctx, &ctx->key_wait, ngx_rtmp_commerce_resume_key);
    ngx_rtmp_commerce_wait(ctx, &ctx->room_wait,
                           ngx_rtmp_commerce_resume_room);
    ngx_rtmp_commerce_wait(ctx, &ctx->host_wait,
                           ngx_rtmp_commerce_resume_room);

    if ((ctx->conf->proofs & NGX_COMMERCE_PROOF_KEY)
        && !ngx_rtmp_commerce_args_any(presented))
    {
        ngx_rtmp_commerce_lookup_key(ctx);
        return;
    }

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &presented->name)) {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_BAD_NAME);
        return;
    }

    ngx_rtmp_commerce_set_room(ctx, &presented->name);
    ngx_rtmp_commerce_lookup_room(ctx);
}


/* a name without a proof may be the secret key itself */

static void
ngx_rtmp_commerce_lookup_key(ngx_rtmp_commerce_ctx_t *ctx)
{
    u_char               hex[64];
    ngx_int_t            rc;
    ngx_str_t            name;
    ngx_commerce_key_t  *key;

    name.data = hex;
    name.len = sizeof(hex);
    ngx_commerce_token_key_name(&ctx->presented.name, hex);

    rc = ngx_commerce_store_get(ctx->tenant, NGX_COMMERCE_KEY, &name,
                                NGX_COMMERCE_FOR_HOSTS, (void **) &key,
                                &ctx->key_wait);
    if (rc == NGX_AGAIN) {
        return;
    }

    if (rc == NGX_OK
        && ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &key->room))
    {
        ctx->by_key = 1;
        ctx->presented.key = ctx->presented.name;
        ngx_rtmp_commerce_set_room(ctx, &key->room);
        ngx_rtmp_commerce_lookup_room(ctx);
        return;
    }

    ctx->by_key = 0;
    ngx_str_null(&ctx->presented.key);

    /* what may be a key is not asked for as a room, which would be logged */

    if (rc != NGX_OK && rc != NGX_DECLINED) {
        ngx_rtmp_commerce_refuse(ctx,
                          ngx_commerce_decide_outcome(NGX_COMMERCE_KEY, rc));
        return;
    }

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &ctx->presented.name)) {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_BAD_NAME);
        return;
    }

    ngx_rtmp_commerce_set_room(ctx, &ctx->presented.name);
    ngx_rtmp_commerce_lookup_room(ctx);
}


static void
ngx_rtmp_commerce_resume_key(void *data)
{
    ngx_rtmp_commerce_ctx_t *ctx = data;

    if (!ctx->session->connection->destroyed) {
        ngx_rtmp_commerce_lookup_key(ctx);
    }
}


/*
 * Which room a key opens is a hint that nobody takes back: when the room
 * disagrees, it is asked for once more.  1 if that is under way.
 */

static ngx_uint_t
ngx_rtmp_commerce_key_refresh(ngx_rtmp_commerce_ctx_t *ctx)
{
    u_char     hex[64];
    ngx_str_t  name;

    if (!ctx->by_key || ctx->refreshed) {
        return 0;
    }

    ctx->refreshed = 1;

    name.data = hex;
    name.len = sizeof(hex);
    ngx_commerce_token_key_name(&ctx->presented.name, hex);

    return ngx_commerce_store_refresh(ctx->tenant, NGX_COMMERCE_KEY, &name,
                                      &ctx->key_wait)
           == NGX_AGAIN;
}


static void
ngx_rtmp_commerce_lookup_room(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_commerce_reason_e    reason;
    ngx_commerce_question_t  q;

    ngx_memzero(&q, sizeof(ngx_commerce_question_t));

    q.room_rc = ngx_commerce_store_get(ctx->tenant, NGX_COMMERCE_ROOM,
                                       &ctx->room, NGX_COMMERCE_FOR_HOSTS,
                                       (void **) &q.room, &ctx->room_wait);
    if (q.room_rc == NGX_AGAIN) {
        return;
    }

    if (q.room_rc == NGX_OK) {
        q.host_rc = ngx_commerce_store_get(ctx->tenant, NGX_COMMERCE_HOST,
                                           &q.room->host,
                                           NGX_COMMERCE_FOR_HOSTS,
                                           (void **) &q.host,
                                           &ctx->host_wait);
        if (q.host_rc == NGX_AGAIN) {
            return;
        }
    }

    reason = ngx_rtmp_commerce_ask(ctx, &q);

    if (reason == NGX_COMMERCE_PROOF_WRONG
        && ngx_rtmp_commerce_key_refresh(ctx))
    {
        return;
    }

    if (q.room_rc != NGX_OK && !ngx_rtmp_commerce_public(ctx, q.now)) {
        ctx->room.len = 0;
    }

    ngx_rtmp_commerce_args_wipe(&ctx->presented);

    if (reason != NGX_COMMERCE_ALLOWED) {
        ngx_rtmp_commerce_refuse(ctx, reason);
        return;
    }

    ngx_rtmp_commerce_claim(ctx, q.room);
}


static void
ngx_rtmp_commerce_resume_room(void *data)
{
    ngx_rtmp_commerce_ctx_t *ctx = data;

    if (!ctx->session->connection->destroyed) {
        ngx_rtmp_commerce_lookup_room(ctx);
    }
}


static ngx_commerce_reason_e
ngx_rtmp_commerce_ask(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_question_t *q)
{
    q->action = NGX_COMMERCE_ACTION_PUBLISH;
    q->now = ngx_commerce_now(ctx->tenant);
    q->proofs = ctx->conf->proofs;
    q->secrets = ctx->tenant->secrets;
    q->key = ctx->presented.key;
    q->token = ctx->presented.token;
    q->jwt_keys = ctx->tenant->jwt_keys;
    q->jwt = ctx->presented.jwt;
    q->skew = (int64_t) ctx->tenant->skew;
    q->login = ctx->presented.login;
    q->signed_urls = ctx->tenant->signed_urls;
    q->url.app = ctx->session->app;
    q->url.args = ctx->presented.url;
    q->grant = &ctx->grant;
    q->grant->proof = 0;

    return ngx_commerce_decide(q);
}


/*
 * 1 if the name of a room that is not known may be logged.  It may be a
 * stream key with a letter wrong: not when a key stands beside it, nor when
 * a token or JWT was made, or a URL signed, for it.
 */

static ngx_uint_t
ngx_rtmp_commerce_public(ngx_rtmp_commerce_ctx_t *ctx, int64_t now)
{
    ngx_str_t                  subject;
    ngx_commerce_jwt_t         jwt;
    ngx_commerce_url_t         url;
    ngx_commerce_times_t       times;
    ngx_commerce_claims_t      claims;
    ngx_rtmp_commerce_args_t  *presented;

    presented = &ctx->presented;

    if (presented->key.len) {
        return presented->key.len != ctx->room.len
               || ngx_memcmp(presented->key.data, ctx->room.data,
                             ctx->room.len) != 0;
    }

    if (presented->url.len) {
        url.app = ctx->session->app;
        url.stream = ctx->room;
        url.args = presented->url;

        return ngx_commerce_url_verify(ctx->tenant->signed_urls, &url,
                                       NGX_COMMERCE_ACTION_PUBLISH, now,
                                       &claims)
               != NGX_COMMERCE_PROOF_WRONG;
    }

    if (presented->jwt.len) {
        ngx_commerce_tenant_times(ctx->tenant, &times);

        return ngx_commerce_jwt_verify(ctx->tenant->jwt_keys, &presented->jwt,
                                       NGX_COMMERCE_ACTION_PUBLISH, &ctx->room,
                                       &times, &jwt)
               == NGX_COMMERCE_ALLOWED
               && jwt.claims.room.len;
    }

    return presented->token.len
           && ngx_commerce_token_verify(ctx->tenant->secrets,
                                        &presented->token,
                                        &ctx->room, now, &subject)
              != NGX_COMMERCE_PROOF_WRONG;
}


static void
ngx_rtmp_commerce_set_room(ngx_rtmp_commerce_ctx_t *ctx, ngx_str_t *room)
{
    ctx->room.len = room->len;
    ngx_memcpy(ctx->room_name, room->data, room->len);
}


static void
ngx_rtmp_commerce_claim(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_room_t *room)
{
    ctx->host.len = room->host.len;
    ngx_memcpy(ctx->host_name, room->host.data, room->host.len);
    ctx->grant.host = ctx->host;

    if (ctx->grant.proof == NGX_COMMERCE_PROOF_KEY) {
        ngx_commerce_redis_key_confirm(ctx->tenant, room);
    }

    ngx_memzero(ctx->publish.name, sizeof(ctx->publish.name));
    ngx_memcpy(ctx->publish.name, ctx->room.data, ctx->room.len);

    ctx->claim = ngx_commerce_claim_take(ctx->tenant, &ctx->room,
                                         ctx->conf->window,
                                         ngx_rtmp_commerce_claimed, ctx);
    if (ctx->claim == NULL) {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_STORE_AWAY);
        return;
    }

    ctx->state = NGX_RTMP_COMMERCE_CLAIM;
}


static void
ngx_rtmp_commerce_claimed(void *data, ngx_commerce_reason_e reason)
{
    ngx_rtmp_commerce_ctx_t *ctx = data;

    if (ctx->session->connection->destroyed) {
        return;
    }

    if (reason == NGX_COMMERCE_ALLOWED) {
        ngx_rtmp_commerce_start(ctx);
        return;
    }

    if (ctx->state == NGX_RTMP_COMMERCE_PUBLISHING) {
        ngx_rtmp_commerce_cut(ctx, reason);
        return;
    }

    ngx_rtmp_commerce_refuse(ctx, reason);
}


static void
ngx_rtmp_commerce_start(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_session_t  *s;

    s = ctx->session;

    if (ngx_rtmp_commerce_watch(ctx) != NGX_OK) {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_STORE_AWAY);
        return;
    }

    ctx->stop = ngx_rtmp_commerce_stop;
    ctx->reason = NGX_COMMERCE_ALLOWED;

    ngx_log_error(NGX_LOG_INFO, s->connection->log, 0,
                  "commerce: room \"%V\" is published by host \"%V\"",
                  &ctx->room, &ctx->host);

    (void) ngx_atomic_fetch_add(
                       &ctx->tenant->stats->published[NGX_COMMERCE_ALLOWED],
                       1);

    ngx_rtmp_commerce_audit(ctx, "publish_started", NGX_COMMERCE_ALLOWED);
    ngx_rtmp_commerce_media_start(ctx);

    ngx_rtmp_commerce_let_in(ctx);
}


static void
ngx_rtmp_commerce_let_in(ngx_rtmp_commerce_ctx_t *ctx)
{
    ctx->state = NGX_RTMP_COMMERCE_PUBLISHING;
    ctx->published = 1;
    ctx->would_end = 0;
    ctx->started = ngx_current_msec;
    ctx->bytes = 0;

    if (ngx_rtmp_commerce_next_publish(ctx->session, &ctx->publish)
        != NGX_OK)
    {
        ngx_rtmp_finalize_session(ctx->session);
    }
}


static void
ngx_rtmp_commerce_stop(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_unwatch(ctx);
    ngx_rtmp_commerce_media_stop(ctx);
    ngx_rtmp_commerce_period_end(ctx);
    ngx_rtmp_commerce_cue_stop(ctx);
}


static void
ngx_rtmp_commerce_wait(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_wait_t *wait, void (*handler)(void *data))
{
    ngx_memzero(wait, sizeof(ngx_commerce_wait_t));

    wait->handler = handler;
    wait->data = ctx;
}
