
#include "ngx_commerce_redis_push.h"
#include "ngx_commerce_redis_subscribe.h"
#include "ngx_commerce_redis_client.h"
#include "ngx_commerce_store.h"


static ngx_int_t ngx_commerce_redis_push_subscribed(
    ngx_commerce_redis_subscription_t *s, ngx_str_t *channel,
    redisReply *last);
static ngx_int_t ngx_commerce_redis_push_unsubscribed(
    ngx_commerce_redis_subscription_t *s, ngx_str_t *channel,
    redisReply *last);
static ngx_int_t ngx_commerce_redis_push_channels(
    ngx_commerce_redis_subscription_t *s, redisReply *last);
static ngx_int_t ngx_commerce_redis_push_message(
    ngx_commerce_redis_subscription_t *s, ngx_str_t *channel,
    redisReply *last);
static ngx_int_t ngx_commerce_redis_push_pong(
    ngx_commerce_redis_subscription_t *s, ngx_str_t *channel,
    redisReply *last);


/* what Redis sends on a subscription: arrays that begin with one of these */

static struct {
    const char   *name;
    size_t        elements;
    ngx_int_t   (*handler)(ngx_commerce_redis_subscription_t *s,
                           ngx_str_t *channel, redisReply *last);
} ngx_commerce_redis_push_kinds[] = {
    { "message",     3, ngx_commerce_redis_push_message },
    { "subscribe",   3, ngx_commerce_redis_push_subscribed },
    { "unsubscribe", 3, ngx_commerce_redis_push_unsubscribed },
    { "pong",        2, ngx_commerce_redis_push_pong },
    { NULL, 0, NULL }
};


ngx_int_t
ngx_commerce_redis_push_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    u_char                              buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t                           text;
    ngx_uint_t                          i;
    redisReply                         *what, *channel;
    ngx_commerce_redis_subscription_t  *s;

    s = conn->data;

    if (s->beating
        && ngx_commerce_redis_error(reply) == NGX_COMMERCE_REDIS_FORBIDDEN)
    {

        /* an ACL may forbid PING: that is an answer all the same */

        return ngx_commerce_redis_push_pong(s, NULL, NULL);
    }

    if (ngx_commerce_redis_reply_is_error(reply)) {
        text = ngx_commerce_redis_error_text(reply, buf);
        ngx_snprintf(conn->reason, sizeof(conn->reason),
                     "redis answered \"%V\"%Z", &text);
        return NGX_ERROR;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2) {
        return NGX_ERROR;
    }

    what = reply->element[0];
    channel = reply->element[1];

    if (!ngx_commerce_redis_reply_is_text(what)
        || !ngx_commerce_redis_reply_is_text(channel))
    {
        return NGX_ERROR;
    }

    text.data = (u_char *) channel->str;
    text.len = channel->len;

    for (i = 0; ngx_commerce_redis_push_kinds[i].name; i++) {

        if (ngx_strcmp(what->str, ngx_commerce_redis_push_kinds[i].name) == 0
            && reply->elements == ngx_commerce_redis_push_kinds[i].elements)
        {
            return ngx_commerce_redis_push_kinds[i].handler(s, &text,
                                       reply->element[reply->elements - 1]);
        }
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_commerce_redis_push_subscribed(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel, redisReply *last)
{
    ngx_int_t             rc;
    ngx_str_t             name;
    ngx_commerce_kind_e   kind;

    rc = ngx_commerce_redis_channel_parse(s->conn.tenant, channel, &kind,
                                          &name);

    if (ngx_commerce_redis_push_channels(s, last) != NGX_OK) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        ngx_commerce_redis_conn_expect_nothing(&s->conn);

        s->listening = 1;
        ngx_commerce_redis_subscribe_restart(s);

        return NGX_OK;
    }

    if (rc != NGX_OK || s->acks == 0) {
        return NGX_ERROR;
    }

    /* what changed before this moment was not told */

    if (ngx_commerce_store_recheck(s->conn.tenant, kind, &name) != NGX_OK) {
        s->again = 1;
    }

    if (--s->acks == 0) {
        ngx_commerce_redis_conn_expect_nothing(&s->conn);
        ngx_commerce_redis_subscribe_settle(s);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_push_unsubscribed(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel, redisReply *last)
{
    return ngx_commerce_redis_push_channels(s, last);
}


/* the last element says how many channels are subscribed to now */

static ngx_int_t
ngx_commerce_redis_push_channels(ngx_commerce_redis_subscription_t *s,
    redisReply *last)
{
    if (last->type != REDIS_REPLY_INTEGER || last->integer < 0) {
        return NGX_ERROR;
    }

    s->channels = (ngx_uint_t) last->integer;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_push_message(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel, redisReply *last)
{
    int64_t              version;
    ngx_int_t            rc;
    ngx_str_t            name, text, argv[2];
    ngx_commerce_kind_e  kind;

    rc = ngx_commerce_redis_channel_parse(s->conn.tenant, channel, &kind,
                                          &name);

    if (rc == NGX_DECLINED) {
        s->again = 1;
        return NGX_OK;
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    /* the message is the version; whatever else it says, something changed */

    version = 0;

    if (ngx_commerce_redis_reply_is_text(last)) {
        text.data = (u_char *) last->str;
        text.len = last->len;
        version = ngx_max(ngx_commerce_number(&text), 0);
    }

    switch (ngx_commerce_store_notice(s->conn.tenant, kind, &name, version)) {

    case NGX_ERROR:
        s->again = 1;
        break;

    case NGX_DECLINED:

        /* evicted meanwhile */

        ngx_str_set(&argv[0], "UNSUBSCRIBE");
        argv[1] = *channel;

        (void) ngx_commerce_redis_conn_command(&s->conn, 2, argv);
        break;
    }

    return NGX_OK;
}


/*
 * The subscription is alive.  All that is held is current if it was all
 * subscribed to and then asked for, and all of that was answered: a script that
 * Redis did not know is sent again, and answered later than what came after it.
 */

static ngx_int_t
ngx_commerce_redis_push_pong(ngx_commerce_redis_subscription_t *s,
    ngx_str_t *channel, redisReply *last)
{
    s->beating = 0;

    ngx_commerce_redis_conn_expect_nothing(&s->conn);
    ngx_commerce_redis_conn_proved(&s->conn);

    if (!s->behind && !s->again
        && ngx_commerce_redis_client_answered(s->conn.tenant, s->settled)
        && ngx_commerce_load_done_until(s->conn.tenant, s->settled))
    {
        ngx_commerce_zone_fresh(s->conn.tenant);
    }

    return NGX_OK;
}
