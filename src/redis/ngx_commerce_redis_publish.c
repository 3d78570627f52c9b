
#include "ngx_commerce_redis_publish.h"
#include "ngx_commerce_redis_conf.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_timer.h"


#define NGX_COMMERCE_REDIS_PUBLISH_RETRY  1000   /* ms */

/* attempts to write what a publish that is over has left */
#define NGX_COMMERCE_REDIS_PUBLISH_TRIES  15


/*
 * It lives longer than its publish, since its end has to reach Redis: it frees
 * itself.
 */

struct ngx_commerce_redis_publish_s {
    ngx_commerce_redis_call_t          *call;
    ngx_pool_t                         *pool;
    ngx_commerce_tenant_t              *tenant;

    ngx_str_t                           room;
    ngx_str_t                           claim;
    ngx_str_t                           keys[2];   /* room, its periods */
    ngx_str_t                           channel;

    ngx_commerce_period_t               period;
    int64_t                             former_ended;
    int64_t                             ended;

    ngx_commerce_timer_t                timer;
    ngx_uint_t                          tries;
    ngx_queue_t                         queue;     /* of those closed */

    unsigned                            any:1;     /* there was a period */
    unsigned                            former:1;  /* and one before it */
    unsigned                            begun:1;   /* the last, in Redis */
    unsigned                            closed:1;
    unsigned                            complained:1;
};


static ngx_int_t ngx_commerce_redis_publish_names(
    ngx_commerce_redis_publish_t *publish, ngx_str_t *room, ngx_str_t *claim);
static void ngx_commerce_redis_publish_write(void *data);
static ngx_commerce_redis_call_t *ngx_commerce_redis_publish_write_begin(
    ngx_commerce_redis_publish_t *publish);
static ngx_commerce_redis_call_t *ngx_commerce_redis_publish_write_end(
    ngx_commerce_redis_publish_t *publish);
static ngx_str_t ngx_commerce_redis_publish_number(u_char *buf, int64_t n);
static void ngx_commerce_redis_publish_begun(void *data, redisReply *reply);
static void ngx_commerce_redis_publish_ended(void *data, redisReply *reply);
static ngx_uint_t ngx_commerce_redis_publish_failed(
    ngx_commerce_redis_publish_t *publish, redisReply *reply);
static void ngx_commerce_redis_publish_again(
    ngx_commerce_redis_publish_t *publish);
static void ngx_commerce_redis_publish_forget(
    ngx_commerce_redis_publish_t *publish);


ngx_commerce_redis_publish_t *
ngx_commerce_redis_publish_open(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_str_t *claim)
{
    ngx_pool_t                    *pool;
    ngx_commerce_redis_publish_t  *publish;

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    publish = ngx_pcalloc(pool, sizeof(ngx_commerce_redis_publish_t));
    if (publish == NULL) {
        goto failed;
    }

    publish->pool = pool;
    publish->tenant = tenant;

    ngx_commerce_timer_init(&publish->timer, tenant->log,
                            ngx_commerce_redis_publish_write, publish);

    if (ngx_commerce_redis_publish_names(publish, room, claim) != NGX_OK) {
        goto failed;
    }

    return publish;

failed:

    ngx_destroy_pool(pool);

    return NULL;
}


static ngx_int_t
ngx_commerce_redis_publish_names(ngx_commerce_redis_publish_t *publish,
    ngx_str_t *room, ngx_str_t *claim)
{
    static const char  *suffix[] = { "", ":periods" };

    publish->room.len = room->len;
    publish->room.data = ngx_pstrdup(publish->pool, room);
    publish->claim.len = claim->len;
    publish->claim.data = ngx_pstrdup(publish->pool, claim);

    if (publish->room.data == NULL || publish->claim.data == NULL) {
        return NGX_ERROR;
    }

    publish->channel = ngx_commerce_redis_channel(publish->tenant,
                                                  publish->pool,
                                                  NGX_COMMERCE_ROOM, room);
    if (publish->channel.data == NULL) {
        return NGX_ERROR;
    }

    return ngx_commerce_redis_room_keys(publish->tenant, publish->pool, room,
                                        suffix, 2, publish->keys);
}


void
ngx_commerce_redis_publish_begin(ngx_commerce_redis_publish_t *publish,
    ngx_commerce_period_t *period, int64_t former_ended)
{
    /* whether Redis has the one before or not, this one comes after it */

    if (publish->call) {
        ngx_commerce_redis_cancel(publish->call);
        publish->call = NULL;
    }

    publish->former = publish->any;
    publish->any = 1;
    publish->begun = 0;
    publish->period = *period;
    publish->former_ended = former_ended;

    ngx_commerce_redis_publish_write(publish);
}


void
ngx_commerce_redis_publish_close(ngx_commerce_redis_publish_t *publish,
    int64_t ended)
{
    publish->closed = 1;
    publish->ended = ended;

    ngx_queue_insert_tail(&ngx_commerce_redis_conf(publish->tenant)->closed,
                          &publish->queue);

    /* it ends when it has begun, if that is under way */

    if (publish->call == NULL) {
        ngx_commerce_redis_publish_write(publish);
    }
}


/* what is to be written next */

