
#include "ngx_commerce_redis_live.h"
#include "ngx_commerce_redis_conf.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_store.h"


#define NGX_COMMERCE_REDIS_LIVE_TTL       "15000"  /* ms */
#define NGX_COMMERCE_REDIS_LIVE_HEARING   "7000"   /* ms, longer than RENEW */
#define NGX_COMMERCE_REDIS_LIVE_RENEW     5000     /* ms */
#define NGX_COMMERCE_REDIS_LIVE_RETRY     1000     /* ms */

/* shows of which it is asked in one call whether they have counts already */
#define NGX_COMMERCE_REDIS_LIVE_SHOWS     16

/* attempts to release: as long as the claim may last */
#define NGX_COMMERCE_REDIS_LIVE_RELEASES  15


static ngx_int_t ngx_commerce_redis_live_names(
    ngx_commerce_redis_live_t *live, ngx_commerce_seat_id_t claim,
    ngx_msec_t window);
static int64_t ngx_commerce_redis_live_next_show(
    ngx_commerce_redis_live_t *live);
static void ngx_commerce_redis_live_timer(ngx_event_t *ev);
static void ngx_commerce_redis_live_take(ngx_commerce_redis_live_t *live);
static ngx_commerce_redis_call_t *ngx_commerce_redis_live_ask(
    ngx_commerce_redis_live_t *live);
static void ngx_commerce_redis_live_taken(void *data, redisReply *reply);
static ngx_str_t ngx_commerce_redis_live_age(u_char *buf, ngx_msec_t since);
static void ngx_commerce_redis_live_renew(ngx_commerce_redis_live_t *live);
static void ngx_commerce_redis_live_renewed(void *data, redisReply *reply);
static void ngx_commerce_redis_live_end(ngx_commerce_redis_live_t *live);
static void ngx_commerce_redis_live_ended(void *data, redisReply *reply);
static void ngx_commerce_redis_live_forget(ngx_commerce_redis_live_t *live);
static void ngx_commerce_redis_live_away(ngx_commerce_redis_live_t *live);
static void ngx_commerce_redis_live_lost(ngx_commerce_redis_live_t *live,
    ngx_commerce_reason_e reason);
static void ngx_commerce_redis_live_complain(ngx_commerce_redis_live_t *live,
    redisReply *reply);


