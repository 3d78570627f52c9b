
/*
 * A product that is taken down while it is pinned, or is to come, whoever does
 * that and however: the nodes that hold the room see it by its record, or by
 * the room's.  Each asks Redis to take it out of the spotlight; the first one
 * does, for the others nothing is left to do.
 *
 * What is held is looked at in turns: whether the counters of the room and of
 * its products have moved since.
 */

#include "ngx_commerce_redis_spotlight.h"
#include "ngx_commerce_redis_conf.h"
#include "ngx_commerce_redis_fields.h"
#include "ngx_commerce_redis_keep.h"
#include "ngx_commerce_redis_pinned.h"
#include "ngx_commerce_redis_renew.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_tenant.h"
#include "ngx_commerce_lease.h"
#include "ngx_commerce_timer.h"


#define NGX_COMMERCE_REDIS_SPOTLIGHT_TICK   50    /* ms */
#define NGX_COMMERCE_REDIS_SPOTLIGHT_IDLE   200   /* ms, without the lease */
#define NGX_COMMERCE_REDIS_SPOTLIGHT_BATCH  5000  /* rooms a tick */
#define NGX_COMMERCE_REDIS_SPOTLIGHT_LOOKS  200   /* of them, that changed */

/* ms: what is wrong is looked at again, since a load may be on its way */
#define NGX_COMMERCE_REDIS_SPOTLIGHT_CONFIRM  150

/* ms until what could not be learned, or was refused, is tried again */
#define NGX_COMMERCE_REDIS_SPOTLIGHT_RETRY    500
#define NGX_COMMERCE_REDIS_SPOTLIGHT_REFUSED  5000

/* ms between two cues of a room for what changed of a product */
#define NGX_COMMERCE_REDIS_SPOTLIGHT_RENEWED  1000


typedef struct {
    ngx_str_node_t                   node;       /* by the room's name */
    ngx_queue_t                      queue;
    ngx_commerce_redis_spotlight_t  *spotlight;

    ngx_atomic_t                    *counter;    /* the room's */
    ngx_atomic_uint_t                seen;

    ngx_commerce_redis_pinned_t      pinned;     /* now, or to come */

    u_char                           kept[40];   /* see room->unkept */

    ngx_msec_t                       begins;     /* the next cue; 0: none */
    ngx_msec_t                       next;       /* when due */
    unsigned                         due:1;        /* whatever counters say */
    unsigned                         was_wrong:1;  /* at the last look */
    unsigned                         asked:1;      /* Redis was */
    unsigned                         told:1;       /* of which shows cues are */
    unsigned                         gone:1;       /* freed with the answer */
} ngx_commerce_redis_room_t;


struct ngx_commerce_redis_spotlight_s {
    ngx_commerce_tenant_t           *tenant;
    ngx_commerce_timer_t             timer;
    ngx_rbtree_t                     rbtree;
    ngx_rbtree_node_t                sentinel;
    ngx_queue_t                      rooms;      /* in their turn */
    ngx_uint_t                       nrooms;
};


static void ngx_commerce_redis_spotlight_tick(void *data);
static void ngx_commerce_redis_spotlight_remove(
    ngx_commerce_redis_room_t *entry);
static void ngx_commerce_redis_spotlight_free(
    ngx_commerce_redis_room_t *entry);
static ngx_uint_t ngx_commerce_redis_spotlight_changed(
    ngx_commerce_redis_room_t *entry);
static void ngx_commerce_redis_spotlight_look(
    ngx_commerce_redis_room_t *entry);
static ngx_uint_t ngx_commerce_redis_spotlight_keep(
    ngx_commerce_redis_room_t *entry, ngx_commerce_room_t *room,
    redisReply *shows);
static void ngx_commerce_redis_spotlight_kept(void *data, redisReply *reply);
static void ngx_commerce_redis_spotlight_refused(
    ngx_commerce_redis_room_t *entry, redisReply *reply, const char *what);
static ngx_uint_t ngx_commerce_redis_spotlight_renew(
    ngx_commerce_redis_room_t *entry, ngx_commerce_room_t *room,
    ngx_commerce_cue_t *cue);
static void ngx_commerce_redis_spotlight_renewed(void *data,
    redisReply *reply);
static void ngx_commerce_redis_spotlight_begins(
    ngx_commerce_redis_room_t *entry, ngx_commerce_room_t *room,
    ngx_commerce_cue_t *cue);
