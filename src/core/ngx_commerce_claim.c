
#include "ngx_commerce_claim.h"
#include "ngx_commerce_store.h"


/* ms for the source to make a claim, and then for a former writer to leave */
#define NGX_COMMERCE_CLAIM_MAKE_TIME   1500
#define NGX_COMMERCE_CLAIM_LEAVE_TIME  1500

/* ms between two signs of life: see ngx_commerce_seat_check() */
#define NGX_COMMERCE_CLAIM_BEAT        1000


static ngx_int_t ngx_commerce_claim_names(ngx_commerce_claim_t *claim,
    ngx_str_t *room);
static void ngx_commerce_claim_timer(void *data);
static void ngx_commerce_claim_sit(ngx_commerce_claim_t *claim);
static void ngx_commerce_claim_seat_changed(void *data);
static void ngx_commerce_claim_grant(ngx_commerce_claim_t *claim);
static void ngx_commerce_claim_room_changed(void *data);
static ngx_uint_t ngx_commerce_claim_is(ngx_commerce_claim_t *claim,
    ngx_str_t *text);
static void ngx_commerce_claim_stop(ngx_commerce_claim_t *claim);


ngx_commerce_claim_t *
ngx_commerce_claim_take(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_msec_t window, ngx_commerce_claim_pt handler, void *data)
{
    ngx_pool_t            *pool;
    ngx_commerce_claim_t  *claim;

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    claim = ngx_pcalloc(pool, sizeof(ngx_commerce_claim_t));
    if (claim == NULL) {
        goto failed;
    }

    claim->pool = pool;
    claim->tenant = tenant;
    claim->window = window;
    claim->asked = ngx_current_msec;
    claim->heard = ngx_current_msec;
    claim->seat = ngx_commerce_seat_id();
    claim->handler = handler;
    claim->data = data;

    ngx_commerce_timer_init(&claim->timer, tenant->log,
                            ngx_commerce_claim_timer, claim);

    claim->seat_watch.handler = ngx_commerce_claim_seat_changed;
    claim->seat_watch.data = claim;
    claim->room_watch.handler = ngx_commerce_claim_room_changed;
    claim->room_watch.data = claim;

    if (ngx_commerce_claim_names(claim, room) != NGX_OK) {
        goto failed;
    }

    ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_CLAIM_MAKE_TIME);

    claim->sourced = tenant->source->claim(claim);

    if (claim->sourced == NULL) {
        ngx_commerce_claim_stop(claim);
        goto failed;
    }

    return claim;

failed:

    ngx_destroy_pool(pool);

    return NULL;
}


static ngx_int_t
ngx_commerce_claim_names(ngx_commerce_claim_t *claim, ngx_str_t *room)
{
    size_t      len;
    u_char     *p;
    ngx_str_t  *node;

    node = &claim->tenant->node;
    len = ngx_min(node->len, NGX_COMMERCE_NAME_MAX);

    p = ngx_pnalloc(claim->pool, room->len + len + sizeof("/") - 1 + 16);
    if (p == NULL) {
        return NGX_ERROR;
    }

    claim->room.len = room->len;
    claim->room.data = p;
    p = ngx_cpymem(p, room->data, room->len);

    claim->text.data = p;
    p = ngx_cpymem(p, node->data, len);
    claim->text.len = ngx_sprintf(p, "/%016xL", claim->seat)
                      - claim->text.data;

    return NGX_OK;
}


void
ngx_commerce_claim_heard(ngx_commerce_claim_t *claim)
{
    claim->heard = ngx_current_msec;
}


void
ngx_commerce_claim_release(ngx_commerce_claim_t *claim)
{
    ngx_commerce_claim_stop(claim);

    ngx_commerce_seat_leave(claim->tenant, &claim->room, claim->seat);
    ngx_commerce_watch_soon();

    claim->tenant->source->release(claim->sourced);

    ngx_destroy_pool(claim->pool);
}


static void
ngx_commerce_claim_stop(ngx_commerce_claim_t *claim)
{
    ngx_commerce_watch_end(&claim->seat_watch);
    ngx_commerce_watch_end(&claim->room_watch);

    ngx_commerce_timer_stop(&claim->timer);
}


/* what was waited for has not come; or the source can't be asked now */

static void
ngx_commerce_claim_timer(void *data)
{
    ngx_commerce_claim_t *claim = data;

    switch (claim->state) {

    case NGX_COMMERCE_CLAIM_ASKED:
        ngx_commerce_claim_sit(claim);
        return;

    case NGX_COMMERCE_CLAIM_WAITS:
        ngx_commerce_claim_lost(claim, NGX_COMMERCE_ROOM_TAKEN);
        return;

    case NGX_COMMERCE_CLAIM_GRANTED:
        ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_CLAIM_BEAT);
        ngx_commerce_claim_seat_changed(claim);
        return;

    case NGX_COMMERCE_CLAIM_OVER:
        return;
    }
}