ngx_commerce_redis_live_t *
ngx_commerce_redis_live_claim(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_seat_id_t claim, ngx_msec_t window)
{
    ngx_pool_t                 *pool;
    ngx_commerce_redis_live_t  *live;

    pool = ngx_create_pool(2048, tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    live = ngx_pcalloc(pool, sizeof(ngx_commerce_redis_live_t));
    if (live == NULL) {
        goto failed;
    }

    live->pool = pool;
    live->tenant = tenant;
    live->ident = -1;
    live->asked = ngx_current_msec;
    live->heard = ngx_current_msec;
    live->event.data = live;
    live->event.log = tenant->log;
    live->event.handler = ngx_commerce_redis_live_timer;
    live->event.cancelable = 1;

    live->room.len = room->len;
    live->room.data = ngx_pstrdup(pool, room);

    if (live->room.data == NULL
        || ngx_commerce_redis_live_names(live, claim, window) != NGX_OK)
    {
        goto failed;
    }

    live->show = ngx_commerce_redis_live_next_show(live);

    ngx_commerce_redis_live_take(live);

    return live;

failed:

    ngx_destroy_pool(pool);

    return NULL;
}


static ngx_int_t
ngx_commerce_redis_live_names(ngx_commerce_redis_live_t *live,
    ngx_commerce_seat_id_t claim, ngx_msec_t window)
{
    size_t                  node;
    u_char                 *p;
    ngx_commerce_tenant_t  *tenant;

    static const char      *suffix[] = {
        "", ":live", ":shows", ":cues"
    };

    tenant = live->tenant;

    if (ngx_commerce_redis_room_keys(tenant, live->pool, &live->room, suffix,
                                     NGX_COMMERCE_REDIS_LIVE_KEYS, live->keys)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    live->channel = ngx_commerce_redis_channel(tenant, live->pool,
                                               NGX_COMMERCE_ROOM, &live->room);
    if (live->channel.data == NULL) {
        return NGX_ERROR;
    }

    node = ngx_min(tenant->node.len, NGX_COMMERCE_NAME_MAX);

    p = ngx_pnalloc(live->pool, node + sizeof("/") - 1 + 16 + NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    live->claim.data = p;
    p = ngx_cpymem(p, tenant->node.data, node);
    p = ngx_sprintf(p, "/%016xL", claim);
    live->claim.len = p - live->claim.data;

    live->window.data = p;
    live->window.len = ngx_sprintf(p, "%M", window) - p;

    return NGX_OK;
}


/* the show that begins with the claim, as far as this node knows */

static int64_t
ngx_commerce_redis_live_next_show(ngx_commerce_redis_live_t *live)
{
    void                 *record;
    ngx_commerce_room_t  *room;

    if (ngx_commerce_store_held(live->tenant, NGX_COMMERCE_ROOM, &live->room,
                                &record)
        != NGX_OK)
    {
        return 1;
    }

    room = record;

    return (int64_t) room->show + 1;
}


void
ngx_commerce_redis_live_release(ngx_commerce_redis_live_t *live)
{
    live->released = 1;
    ngx_queue_insert_tail(&ngx_commerce_redis_conf(live->tenant)->released,
                          &live->queue);

    /* an answer under way comes first: it may make what is released here */

    if (live->call == NULL) {
        ngx_commerce_redis_live_end(live);
    }
}


void
ngx_commerce_redis_live_heard(ngx_commerce_redis_live_t *live)
{
    live->heard = ngx_current_msec;
}


ngx_uint_t
ngx_commerce_redis_live_moved(ngx_commerce_redis_live_t *live,
    ngx_commerce_room_t *room)
{
    return live->state == NGX_COMMERCE_REDIS_LIVE_HELD
           && room->version >= live->version
           && room->live.len
           && (room->live.len != live->claim.len
               || ngx_memcmp(room->live.data, live->claim.data,
                             live->claim.len) != 0);
}


static void
ngx_commerce_redis_live_timer(ngx_event_t *ev)
{
    ngx_commerce_redis_live_t  *live;

    live = ev->data;

    if (live->released) {
        ngx_commerce_redis_live_end(live);

    } else if (live->state == NGX_COMMERCE_REDIS_LIVE_HELD) {
        ngx_commerce_redis_live_renew(live);

    } else {
        ngx_commerce_redis_live_take(live);
    }
}


static void
ngx_commerce_redis_live_take(ngx_commerce_redis_live_t *live)
{
    live->call = ngx_commerce_redis_live_ask(live);

    if (live->call == NULL) {
        ngx_commerce_redis_live_away(live);
        return;
    }

    live->claimed = 1;
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_live_ask(ngx_commerce_redis_live_t *live)
{
    u_char                     *p, age[NGX_INT_T_LEN], show[NGX_INT64_LEN];
    char                        suffix[sizeof("::counts") + NGX_INT64_LEN];
    ngx_str_t                   argv[NGX_COMMERCE_REDIS_LIVE_KEYS
                                     + NGX_COMMERCE_REDIS_LIVE_SHOWS + 8];
    ngx_str_t                  *arg;
    ngx_uint_t                  i, n;
    ngx_pool_t                 *pool;
    ngx_commerce_redis_call_t  *call;

    pool = ngx_create_pool(1024, live->tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    call = NULL;
    n = live->told ? NGX_COMMERCE_REDIS_LIVE_SHOWS : 1;

    ngx_memcpy(argv, live->keys, sizeof(live->keys));

    arg = &argv[NGX_COMMERCE_REDIS_LIVE_KEYS];

    for (i = 0; i < n; i++) {
        ngx_sprintf((u_char *) suffix, ":%L:counts%Z",
                    live->show + (int64_t) i);
        *arg = ngx_commerce_redis_room_key(live->tenant, pool, &live->room,
                                           suffix);
        if (arg->data == NULL) {
            goto done;
        }

        arg++;
    }

    arg[0] = live->claim;
    ngx_str_set(&arg[1], NGX_COMMERCE_REDIS_LIVE_TTL);
    ngx_str_set(&arg[2], NGX_COMMERCE_REDIS_LIVE_HEARING);
    arg[3] = live->window;
    arg[4] = ngx_commerce_redis_live_age(age, live->asked);
    arg[5] = live->channel;

    p = ngx_sprintf(show, "%L", live->show);
    arg[6].data = show;
    arg[6].len = p - show;
    arg[7].data = (u_char *) (live->told ? "1" : "0");
    arg[7].len = 1;

    call = ngx_commerce_redis_eval(live->tenant,
                                   &ngx_commerce_redis_script_live_claim,
                                   NGX_COMMERCE_REDIS_LIVE_KEYS + n,
                                   NGX_COMMERCE_REDIS_LIVE_KEYS + n + 8, argv,
                                   ngx_commerce_redis_live_taken, live);

done:

    ngx_destroy_pool(pool);

    return call;
}


static void
ngx_commerce_redis_live_taken(void *data, redisReply *reply)
{
    ngx_commerce_redis_live_t  *live = data;

    live->call = NULL;

    if (live->released) {
        ngx_commerce_redis_live_end(live);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 2
        && reply->element[0]->type == REDIS_REPLY_INTEGER
        && reply->element[1]->type == REDIS_REPLY_INTEGER)
    {
        live->state = NGX_COMMERCE_REDIS_LIVE_HELD;
        live->version = reply->element[0]->integer;
        live->order = reply->element[1]->integer;
        live->complained = 0;

        ngx_add_timer(&live->event, NGX_COMMERCE_REDIS_LIVE_RENEW);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 1
        && reply->element[0]->type == REDIS_REPLY_INTEGER
        && reply->element[0]->integer > 0)
    {
        /* it wants to know of other shows than it was told */

        live->show = reply->element[0]->integer;
        live->told = 1;

        ngx_commerce_redis_live_take(live);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_INTEGER) {

        switch (reply->integer) {

        case -1:
            ngx_commerce_redis_live_lost(live, NGX_COMMERCE_REPLACED);
            return;

        case -3:
            ngx_commerce_redis_live_lost(live, NGX_COMMERCE_ROOM_TAKEN);
            return;
        }
    }

    ngx_commerce_redis_live_complain(live, reply);
    ngx_commerce_redis_live_away(live);
}


/* ms since then, decimal; buf has NGX_INT_T_LEN bytes */

static ngx_str_t
ngx_commerce_redis_live_age(u_char *buf, ngx_msec_t since)
{
    ngx_str_t  age;

    age.data = buf;
    age.len = ngx_sprintf(buf, "%M", ngx_current_msec - since) - buf;

    return age;
}


static void
ngx_commerce_redis_live_renew(ngx_commerce_redis_live_t *live)
{
    u_char     idle[NGX_INT_T_LEN];
    ngx_str_t  argv[5];

    argv[0] = live->keys[0];
    argv[1] = live->keys[1];
    argv[2] = live->claim;
    ngx_str_set(&argv[3], NGX_COMMERCE_REDIS_LIVE_TTL);
    argv[4] = ngx_commerce_redis_live_age(idle, live->heard);

    live->call = ngx_commerce_redis_eval(live->tenant,
                                      &ngx_commerce_redis_script_live_renew,
                                      2, 5, argv,
                                      ngx_commerce_redis_live_renewed, live);
    if (live->call == NULL) {
        ngx_add_timer(&live->event, NGX_COMMERCE_REDIS_LIVE_RETRY);
    }
}


static void
ngx_commerce_redis_live_renewed(void *data, redisReply *reply)
{
    ngx_commerce_redis_live_t  *live = data;

    live->call = NULL;

    if (live->released) {
        ngx_commerce_redis_live_end(live);
        return;
    }

    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER) {

        /* it is still ours as far as is known */

        ngx_commerce_redis_live_complain(live, reply);
        ngx_add_timer(&live->event, NGX_COMMERCE_REDIS_LIVE_RETRY);
        return;
    }

    live->complained = 0;

    switch (reply->integer) {

    case 1:
        ngx_add_timer(&live->event, NGX_COMMERCE_REDIS_LIVE_RENEW);
        return;

    case 0:

        /* it ran out, or Redis lost it */

        ngx_commerce_redis_live_take(live);
        return;

    default:
        ngx_commerce_redis_live_lost(live, NGX_COMMERCE_REPLACED);
        return;
    }
}


static void
ngx_commerce_redis_live_end(ngx_commerce_redis_live_t *live)
{
    ngx_str_t  argv[6];

    if (live->event.timer_set) {
        ngx_del_timer(&live->event);
    }

    if (!live->claimed
        || live->state == NGX_COMMERCE_REDIS_LIVE_LOST
        || live->releases++ == NGX_COMMERCE_REDIS_LIVE_RELEASES)
    {
        ngx_commerce_redis_live_forget(live);
        return;
    }

    ngx_memcpy(argv, live->keys, 3 * sizeof(ngx_str_t));
    argv[3] = live->claim;
    argv[4].data = (u_char *) (live->order ? "1" : "0");
    argv[4].len = 1;
    argv[5] = live->channel;

    live->call = ngx_commerce_redis_eval(live->tenant,
                                     &ngx_commerce_redis_script_live_release,
                                     3, 6, argv,
                                     ngx_commerce_redis_live_ended, live);
    if (live->call == NULL) {
        ngx_add_timer(&live->event, NGX_COMMERCE_REDIS_LIVE_RETRY);
    }
}


static void
ngx_commerce_redis_live_ended(void *data, redisReply *reply)
{
    ngx_commerce_redis_live_t  *live = data;

    live->call = NULL;

    if (reply && reply->type == REDIS_REPLY_INTEGER) {
        ngx_commerce_redis_live_forget(live);
        return;
    }

    ngx_commerce_redis_live_complain(live, reply);
    ngx_add_timer(&live->event, NGX_COMMERCE_REDIS_LIVE_RETRY);
}


static void
ngx_commerce_redis_live_forget(ngx_commerce_redis_live_t *live)
{
    ngx_queue_remove(&live->queue);
    ngx_destroy_pool(live->pool);
}


void
ngx_commerce_redis_live_close(ngx_commerce_tenant_t *tenant)
{
    ngx_queue_t                *q, *released;
    ngx_commerce_redis_live_t  *live;

    released = &ngx_commerce_redis_conf(tenant)->released;

    while (!ngx_queue_empty(released)) {
        q = ngx_queue_head(released);
        live = ngx_queue_data(q, ngx_commerce_redis_live_t, queue);

        if (live->event.timer_set) {
            ngx_del_timer(&live->event);
        }

        ngx_commerce_redis_live_forget(live);
    }
}


static void
ngx_commerce_redis_live_away(ngx_commerce_redis_live_t *live)
{
    live->state = NGX_COMMERCE_REDIS_LIVE_AWAY;
    ngx_add_timer(&live->event, NGX_COMMERCE_REDIS_LIVE_RETRY);
}


static void
ngx_commerce_redis_live_lost(ngx_commerce_redis_live_t *live,
    ngx_commerce_reason_e reason)
{
    live->state = NGX_COMMERCE_REDIS_LIVE_LOST;
    live->reason = reason;
}


/* that Redis is away is told by whoever keeps the connection */

static void
ngx_commerce_redis_live_complain(ngx_commerce_redis_live_t *live,
    redisReply *reply)
{
    u_char     buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t  text;

    if (reply == NULL || live->complained) {
        return;
    }

    live->complained = 1;

    if (reply->type == REDIS_REPLY_INTEGER && reply->integer == -2) {
        ngx_log_error(NGX_LOG_ERR, live->tenant->log, 0,
                      "commerce: room \"%V\" is live, but Redis has no such "
                      "room", &live->room);
        return;
    }

    if (ngx_commerce_redis_reply_is_error(reply)) {
        text = ngx_commerce_redis_error_text(reply, buf);

        ngx_log_error(NGX_LOG_ERR, live->tenant->log, 0,
                      "commerce: the live claim of room \"%V\" got "
                      "an error from Redis: \"%V\"", &live->room, &text);
        return;
    }

    ngx_commerce_redis_reject_reply(live->tenant);

    ngx_log_error(NGX_LOG_ERR, live->tenant->log, 0,
                  "commerce: the live claim of room \"%V\" got an answer "
                  "from Redis that it has no use for", &live->room);
}