static void ngx_commerce_redis_spotlight_complain(
    ngx_commerce_redis_room_t *entry, redisReply *reply, const char *what);
static void ngx_commerce_redis_spotlight_clear_wrong(
    ngx_commerce_redis_room_t *entry);
static ngx_int_t ngx_commerce_redis_spotlight_clear(
    ngx_commerce_redis_room_t *entry);
static void ngx_commerce_redis_spotlight_cleared(void *data,
    redisReply *reply);
static void ngx_commerce_redis_spotlight_again(
    ngx_commerce_redis_room_t *entry, ngx_msec_t ms);


ngx_int_t
ngx_commerce_redis_spotlight_start(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_commerce_redis_spotlight_t  *spotlight;

    spotlight = ngx_pcalloc(cycle->pool,
                            sizeof(ngx_commerce_redis_spotlight_t));
    if (spotlight == NULL) {
        return NGX_ERROR;
    }

    spotlight->tenant = tenant;

    ngx_rbtree_init(&spotlight->rbtree, &spotlight->sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&spotlight->rooms);

    ngx_commerce_timer_init(&spotlight->timer, tenant->log,
                            ngx_commerce_redis_spotlight_tick, spotlight);
    ngx_commerce_timer_start(&spotlight->timer,
                             NGX_COMMERCE_REDIS_SPOTLIGHT_IDLE);

    ngx_commerce_redis_conf(tenant)->spotlight = spotlight;

    return NGX_OK;
}


void
ngx_commerce_redis_spotlight_add(ngx_commerce_tenant_t *tenant,
    ngx_str_t *room)
{
    u_char                          *p;
    uint32_t                         hash;
    ngx_commerce_redis_room_t       *entry;
    ngx_commerce_redis_spotlight_t  *spotlight;

    spotlight = ngx_commerce_redis_conf(tenant)->spotlight;
    hash = ngx_crc32_short(room->data, room->len);

    if (spotlight == NULL
        || ngx_str_rbtree_lookup(&spotlight->rbtree, room, hash) != NULL)
    {
        return;
    }

    entry = ngx_calloc(sizeof(ngx_commerce_redis_room_t) + room->len,
                       tenant->log);
    if (entry == NULL) {
        return;
    }

    p = (u_char *) (entry + 1);
    ngx_memcpy(p, room->data, room->len);

    entry->node.node.key = hash;
    entry->node.str.data = p;
    entry->node.str.len = room->len;
    entry->spotlight = spotlight;
    entry->counter = ngx_commerce_store_counter(tenant, NGX_COMMERCE_ROOM,
                                                room);

    ngx_commerce_redis_spotlight_again(entry, 0);

    ngx_rbtree_insert(&spotlight->rbtree, &entry->node.node);
    ngx_queue_insert_tail(&spotlight->rooms, &entry->queue);
    spotlight->nrooms++;
}


void
ngx_commerce_redis_spotlight_forget(ngx_commerce_tenant_t *tenant)
{
    ngx_queue_t                     *q;
    ngx_commerce_redis_spotlight_t  *spotlight;

    spotlight = ngx_commerce_redis_conf(tenant)->spotlight;

    while (spotlight && !ngx_queue_empty(&spotlight->rooms)) {
        q = ngx_queue_head(&spotlight->rooms);

        ngx_commerce_redis_spotlight_remove(
            ngx_queue_data(q, ngx_commerce_redis_room_t, queue));
    }
}


static void
ngx_commerce_redis_spotlight_remove(ngx_commerce_redis_room_t *entry)
{
    ngx_rbtree_delete(&entry->spotlight->rbtree, &entry->node.node);
    ngx_queue_remove(&entry->queue);
    entry->spotlight->nrooms--;

    if (entry->asked) {
        entry->gone = 1;
        return;
    }

    ngx_commerce_redis_spotlight_free(entry);
}


static void
ngx_commerce_redis_spotlight_free(ngx_commerce_redis_room_t *entry)
{
    if (entry->pinned.pool) {
        ngx_destroy_pool(entry->pinned.pool);
    }

    ngx_free(entry);
}