/*
 * The source is asked first: when it refuses, nobody has been disturbed.  It is
 * waited for as long as a host would not notice.
 */

void
ngx_commerce_claim_made(ngx_commerce_claim_t *claim, int64_t version,
    uint64_t order)
{
    claim->made = 1;
    claim->version = version;
    claim->order = order;

    if (claim->state == NGX_COMMERCE_CLAIM_ASKED) {
        ngx_commerce_claim_sit(claim);
    }
}


void
ngx_commerce_claim_away(ngx_commerce_claim_t *claim)
{
    claim->made = 0;

    if (claim->state == NGX_COMMERCE_CLAIM_ASKED) {
        ngx_commerce_timer_post(&claim->timer);
    }
}


void
ngx_commerce_claim_lost(ngx_commerce_claim_t *claim,
    ngx_commerce_reason_e reason)
{
    if (claim->state == NGX_COMMERCE_CLAIM_OVER) {
        return;
    }

    claim->state = NGX_COMMERCE_CLAIM_OVER;

    ngx_commerce_claim_stop(claim);

    claim->handler(claim->data, reason);
}


/* a room is never written by two, however long that takes */

static void
ngx_commerce_claim_sit(ngx_commerce_claim_t *claim)
{
    ngx_int_t      rc;
    ngx_atomic_t  *changes;

    rc = ngx_commerce_seat_take(claim->tenant, &claim->room, claim->seat,
                                claim->order);

    /* who has to leave may be in this worker */

    ngx_commerce_watch_soon();

    if (rc == NGX_DECLINED) {
        ngx_commerce_claim_lost(claim, NGX_COMMERCE_REPLACED);
        return;
    }

    changes = ngx_commerce_seat_changes(claim->tenant, &claim->room);

    if (changes
        && ngx_commerce_watch_counter(&claim->seat_watch, changes) != NGX_OK)
    {
        ngx_commerce_claim_lost(claim, NGX_COMMERCE_STORE_AWAY);
        return;
    }

    if (rc == NGX_OK) {
        ngx_commerce_claim_grant(claim);
        return;
    }

    claim->state = NGX_COMMERCE_CLAIM_WAITS;

    ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_CLAIM_LEAVE_TIME);
}


static void
ngx_commerce_claim_seat_changed(void *data)
{
    ngx_commerce_claim_t *claim = data;

    switch (ngx_commerce_seat_check(claim->tenant, &claim->room, claim->seat))
    {
    case NGX_OK:

        if (claim->state == NGX_COMMERCE_CLAIM_WAITS) {
            ngx_commerce_claim_grant(claim);
        }

        return;

    case NGX_DECLINED:
        ngx_commerce_claim_lost(claim, NGX_COMMERCE_REPLACED);
        return;

    default: /* NGX_AGAIN */
        return;
    }
}


static void
ngx_commerce_claim_grant(ngx_commerce_claim_t *claim)
{
    if (ngx_commerce_watch_record(&claim->room_watch, claim->tenant,
                                  NGX_COMMERCE_ROOM, &claim->room)
        != NGX_OK)
    {
        ngx_commerce_claim_lost(claim, NGX_COMMERCE_STORE_AWAY);
        return;
    }

    claim->state = NGX_COMMERCE_CLAIM_GRANTED;

    ngx_commerce_timer_start(&claim->timer, NGX_COMMERCE_CLAIM_BEAT);

    claim->handler(claim->data, NGX_COMMERCE_ALLOWED);
}


/*
 * The room's record says who has the room, which is how another node's claim
 * shows, and which claim was taken away last.  A record older than the claim
 * says nothing.
 */

static void
ngx_commerce_claim_room_changed(void *data)
{
    ngx_commerce_claim_t *claim = data;

    void                 *record;
    ngx_commerce_room_t  *room;

    if (!claim->made
        || ngx_commerce_store_held(claim->tenant, NGX_COMMERCE_ROOM,
                                   &claim->room, &record)
           != NGX_OK)
    {
        return;
    }

    room = record;

    if (room->version < claim->version) {
        return;
    }

    if (ngx_commerce_claim_is(claim, &room->cut)) {
        ngx_commerce_claim_lost(claim, room->cut_reason);
        return;
    }

    if (room->holder.len && !ngx_commerce_claim_is(claim, &room->holder)) {
        ngx_commerce_claim_lost(claim, NGX_COMMERCE_REPLACED);
    }
}


static ngx_uint_t
ngx_commerce_claim_is(ngx_commerce_claim_t *claim, ngx_str_t *text)
{
    return text->len == claim->text.len
           && ngx_memcmp(text->data, claim->text.data, text->len) == 0;
}