static void
ngx_commerce_redis_publish_write(void *data)
{
    ngx_commerce_redis_publish_t *publish = data;

    ngx_commerce_timer_stop(&publish->timer);

    if (!publish->any
        || (publish->closed
            && publish->tries++ == NGX_COMMERCE_REDIS_PUBLISH_TRIES))
    {
        ngx_commerce_redis_publish_forget(publish);
        return;
    }

    publish->call = publish->begun
                    ? ngx_commerce_redis_publish_write_end(publish)
                    : ngx_commerce_redis_publish_write_begin(publish);

    if (publish->call == NULL) {
        ngx_commerce_redis_publish_again(publish);
    }
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_publish_write_begin(ngx_commerce_redis_publish_t *publish)
{
    u_char                  numbers[5][NGX_INT64_LEN];
    ngx_str_t               argv[9];
    ngx_commerce_period_t  *period;

    period = &publish->period;

    argv[0] = publish->keys[0];
    argv[1] = publish->keys[1];
    argv[2] = publish->claim;
    argv[3] = ngx_commerce_redis_publish_number(numbers[0], period->at);
    argv[4] = ngx_commerce_redis_publish_number(numbers[1], period->began);
    argv[5] = ngx_commerce_redis_publish_number(numbers[2], period->epoch);
    argv[6] = ngx_commerce_redis_publish_number(numbers[3], period->frame);
    argv[7] = ngx_commerce_redis_publish_number(numbers[4],
                                                publish->former_ended);
    argv[8] = publish->channel;

    if (!publish->former) {
        ngx_str_set(&argv[7], "");
    }

    return ngx_commerce_redis_eval(publish->tenant,
                                   &ngx_commerce_redis_script_period_begin,
                                   2, 9, argv,
                                   ngx_commerce_redis_publish_begun, publish);
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_publish_write_end(ngx_commerce_redis_publish_t *publish)
{
    u_char      number[NGX_INT64_LEN];
    ngx_str_t   argv[4];

    argv[0] = publish->keys[0];
    argv[1] = publish->claim;
    argv[2] = ngx_commerce_redis_publish_number(number, publish->ended);
    argv[3] = publish->channel;

    return ngx_commerce_redis_eval(publish->tenant,
                                   &ngx_commerce_redis_script_period_end,
                                   1, 4, argv,
                                   ngx_commerce_redis_publish_ended, publish);
}


/* decimal; buf has NGX_INT64_LEN bytes */

static ngx_str_t
ngx_commerce_redis_publish_number(u_char *buf, int64_t n)
{
    ngx_str_t  number;

    number.data = buf;
    number.len = ngx_sprintf(buf, "%L", n) - buf;

    return number;
}


static void
ngx_commerce_redis_publish_begun(void *data, redisReply *reply)
{
    ngx_commerce_redis_publish_t *publish = data;

    publish->call = NULL;

    if (ngx_commerce_redis_publish_failed(publish, reply)) {
        ngx_commerce_redis_publish_again(publish);
        return;
    }

    publish->begun = 1;
    publish->complained = 0;

    if (publish->closed) {
        ngx_commerce_redis_publish_write(publish);
    }
}


static void
ngx_commerce_redis_publish_ended(void *data, redisReply *reply)
{
    ngx_commerce_redis_publish_t *publish = data;

    publish->call = NULL;

    if (ngx_commerce_redis_publish_failed(publish, reply)) {
        ngx_commerce_redis_publish_again(publish);
        return;
    }

    ngx_commerce_redis_publish_forget(publish);
}


/* that Redis is away is told by whoever keeps the connection */

static ngx_uint_t
ngx_commerce_redis_publish_failed(ngx_commerce_redis_publish_t *publish,
    redisReply *reply)
{
    u_char     buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t  text;

    if (reply && reply->type == REDIS_REPLY_INTEGER) {
        return 0;
    }

    if (reply == NULL || publish->complained) {
        return 1;
    }

    publish->complained = 1;

    if (ngx_commerce_redis_reply_is_error(reply)) {
        text = ngx_commerce_redis_error_text(reply, buf);

        ngx_log_error(NGX_LOG_ERR, publish->tenant->log, 0,
                      "commerce: a period of room \"%V\" got an error from "
                      "Redis: \"%V\"", &publish->room, &text);
        return 1;
    }

    ngx_commerce_redis_reject_reply(publish->tenant);

    ngx_log_error(NGX_LOG_ERR, publish->tenant->log, 0,
                  "commerce: a period of room \"%V\" got an answer from Redis "
                  "that it has no use for", &publish->room);

    return 1;
}


static void
ngx_commerce_redis_publish_again(ngx_commerce_redis_publish_t *publish)
{
    ngx_commerce_timer_start(&publish->timer,
                             NGX_COMMERCE_REDIS_PUBLISH_RETRY);
}


static void
ngx_commerce_redis_publish_forget(ngx_commerce_redis_publish_t *publish)
{
    ngx_queue_remove(&publish->queue);
    ngx_destroy_pool(publish->pool);
}


void
ngx_commerce_redis_publish_exit(ngx_commerce_tenant_t *tenant)
{
    ngx_queue_t                   *q, *closed;
    ngx_commerce_redis_publish_t  *publish;

    closed = &ngx_commerce_redis_conf(tenant)->closed;

    while (!ngx_queue_empty(closed)) {
        q = ngx_queue_head(closed);
        publish = ngx_queue_data(q, ngx_commerce_redis_publish_t, queue);

        ngx_commerce_timer_stop(&publish->timer);

        ngx_commerce_redis_publish_forget(publish);
    }
}