static void
ngx_commerce_redis_spotlight_tick(void *data)
{
    ngx_commerce_redis_spotlight_t *spotlight = data;

    ngx_uint_t                  i, n, looks;
    ngx_queue_t                *q;
    ngx_commerce_redis_room_t  *entry;

    if (!ngx_commerce_lease_held(spotlight->tenant)) {
        ngx_commerce_timer_start(&spotlight->timer,
                                 NGX_COMMERCE_REDIS_SPOTLIGHT_IDLE);
        return;
    }

    n = ngx_min(spotlight->nrooms, NGX_COMMERCE_REDIS_SPOTLIGHT_BATCH);
    looks = 0;

    for (i = 0; i < n && looks < NGX_COMMERCE_REDIS_SPOTLIGHT_LOOKS; i++) {

        /* looking at one may remove it, but not others */

        q = ngx_queue_head(&spotlight->rooms);
        entry = ngx_queue_data(q, ngx_commerce_redis_room_t, queue);

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&spotlight->rooms, q);

        if (ngx_commerce_redis_spotlight_changed(entry)) {
            ngx_commerce_redis_spotlight_look(entry);
            looks++;
        }
    }

    ngx_commerce_timer_start(&spotlight->timer,
                             NGX_COMMERCE_REDIS_SPOTLIGHT_TICK);
}


static ngx_uint_t
ngx_commerce_redis_spotlight_changed(ngx_commerce_redis_room_t *entry)
{
    ngx_uint_t  i;

    if (entry->asked) {
        return 0;
    }

    if (entry->due) {
        return (ngx_msec_int_t) (ngx_current_msec - entry->next) >= 0;
    }

    if (*entry->counter != entry->seen) {
        return 1;
    }

    if (entry->begins
        && (ngx_msec_int_t) (ngx_current_msec - entry->begins) >= 0)
    {
        return 1;
    }

    for (i = 0; i < entry->pinned.n; i++) {
        if (*entry->pinned.elts[i].counter != entry->pinned.elts[i].seen) {
            return 1;
        }
    }

    return 0;
}


/* counters are read before what they count, so that no change is missed */

static void
ngx_commerce_redis_spotlight_look(ngx_commerce_redis_room_t *entry)
{
    void                   *record;
    ngx_uint_t              first;
    ngx_commerce_cue_t     *cue;
    ngx_commerce_room_t    *room;
    ngx_commerce_tenant_t  *tenant;

    tenant = entry->spotlight->tenant;

    entry->due = 0;
    entry->begins = 0;
    entry->seen = *entry->counter;

    if (ngx_commerce_store_peek(tenant, NGX_COMMERCE_ROOM, &entry->node.str,
                                &record)
        != NGX_OK)
    {
        if (ngx_commerce_store_held(tenant, NGX_COMMERCE_ROOM,
                                    &entry->node.str, &record)
            != NGX_OK)
        {
            ngx_commerce_redis_spotlight_remove(entry);

        } else {
            ngx_commerce_redis_spotlight_again(entry,
                                          NGX_COMMERCE_REDIS_SPOTLIGHT_RETRY);
        }

        return;
    }

    room = record;

    if (ngx_commerce_redis_spotlight_keep(entry, room, NULL)) {
        /* what else there is to do is looked at then */
        return;
    }

    cue = ngx_commerce_room_cue(room, ngx_commerce_now(tenant));
    first = cue ? cue - room->cues : 0;

    if (ngx_commerce_redis_pinned(&entry->pinned, tenant, room, first)
        != NGX_OK)
    {
        ngx_commerce_redis_spotlight_again(entry,
                                          NGX_COMMERCE_REDIS_SPOTLIGHT_RETRY);
        return;
    }

    ngx_commerce_redis_spotlight_clear_wrong(entry);

    if (ngx_commerce_redis_conf(tenant)->renew && !entry->asked) {
        ngx_commerce_redis_spotlight_begins(entry, room, cue);

        if (cue && ngx_commerce_redis_spotlight_renew(entry, room, cue)) {
            entry->asked = 1;
        }
    }
}


/* 1: Redis was asked to keep the cues, see ngx_commerce_redis_keep() */

static ngx_uint_t
ngx_commerce_redis_spotlight_keep(ngx_commerce_redis_room_t *entry,
    ngx_commerce_room_t *room, redisReply *shows)
{
    if (room->unkept.len != sizeof(entry->kept)
        || ngx_memcmp(room->unkept.data, entry->kept, sizeof(entry->kept)) == 0
        || ngx_commerce_redis_keep(entry->spotlight->tenant, room, shows,
                                   ngx_commerce_redis_spotlight_kept, entry)
           == NULL)
    {
        return 0;
    }

    ngx_memcpy(entry->kept, room->unkept.data, sizeof(entry->kept));

    entry->asked = 1;
    entry->told = (shows != NULL);

    return 1;
}


