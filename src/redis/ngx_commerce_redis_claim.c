
#include "ngx_commerce_redis_claim.h"
#include "ngx_commerce_redis_conf.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_store.h"


#define NGX_COMMERCE_REDIS_CLAIM_TTL       "15000"  /* ms */
#define NGX_COMMERCE_REDIS_CLAIM_HEARING   "7000"   /* ms, longer than RENEW */
#define NGX_COMMERCE_REDIS_CLAIM_RENEW     5000     /* ms */
#define NGX_COMMERCE_REDIS_CLAIM_RETRY     1000     /* ms */

/* shows of which it is asked in one call whether they have counts already */
#define NGX_COMMERCE_REDIS_CLAIM_SHOWS     16

/* attempts to release: as long as the claim may last */
#define NGX_COMMERCE_REDIS_CLAIM_RELEASES  15


static ngx_int_t ngx_commerce_redis_claim_names(
    ngx_commerce_redis_claim_t *claim, ngx_commerce_seat_id_t id,
    ngx_msec_t window);
static int64_t ngx_commerce_redis_claim_next_show(
    ngx_commerce_redis_claim_t *claim);
static void ngx_commerce_redis_claim_timer(ngx_event_t *ev);
static void ngx_commerce_redis_claim_take(ngx_commerce_redis_claim_t *claim);
static ngx_commerce_redis_call_t *ngx_commerce_redis_claim_ask(
    ngx_commerce_redis_claim_t *claim);
static void ngx_commerce_redis_claim_taken(void *data, redisReply *reply);
static ngx_str_t ngx_commerce_redis_claim_age(u_char *buf, ngx_msec_t since);
static void ngx_commerce_redis_claim_renew(ngx_commerce_redis_claim_t *claim);
static void ngx_commerce_redis_claim_renewed(void *data, redisReply *reply);
static void ngx_commerce_redis_claim_end(ngx_commerce_redis_claim_t *claim);
static void ngx_commerce_redis_claim_ended(void *data, redisReply *reply);
static void ngx_commerce_redis_claim_forget(ngx_commerce_redis_claim_t *claim);
static void ngx_commerce_redis_claim_away(ngx_commerce_redis_claim_t *claim);
static void ngx_commerce_redis_claim_lost(ngx_commerce_redis_claim_t *claim,
    ngx_commerce_reason_e reason);
static void ngx_commerce_redis_claim_complain(ngx_commerce_redis_claim_t *claim,
    redisReply *reply);


