
#include "ngx_commerce_redis_claim.h"
#include "ngx_commerce_redis_conf.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_timer.h"


#define NGX_COMMERCE_REDIS_CLAIM_TTL       "15000"  /* ms */
#define NGX_COMMERCE_REDIS_CLAIM_HEARING   "7000"   /* ms, longer than RENEW */
#define NGX_COMMERCE_REDIS_CLAIM_RENEW     5000     /* ms */
#define NGX_COMMERCE_REDIS_CLAIM_RETRY     1000     /* ms */

/* shows of which it is asked in one call whether they have counts already */
#define NGX_COMMERCE_REDIS_CLAIM_SHOWS     16

/* attempts to release: as long as the claim may last */
#define NGX_COMMERCE_REDIS_CLAIM_RELEASES  15


#define NGX_COMMERCE_REDIS_CLAIM_KEYS      4


/*
 * It lives longer than its owner, since the release has to reach Redis: it
 * frees itself.
 */

typedef struct {
    ngx_commerce_redis_call_t  *call;
    ngx_pool_t                 *pool;
    ngx_commerce_tenant_t      *tenant;

    ngx_commerce_claim_t       *owner;       /* NULL: released */
    ngx_str_t                   room;
    ngx_str_t                   text;        /* the room's "live" */
    ngx_str_t                   window;      /* ms, decimal */
    ngx_str_t                   keys[NGX_COMMERCE_REDIS_CLAIM_KEYS];
    ngx_str_t                   channel;
    int64_t                     show;        /* that may begin */
    ngx_commerce_timer_t        timer;
    ngx_uint_t                  releases;
    ngx_queue_t                 queue;       /* of those released */

    unsigned                    told:1;      /* show is as Redis said */
    unsigned                    sent:1;      /* Redis may have it */
    unsigned                    made:1;      /* an answer said so, once */
    unsigned                    held:1;      /* as far as is known */
    unsigned                    lost:1;      /* another has the room */
    unsigned                    complained:1;
} ngx_commerce_redis_claim_t;


static ngx_int_t ngx_commerce_redis_claim_names(
    ngx_commerce_redis_claim_t *claim);
static int64_t ngx_commerce_redis_claim_next_show(
    ngx_commerce_redis_claim_t *claim);
static void ngx_commerce_redis_claim_timer(void *data);
static void ngx_commerce_redis_claim_take(ngx_commerce_redis_claim_t *claim);
static ngx_commerce_redis_call_t *ngx_commerce_redis_claim_ask(
    ngx_commerce_redis_claim_t *claim);
static void ngx_commerce_redis_claim_taken(void *data, redisReply *reply);
static ngx_commerce_reason_e ngx_commerce_redis_claim_refused(int64_t n);
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