static void
ngx_commerce_redis_spotlight_kept(void *data, redisReply *reply)
{
    ngx_commerce_redis_room_t *entry = data;

    void  *record;

    entry->asked = 0;

    if (entry->gone) {
        ngx_commerce_redis_spotlight_free(entry);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_INTEGER) {
        /* of what came since there is another digest */
        ngx_commerce_redis_spotlight_again(entry, 0);
        return;
    }

    if (reply && reply->type == REDIS_REPLY_ERROR) {
        /* as they are, they can't be kept; what is pinned is looked at */
        ngx_commerce_redis_spotlight_complain(entry, reply,
                                              "has cues that can't be kept:");
        ngx_commerce_redis_spotlight_again(entry, 0);
        return;
    }

    ngx_memzero(entry->kept, sizeof(entry->kept));

    if (reply && reply->type == REDIS_REPLY_ARRAY && !entry->told
        && ngx_commerce_store_held(entry->spotlight->tenant,
                                   NGX_COMMERCE_ROOM, &entry->node.str,
                                   &record)
           == NGX_OK
        && ngx_commerce_redis_spotlight_keep(entry, record, reply))
    {
        return;
    }

    ngx_commerce_redis_spotlight_refused(entry, reply,
                                         "has cues that can't be kept:");
}


/*
 * 1: Redis was asked to follow the cue by one with the product's present card.
 * A cue without a version may be of another card from the beginning.
 */

static ngx_uint_t
ngx_commerce_redis_spotlight_renew(ngx_commerce_redis_room_t *entry,
    ngx_commerce_room_t *room, ngx_commerce_cue_t *cue)
{
    void                    *record;
    ngx_commerce_tenant_t   *tenant;
    ngx_commerce_product_t  *product;

    tenant = entry->spotlight->tenant;

    if (cue->card.version == 0
        || ngx_commerce_store_peek(tenant, NGX_COMMERCE_PRODUCT,
                                   &cue->card.product, &record)
           != NGX_OK)
    {
        return 0;
    }

    product = record;

    return product->state == NGX_COMMERCE_PRODUCT_STATE_APPROVED
           && product->card.version > cue->card.version
           && ngx_commerce_redis_renew(tenant, &room->name, cue,
                                       &product->card,
                                       ngx_commerce_redis_spotlight_renewed,
                                       entry)
              != NULL;
}


static void
ngx_commerce_redis_spotlight_renewed(void *data, redisReply *reply)
{
    ngx_commerce_redis_room_t *entry = data;

    entry->asked = 0;

    if (entry->gone) {
        ngx_commerce_redis_spotlight_free(entry);

    } else if (reply == NULL || reply->type != REDIS_REPLY_INTEGER) {
        ngx_commerce_redis_spotlight_refused(entry, reply,
                                         "has a cue that can't be renewed:");

    } else if (reply->integer < 0) {
        ngx_commerce_redis_spotlight_again(entry,
                                         NGX_COMMERCE_REDIS_SPOTLIGHT_RENEWED);
    }
}


/* what was to come may have another card by then */

static void
ngx_commerce_redis_spotlight_begins(ngx_commerce_redis_room_t *entry,
    ngx_commerce_room_t *room, ngx_commerce_cue_t *cue)
{
    int64_t     ms;
    ngx_uint_t  next;

    next = cue ? cue - room->cues + 1 : 0;

    if (next < room->ncues) {
        ms = room->cues[next].at - ngx_commerce_now(entry->spotlight->tenant);
        entry->begins = ngx_current_msec + (ngx_msec_t) ngx_max(ms, 1);
    }
}