ngx_commerce_redis_claim_t *
ngx_commerce_redis_claim_make(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_seat_id_t id, ngx_msec_t window)
{
    ngx_pool_t                 *pool;
    ngx_commerce_redis_claim_t  *claim;

    pool = ngx_create_pool(2048, tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    claim = ngx_pcalloc(pool, sizeof(ngx_commerce_redis_claim_t));
    if (claim == NULL) {
        goto failed;
    }

    claim->pool = pool;
    claim->tenant = tenant;
    claim->ident = -1;
    claim->asked = ngx_current_msec;
    claim->heard = ngx_current_msec;
    claim->event.data = claim;
    claim->event.log = tenant->log;
    claim->event.handler = ngx_commerce_redis_claim_timer;
    claim->event.cancelable = 1;

    claim->room.len = room->len;
    claim->room.data = ngx_pstrdup(pool, room);

    if (claim->room.data == NULL
        || ngx_commerce_redis_claim_names(claim, id, window) != NGX_OK)
    {
        goto failed;
    }

    claim->show = ngx_commerce_redis_claim_next_show(claim);

    ngx_commerce_redis_claim_take(claim);

    return claim;

failed:

    ngx_destroy_pool(pool);

    return NULL;
}


static ngx_int_t
ngx_commerce_redis_claim_names(ngx_commerce_redis_claim_t *claim,
    ngx_commerce_seat_id_t id, ngx_msec_t window)
{
    size_t                  node;
    u_char                 *p;
    ngx_commerce_tenant_t  *tenant;

    static const char      *suffix[] = {
        "", ":live", ":shows", ":cues"
    };

    tenant = claim->tenant;

    if (ngx_commerce_redis_room_keys(tenant, claim->pool, &claim->room, suffix,
                                     NGX_COMMERCE_REDIS_CLAIM_KEYS, claim->keys)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    claim->channel = ngx_commerce_redis_channel(tenant, claim->pool,
                                               NGX_COMMERCE_ROOM, &claim->room);
    if (claim->channel.data == NULL) {
        return NGX_ERROR;
    }

    node = ngx_min(tenant->node.len, NGX_COMMERCE_NAME_MAX);

    p = ngx_pnalloc(claim->pool, node + sizeof("/") - 1 + 16 + NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    claim->text.data = p;
    p = ngx_cpymem(p, tenant->node.data, node);
    p = ngx_sprintf(p, "/%016xL", id);
    claim->text.len = p - claim->text.data;

    claim->window.data = p;
    claim->window.len = ngx_sprintf(p, "%M", window) - p;

    return NGX_OK;
}


/* the show that begins with the claim, as far as this node knows */

static int64_t
ngx_commerce_redis_claim_next_show(ngx_commerce_redis_claim_t *claim)
{
    void                 *record;
    ngx_commerce_room_t  *room;

    if (ngx_commerce_store_held(claim->tenant, NGX_COMMERCE_ROOM, &claim->room,
                                &record)
        != NGX_OK)
    {
        return 1;
    }

    room = record;

    return (int64_t) room->show + 1;
}


void
ngx_commerce_redis_claim_release(ngx_commerce_redis_claim_t *claim)
{
    claim->released = 1;
    ngx_queue_insert_tail(&ngx_commerce_redis_conf(claim->tenant)->released,
                          &claim->queue);

    /* an answer under way comes first: it may make what is released here */

    if (claim->call == NULL) {
        ngx_commerce_redis_claim_end(claim);
    }
}


void
ngx_commerce_redis_claim_heard(ngx_commerce_redis_claim_t *claim)
{
    claim->heard = ngx_current_msec;
}


ngx_uint_t
ngx_commerce_redis_claim_moved(ngx_commerce_redis_claim_t *claim,
    ngx_commerce_room_t *room)
{
    return claim->state == NGX_COMMERCE_REDIS_CLAIM_HELD
           && room->version >= claim->version
           && room->live.len
           && (room->live.len != claim->text.len
               || ngx_memcmp(room->live.data, claim->text.data,
                             claim->text.len) != 0);
}


static void
ngx_commerce_redis_claim_timer(ngx_event_t *ev)
{
    ngx_commerce_redis_claim_t  *claim;

    claim = ev->data;

    if (claim->released) {
        ngx_commerce_redis_claim_end(claim);

    } else if (claim->state == NGX_COMMERCE_REDIS_CLAIM_HELD) {
        ngx_commerce_redis_claim_renew(claim);

    } else {
        ngx_commerce_redis_claim_take(claim);
    }
}


static void
ngx_commerce_redis_claim_take(ngx_commerce_redis_claim_t *claim)
{
    claim->call = ngx_commerce_redis_claim_ask(claim);

    if (claim->call == NULL) {
        ngx_commerce_redis_claim_away(claim);
        return;
    }

    claim->claimed = 1;
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_claim_ask(ngx_commerce_redis_claim_t *claim)
{
    u_char                     *p, age[NGX_INT_T_LEN], show[NGX_INT64_LEN];
    char                        suffix[sizeof("::counts") + NGX_INT64_LEN];
    ngx_str_t                   argv[NGX_COMMERCE_REDIS_CLAIM_KEYS
                                     + NGX_COMMERCE_REDIS_CLAIM_SHOWS + 8];
    ngx_str_t                  *arg;
    ngx_uint_t                  i, n;
    ngx_pool_t                 *pool;
    ngx_commerce_redis_call_t  *call;

    pool = ngx_create_pool(1024, claim->tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    call = NULL;
    n = claim->told ? NGX_COMMERCE_REDIS_CLAIM_SHOWS : 1;

    ngx_memcpy(argv, claim->keys, sizeof(claim->keys));

    arg = &argv[NGX_COMMERCE_REDIS_CLAIM_KEYS];

    for (i = 0; i < n; i++) {
        ngx_sprintf((u_char *) suffix, ":%L:counts%Z",
                    claim->show + (int64_t) i);
        *arg = ngx_commerce_redis_room_key(claim->tenant, pool, &claim->room,
                                           suffix);
        if (arg->data == NULL) {
            goto done;
        }

        arg++;
    }

    arg[0] = claim->text;
    ngx_str_set(&arg[1], NGX_COMMERCE_REDIS_CLAIM_TTL);
    ngx_str_set(&arg[2], NGX_COMMERCE_REDIS_CLAIM_HEARING);
    arg[3] = claim->window;
    arg[4] = ngx_commerce_redis_claim_age(age, claim->asked);
    arg[5] = claim->channel;

    p = ngx_sprintf(show, "%L", claim->show);
    arg[6].data = show;
    arg[6].len = p - show;
    arg[7].data = (u_char *) (claim->told ? "1" : "0");
    arg[7].len = 1;

    call = ngx_commerce_redis_eval(claim->tenant,
                                   &ngx_commerce_redis_script_live_claim,
                                   NGX_COMMERCE_REDIS_CLAIM_KEYS + n,
                                   NGX_COMMERCE_REDIS_CLAIM_KEYS + n + 8, argv,
                                   ngx_commerce_redis_claim_taken, claim);

done:

    ngx_destroy_pool(pool);

    return call;
}


static void
ngx_commerce_redis_claim_taken(void *data, redisReply *reply)
{
    ngx_commerce_redis_claim_t  *claim = data;

    claim->call = NULL;

    if (claim->released) {
        ngx_commerce_redis_claim_end(claim);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 2
        && reply->element[0]->type == REDIS_REPLY_INTEGER
        && reply->element[1]->type == REDIS_REPLY_INTEGER)
    {
        claim->state = NGX_COMMERCE_REDIS_CLAIM_HELD;
        claim->version = reply->element[0]->integer;
        claim->order = reply->element[1]->integer;
        claim->complained = 0;

        ngx_add_timer(&claim->event, NGX_COMMERCE_REDIS_CLAIM_RENEW);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 1
        && reply->element[0]->type == REDIS_REPLY_INTEGER
        && reply->element[0]->integer > 0)
    {
        /* it wants to know of other shows than it was told */

        claim->show = reply->element[0]->integer;
        claim->told = 1;

        ngx_commerce_redis_claim_take(claim);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_INTEGER) {

        switch (reply->integer) {

        case -1:
            ngx_commerce_redis_claim_lost(claim, NGX_COMMERCE_REPLACED);
            return;

        case -3:
            ngx_commerce_redis_claim_lost(claim, NGX_COMMERCE_ROOM_TAKEN);
            return;
        }
    }

    ngx_commerce_redis_claim_complain(claim, reply);
    ngx_commerce_redis_claim_away(claim);
}


/* ms since then, decimal; buf has NGX_INT_T_LEN bytes */

static ngx_str_t
ngx_commerce_redis_claim_age(u_char *buf, ngx_msec_t since)
{
    ngx_str_t  age;

    age.data = buf;
    age.len = ngx_sprintf(buf, "%M", ngx_current_msec - since) - buf;

    return age;
}


static void
ngx_commerce_redis_claim_renew(ngx_commerce_redis_claim_t *claim)
{
    u_char     idle[NGX_INT_T_LEN];
    ngx_str_t  argv[5];

    argv[0] = claim->keys[0];
    argv[1] = claim->keys[1];
    argv[2] = claim->text;
    ngx_str_set(&argv[3], NGX_COMMERCE_REDIS_CLAIM_TTL);
    argv[4] = ngx_commerce_redis_claim_age(idle, claim->heard);

    claim->call = ngx_commerce_redis_eval(claim->tenant,
                                      &ngx_commerce_redis_script_live_renew,
                                      2, 5, argv,
                                      ngx_commerce_redis_claim_renewed, claim);
    if (claim->call == NULL) {
        ngx_add_timer(&claim->event, NGX_COMMERCE_REDIS_CLAIM_RETRY);
    }
}


static void
ngx_commerce_redis_claim_renewed(void *data, redisReply *reply)
{
    ngx_commerce_redis_claim_t  *claim = data;

    claim->call = NULL;

    if (claim->released) {
        ngx_commerce_redis_claim_end(claim);
        return;
    }

    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER) {

        /* it is still ours as far as is known */

        ngx_commerce_redis_claim_complain(claim, reply);
        ngx_add_timer(&claim->event, NGX_COMMERCE_REDIS_CLAIM_RETRY);
        return;
    }

    claim->complained = 0;

    switch (reply->integer) {

    case 1:
        ngx_add_timer(&claim->event, NGX_COMMERCE_REDIS_CLAIM_RENEW);
        return;

    case 0:

        /* it ran out, or Redis lost it */

        ngx_commerce_redis_claim_take(claim);
        return;

    default:
        ngx_commerce_redis_claim_lost(claim, NGX_COMMERCE_REPLACED);
        return;
    }
}


static void
ngx_commerce_redis_claim_end(ngx_commerce_redis_claim_t *claim)
{
    ngx_str_t  argv[6];

    if (claim->event.timer_set) {
        ngx_del_timer(&claim->event);
    }

    if (!claim->claimed
        || claim->state == NGX_COMMERCE_REDIS_CLAIM_LOST
        || claim->releases++ == NGX_COMMERCE_REDIS_CLAIM_RELEASES)
    {
        ngx_commerce_redis_claim_forget(claim);
        return;
    }

    ngx_memcpy(argv, claim->keys, 3 * sizeof(ngx_str_t));
    argv[3] = claim->text;
    argv[4].data = (u_char *) (claim->order ? "1" : "0");
    argv[4].len = 1;
    argv[5] = claim->channel;

    claim->call = ngx_commerce_redis_eval(claim->tenant,
                                     &ngx_commerce_redis_script_live_release,
                                     3, 6, argv,
                                     ngx_commerce_redis_claim_ended, claim);
    if (claim->call == NULL) {
        ngx_add_timer(&claim->event, NGX_COMMERCE_REDIS_CLAIM_RETRY);
    }
}


static void
ngx_commerce_redis_claim_ended(void *data, redisReply *reply)
{
    ngx_commerce_redis_claim_t  *claim = data;

    claim->call = NULL;

    if (reply && reply->type == REDIS_REPLY_INTEGER) {
        ngx_commerce_redis_claim_forget(claim);
        return;
    }

    ngx_commerce_redis_claim_complain(claim, reply);
    ngx_add_timer(&claim->event, NGX_COMMERCE_REDIS_CLAIM_RETRY);
}


static void
ngx_commerce_redis_claim_forget(ngx_commerce_redis_claim_t *claim)
{
    ngx_queue_remove(&claim->queue);
    ngx_destroy_pool(claim->pool);
}


void
ngx_commerce_redis_claim_close(ngx_commerce_tenant_t *tenant)
{
    ngx_queue_t                *q, *released;
    ngx_commerce_redis_claim_t  *claim;

    released = &ngx_commerce_redis_conf(tenant)->released;

    while (!ngx_queue_empty(released)) {
        q = ngx_queue_head(released);
        claim = ngx_queue_data(q, ngx_commerce_redis_claim_t, queue);

        if (claim->event.timer_set) {
            ngx_del_timer(&claim->event);
        }

        ngx_commerce_redis_claim_forget(claim);
    }
}


static void
ngx_commerce_redis_claim_away(ngx_commerce_redis_claim_t *claim)
{
    claim->state = NGX_COMMERCE_REDIS_CLAIM_AWAY;
    ngx_add_timer(&claim->event, NGX_COMMERCE_REDIS_CLAIM_RETRY);
}


static void
ngx_commerce_redis_claim_lost(ngx_commerce_redis_claim_t *claim,
    ngx_commerce_reason_e reason)
{
    claim->state = NGX_COMMERCE_REDIS_CLAIM_LOST;
    claim->reason = reason;
}


/* that Redis is away is told by whoever keeps the connection */

static void
ngx_commerce_redis_claim_complain(ngx_commerce_redis_claim_t *claim,
    redisReply *reply)
{
    u_char     buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t  text;

    if (reply == NULL || claim->complained) {
        return;
    }

    claim->complained = 1;

    if (reply->type == REDIS_REPLY_INTEGER && reply->integer == -2) {
        ngx_log_error(NGX_LOG_ERR, claim->tenant->log, 0,
                      "commerce: room \"%V\" is claim, but Redis has no such "
                      "room", &claim->room);
        return;
    }

    if (ngx_commerce_redis_reply_is_error(reply)) {
        text = ngx_commerce_redis_error_text(reply, buf);

        ngx_log_error(NGX_LOG_ERR, claim->tenant->log, 0,
                      "commerce: the live claim of room \"%V\" got "
                      "an error from Redis: \"%V\"", &claim->room, &text);
        return;
    }

    ngx_commerce_redis_reject_reply(claim->tenant);

    ngx_log_error(NGX_LOG_ERR, claim->tenant->log, 0,
                  "commerce: the live claim of room \"%V\" got an answer "
                  "from Redis that it has no use for", &claim->room);
}