void *
ngx_commerce_redis_claim(ngx_commerce_claim_t *owner)
{
    ngx_pool_t                  *pool;
    ngx_commerce_redis_claim_t  *claim;

    pool = ngx_create_pool(2048, owner->tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    claim = ngx_pcalloc(pool, sizeof(ngx_commerce_redis_claim_t));
    if (claim == NULL) {
        goto failed;
    }

    claim->pool = pool;
    claim->tenant = owner->tenant;
    claim->owner = owner;

    ngx_commerce_timer_init(&claim->timer, owner->tenant->log,
                            ngx_commerce_redis_claim_timer, claim);

    if (ngx_commerce_redis_claim_names(claim) != NGX_OK) {
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
ngx_commerce_redis_claim_names(ngx_commerce_redis_claim_t *claim)
{
    u_char                 *p;
    ngx_commerce_claim_t   *owner;
    ngx_commerce_tenant_t  *tenant;

    static const char      *suffix[] = {
        "", ":live", ":shows", ":cues"
    };

    owner = claim->owner;
    tenant = claim->tenant;

    p = ngx_pnalloc(claim->pool,
                    owner->room.len + owner->text.len + NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    claim->room.data = p;
    claim->room.len = owner->room.len;
    p = ngx_cpymem(p, owner->room.data, owner->room.len);

    claim->text.data = p;
    claim->text.len = owner->text.len;
    p = ngx_cpymem(p, owner->text.data, owner->text.len);

    claim->window.data = p;
    claim->window.len = ngx_sprintf(p, "%M", owner->window) - p;

    claim->channel = ngx_commerce_redis_channel(tenant, claim->pool,
                                                NGX_COMMERCE_ROOM,
                                                &claim->room);
    if (claim->channel.data == NULL) {
        return NGX_ERROR;
    }

    return ngx_commerce_redis_room_keys(tenant, claim->pool, &claim->room,
                                        suffix, NGX_COMMERCE_REDIS_CLAIM_KEYS,
                                        claim->keys);
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
ngx_commerce_redis_claim_release(void *data)
{
    ngx_commerce_redis_claim_t *claim = data;

    claim->owner = NULL;
    ngx_queue_insert_tail(&ngx_commerce_redis_conf(claim->tenant)->released,
                          &claim->queue);

    /* an answer under way comes first: it may make what is released here */

    if (claim->call == NULL) {
        ngx_commerce_redis_claim_end(claim);
    }
}


static void
ngx_commerce_redis_claim_timer(void *data)
{
    ngx_commerce_redis_claim_t *claim = data;

    if (claim->owner == NULL) {
        ngx_commerce_redis_claim_end(claim);

    } else if (claim->held) {
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

    claim->sent = 1;
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
    arg[4] = ngx_commerce_redis_claim_age(age, claim->owner->asked);
    arg[5] = claim->channel;

    p = ngx_sprintf(show, "%L", claim->show);
    arg[6].data = show;
    arg[6].len = p - show;
    arg[7].data = (u_char *) (claim->told ? "1" : "0");
    arg[7].len = 1;

    call = ngx_commerce_redis_eval(claim->tenant,
                                   &ngx_commerce_redis_script_claim_take,
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

    ngx_commerce_reason_e  reason;

    claim->call = NULL;

    if (claim->owner == NULL) {
        ngx_commerce_redis_claim_end(claim);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 3
        && reply->element[0]->type == REDIS_REPLY_INTEGER
        && reply->element[1]->type == REDIS_REPLY_INTEGER
        && reply->element[2]->type == REDIS_REPLY_INTEGER)
    {
        claim->made = 1;
        claim->held = 1;
        claim->complained = 0;

        ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_REDIS_CLAIM_RENEW);

        claim->owner->show = reply->element[2]->integer;

        ngx_commerce_claim_made(claim->owner, reply->element[0]->integer,
                                (uint64_t) reply->element[1]->integer);
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
        reason = ngx_commerce_redis_claim_refused(reply->integer);

        if (reason != NGX_COMMERCE_ALLOWED) {
            ngx_commerce_redis_claim_lost(claim, reason);
            return;
        }
    }

    ngx_commerce_redis_claim_complain(claim, reply);
    ngx_commerce_redis_claim_away(claim);
}


/* why a script says that it is lost; ALLOWED: it doesn't */

static ngx_commerce_reason_e
ngx_commerce_redis_claim_refused(int64_t n)
{
    switch (n) {

    case -1:
        return NGX_COMMERCE_REPLACED;

    case -3:
        return NGX_COMMERCE_ROOM_TAKEN;

    case -4:
        return NGX_COMMERCE_KICKED;

    case -5:
        return NGX_COMMERCE_SHOW_ENDED;

    default:
        return NGX_COMMERCE_ALLOWED;
    }
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
    argv[4] = ngx_commerce_redis_claim_age(idle, claim->owner->heard);

    claim->call = ngx_commerce_redis_eval(claim->tenant,
                                      &ngx_commerce_redis_script_claim_renew,
                                      2, 5, argv,
                                      ngx_commerce_redis_claim_renewed, claim);
    if (claim->call == NULL) {
        ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_REDIS_CLAIM_RETRY);
    }
}


static void
ngx_commerce_redis_claim_renewed(void *data, redisReply *reply)
{
    ngx_commerce_redis_claim_t  *claim = data;

    ngx_commerce_reason_e  reason;

    claim->call = NULL;

    if (claim->owner == NULL) {
        ngx_commerce_redis_claim_end(claim);
        return;
    }

    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER) {

        /* it is still ours as far as is known */

        ngx_commerce_redis_claim_complain(claim, reply);
        ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_REDIS_CLAIM_RETRY);
        return;
    }

    claim->complained = 0;

    switch (reply->integer) {

    case 1:
        ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_REDIS_CLAIM_RENEW);
        return;

    case 0:

        /* it ran out, or Redis lost it */

        ngx_commerce_redis_claim_take(claim);
        return;

    default:
        reason = ngx_commerce_redis_claim_refused(reply->integer);

        ngx_commerce_redis_claim_lost(claim, reason != NGX_COMMERCE_ALLOWED
                                             ? reason
                                             : NGX_COMMERCE_REPLACED);
        return;
    }
}


static void
ngx_commerce_redis_claim_end(ngx_commerce_redis_claim_t *claim)
{
    ngx_str_t  argv[6];

    ngx_commerce_timer_stop(&claim->timer);

    if (!claim->sent
        || claim->lost
        || claim->releases++ == NGX_COMMERCE_REDIS_CLAIM_RELEASES)
    {
        ngx_commerce_redis_claim_forget(claim);
        return;
    }

    ngx_memcpy(argv, claim->keys, 3 * sizeof(ngx_str_t));
    argv[3] = claim->text;
    argv[4].data = (u_char *) (claim->made ? "1" : "0");
    argv[4].len = 1;
    argv[5] = claim->channel;

    claim->call = ngx_commerce_redis_eval(claim->tenant,
                                     &ngx_commerce_redis_script_claim_release,
                                     3, 6, argv,
                                     ngx_commerce_redis_claim_ended, claim);
    if (claim->call == NULL) {
        ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_REDIS_CLAIM_RETRY);
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
    ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_REDIS_CLAIM_RETRY);
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

        ngx_commerce_timer_stop(&claim->timer);

        ngx_commerce_redis_claim_forget(claim);
    }
}


static void
ngx_commerce_redis_claim_away(ngx_commerce_redis_claim_t *claim)
{
    claim->held = 0;
    ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_REDIS_CLAIM_RETRY);

    ngx_commerce_claim_away(claim->owner);
}


static void
ngx_commerce_redis_claim_lost(ngx_commerce_redis_claim_t *claim,
    ngx_commerce_reason_e reason)
{
    claim->held = 0;
    claim->lost = 1;

    ngx_commerce_claim_lost(claim->owner, reason);
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
                      "commerce: the claim of room \"%V\" got "
                      "an error from Redis: \"%V\"", &claim->room, &text);
        return;
    }

    ngx_commerce_redis_reject_reply(claim->tenant);

    ngx_log_error(NGX_LOG_ERR, claim->tenant->log, 0,
                  "commerce: the claim of room \"%V\" got an answer "
                  "from Redis that it has no use for", &claim->room);
}