static void
ngx_commerce_redis_spotlight_clear_wrong(ngx_commerce_redis_room_t *entry)
{
    ngx_uint_t  i, unknown, wrong;

    unknown = 0;
    wrong = 0;

    for (i = 0; i < entry->pinned.n; i++) {

        if (entry->pinned.elts[i].shown == NGX_COMMERCE_REDIS_SHOWN_UNKNOWN) {
            unknown = 1;

        } else if (entry->pinned.elts[i].shown != NGX_COMMERCE_REDIS_SHOWN) {
            wrong = 1;
        }
    }

    if (!wrong) {
        entry->was_wrong = 0;

    } else if (!entry->was_wrong) {
        entry->was_wrong = 1;
        ngx_commerce_redis_spotlight_again(entry,
                                        NGX_COMMERCE_REDIS_SPOTLIGHT_CONFIRM);
        return;

    } else if (ngx_commerce_redis_spotlight_clear(entry) == NGX_OK) {
        entry->was_wrong = 0;
        return;
    }

    if (wrong || unknown) {
        ngx_commerce_redis_spotlight_again(entry,
                                          NGX_COMMERCE_REDIS_SPOTLIGHT_RETRY);
    }
}


static ngx_int_t
ngx_commerce_redis_spotlight_clear(ngx_commerce_redis_room_t *entry)
{
    ngx_str_t                    *argv;
    ngx_uint_t                    i, n;
    ngx_pool_t                   *pool;
    ngx_commerce_tenant_t        *tenant;
    ngx_commerce_redis_shown_t   *pinned;

    static const char            *suffix[] = { "", ":shelf", ":cues",
                                               ":shows", ":live" };

    tenant = entry->spotlight->tenant;

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    argv = ngx_palloc(pool, (6 + 2 * entry->pinned.n) * sizeof(ngx_str_t));

    if (argv == NULL
        || ngx_commerce_redis_room_keys(tenant, pool, &entry->node.str,
                                        suffix, 5, argv)
           != NGX_OK)
    {
        goto done;
    }

    argv[5] = ngx_commerce_redis_channel(tenant, pool, NGX_COMMERCE_ROOM,
                                         &entry->node.str);
    if (argv[5].data == NULL) {
        goto done;
    }

    n = 6;

    for (i = 0; i < entry->pinned.n; i++) {
        pinned = &entry->pinned.elts[i];

        if (pinned->shown == NGX_COMMERCE_REDIS_SHOWN_NOT
            || pinned->shown == NGX_COMMERCE_REDIS_SHOWN_IF_ON_SHELF)
        {
            argv[n++] = pinned->cue;
            argv[n].data = (u_char *)
                (pinned->shown == NGX_COMMERCE_REDIS_SHOWN_NOT ? "1" : "0");
            argv[n++].len = 1;
        }
    }

    entry->asked = ngx_commerce_redis_eval(tenant,
                                      &ngx_commerce_redis_script_spotlight, 5,
                                      n, argv,
                                      ngx_commerce_redis_spotlight_cleared,
                                      entry)
                   != NULL;

done:

    ngx_destroy_pool(pool);

    return entry->asked ? NGX_OK : NGX_ERROR;
}


static void
ngx_commerce_redis_spotlight_cleared(void *data, redisReply *reply)
{
    ngx_commerce_redis_room_t *entry = data;

    entry->asked = 0;

    if (entry->gone) {
        ngx_commerce_redis_spotlight_free(entry);
        return;
    }

    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER) {
        ngx_commerce_redis_spotlight_refused(entry, reply,
                                     "has a spotlight that can't be cleared:");
    }
}


/* there was no answer, or none as there should be: it is asked again later */

static void
ngx_commerce_redis_spotlight_refused(ngx_commerce_redis_room_t *entry,
    redisReply *reply, const char *what)
{
    if (reply == NULL) {
        ngx_commerce_redis_spotlight_again(entry,
                                          NGX_COMMERCE_REDIS_SPOTLIGHT_RETRY);
        return;
    }

    ngx_commerce_redis_spotlight_complain(entry, reply, what);
    ngx_commerce_redis_spotlight_again(entry,
                                       NGX_COMMERCE_REDIS_SPOTLIGHT_REFUSED);
}


static void
ngx_commerce_redis_spotlight_complain(ngx_commerce_redis_room_t *entry,
    redisReply *reply, const char *what)
{
    ngx_commerce_redis_fields_complain(entry->spotlight->tenant,
                                       NGX_COMMERCE_ROOM, &entry->node.str,
                                       what, reply->str ? reply->str : "");
}


static void
ngx_commerce_redis_spotlight_again(ngx_commerce_redis_room_t *entry,
    ngx_msec_t ms)
{
    entry->due = 1;
    entry->next = ngx_current_msec + ms;
}
