
/*
 * The ledger's space: giving cells to fields and taking them back, under the
 * lock, in an order that leaves something to make good at every step.
 */


#include "ngx_commerce_ledger_space.h"
#include <sys/random.h>


/*
 * So many idle cells are taken back at a time, and so many are looked at: the
 * lock is not held for longer, however large the ledger is.  Whoever needs a
 * cell looks again until all were seen, which takes some 25 ms for a million.
 */

#define NGX_COMMERCE_LEDGER_BATCH  64
#define NGX_COMMERCE_LEDGER_LOOK   65536

/* cells that an owner may have as long as there are any */

#define NGX_COMMERCE_LEDGER_FEW(ledger)  ngx_max((ledger)->cells / 256, 8)


static ngx_commerce_ledger_cell_t *ngx_commerce_ledger_space_find_origin(
    ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_key_t *key,
    ngx_commerce_ledger_origin_t *origin);
static ngx_int_t ngx_commerce_ledger_space_take(ngx_commerce_ledger_t *ledger,
    ngx_str_t *owner, uint32_t *index);
static ngx_int_t ngx_commerce_ledger_space_left(ngx_commerce_ledger_t *ledger,
    ngx_str_t *owner);
static void ngx_commerce_ledger_space_slots(ngx_commerce_ledger_t *ledger,
    ngx_str_t *owner, uint8_t *slots);
static void ngx_commerce_ledger_space_enter(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell);
static void ngx_commerce_ledger_space_leave(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell);
static void ngx_commerce_ledger_space_build(ngx_commerce_ledger_t *ledger,
    uint32_t index, ngx_commerce_ledger_key_t *key,
    ngx_commerce_ledger_origin_t *origin);
static uint64_t ngx_commerce_ledger_space_epoch(ngx_commerce_ledger_t *ledger);
static ngx_uint_t ngx_commerce_ledger_space_recycle(
    ngx_commerce_ledger_t *ledger);
static ngx_uint_t ngx_commerce_ledger_space_release(
    ngx_commerce_ledger_t *ledger, uint32_t index, time_t now);
static void ngx_commerce_ledger_space_unlink(ngx_commerce_ledger_t *ledger,
    uint32_t index);
static void ngx_commerce_ledger_space_link(ngx_commerce_ledger_t *ledger,
    uint32_t index, uint32_t bucket);
static void ngx_commerce_ledger_space_drop(ngx_commerce_ledger_t *ledger,
    uint32_t index);
static ngx_uint_t ngx_commerce_ledger_space_intact(
    ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_cell_t *cell,
    uint32_t *bucket);


ngx_int_t
ngx_commerce_ledger_space_create(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key)
{
    ngx_int_t                      rc;
    uint32_t                       index;
    uint64_t                       word;
    ngx_commerce_ledger_header_t  *header;

    if (ngx_commerce_ledger_map_find(ledger, key, &word) != NULL) {
        return NGX_OK;
    }

    header = ledger->header;

    ngx_commerce_ledger_store(&header->building, 1);

    rc = ngx_commerce_ledger_space_take(ledger, key->owner, &index);

    if (rc == NGX_OK) {
        ngx_commerce_ledger_space_build(ledger, index, key, NULL);
        ngx_commerce_ledger_space_link(ledger, index, key->bucket);
        ngx_commerce_ledger_space_enter(ledger, &ledger->cell[index]);
    }

    ngx_commerce_ledger_store(&header->building, 0);

    return rc;
}


ngx_int_t
ngx_commerce_ledger_space_take_in(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_commerce_ledger_origin_t *origin)
{
    uint32_t                       index;
    uint64_t                       word;
    ngx_int_t                      rc;
    ngx_commerce_ledger_cell_t    *cell;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;
    cell = ngx_commerce_ledger_space_find_origin(ledger, key, origin);
    rc = NGX_OK;

    if (cell != NULL) {
        word = ngx_commerce_ledger_load(&cell->word);

        /* nobody counts to it, but who took it in may have left it early */

        if (ngx_commerce_ledger_total(word) < origin->total) {
            ngx_commerce_ledger_store(&cell->word,
                                      ngx_commerce_ledger_word(cell->life)
                                      + origin->total);
        }

    } else {
        ngx_commerce_ledger_store(&header->building, 1);

        do {
            rc = ngx_commerce_ledger_space_take(ledger, NULL, &index);
        } while (rc == NGX_AGAIN);

        if (rc == NGX_OK) {
            ngx_commerce_ledger_space_build(ledger, index, key, origin);
            ngx_commerce_ledger_space_link(ledger, index, key->bucket);
            ngx_commerce_ledger_space_enter(ledger, &ledger->cell[index]);
        }

        ngx_commerce_ledger_store(&header->building, 0);
    }

    if (rc == NGX_OK && origin->sent < origin->total) {
        ngx_commerce_ledger_mark(ledger, key->bucket);
    }

    return rc;
}


static ngx_commerce_ledger_cell_t *
ngx_commerce_ledger_space_find_origin(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_commerce_ledger_origin_t *origin)
{
    uint32_t                     i, n;
    ngx_commerce_ledger_cell_t  *cell;

    i = ledger->bucket[key->bucket];

    for (n = 0; i != 0 && i <= ledger->cells && n < ledger->cells; n++) {
        cell = &ledger->cell[i - 1];

        if (cell->generation == origin->generation
            && cell->id == origin->id
            && cell->id_life == origin->id_life)
        {
            return cell;
        }

        i = cell->next;
    }

    return NULL;
}


/*
 * NGX_OK; NGX_AGAIN: there may be an idle one yet; NGX_BUSY: there is none;
 * NGX_DECLINED: none for this owner.
 */

static ngx_int_t
ngx_commerce_ledger_space_take(ngx_commerce_ledger_t *ledger, ngx_str_t *owner,
    uint32_t *index)
{
    uint32_t                       now;
    ngx_int_t                      rc;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;

    if (header->free > ledger->cells || header->used > ledger->cells) {
        ngx_commerce_ledger_space_rebuild(ledger);
        ngx_commerce_ledger_store(&header->building, 1);
    }

    rc = ngx_commerce_ledger_space_left(ledger, owner);

    if (rc != NGX_OK) {
        now = (uint32_t) time(NULL);

        /* a search of all cells is worth it once a second */

        if (header->full == now) {
            return rc;
        }

        if (ngx_commerce_ledger_space_recycle(ledger) == 0
            && header->searched >= header->top)
        {
            header->searched = 0;
            header->full = now;

            return rc;
        }

        if (ngx_commerce_ledger_space_left(ledger, owner) != NGX_OK) {
            return NGX_AGAIN;
        }
    }

    if (header->free == 0) {
        *index = header->top++;
        return NGX_OK;
    }

    *index = header->free - 1;

    ngx_commerce_ledger_store(&header->free, ledger->cell[*index].next);

    return NGX_OK;
}


/*
 * NGX_OK if a cell is left; NGX_BUSY if not; NGX_DECLINED if not for this
 * owner.  A quarter of all cells is for owners who have few.  Of the others
 * each may have twice as many as are left, so that one who sweeps alone gets
 * half of all.
 */

static ngx_int_t
ngx_commerce_ledger_space_left(ngx_commerce_ledger_t *ledger, ngx_str_t *owner)
{
    uint8_t                        slots[NGX_COMMERCE_LEDGER_ACCOUNTS];
    uint32_t                       held, left, reserve;
    ngx_uint_t                     i;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;

    if (header->free == 0 && header->top >= ledger->cells) {
        return NGX_BUSY;
    }

    if (owner == NULL) {
        return NGX_OK;
    }

    held = NGX_MAX_UINT32_VALUE;

    ngx_commerce_ledger_space_slots(ledger, owner, slots);

    for (i = 0; i < NGX_COMMERCE_LEDGER_ACCOUNTS; i++) {
        held = ngx_min(held, header->held[i][slots[i]]);
    }

    if (held < NGX_COMMERCE_LEDGER_FEW(ledger)) {
        return NGX_OK;
    }

    left = ledger->cells - header->used;
    reserve = ledger->cells / 4;

    return left > reserve && held < 2 * (left - reserve) ? NGX_OK
                                                         : NGX_DECLINED;
}


/* nobody can know beforehand whose slots others share: the seed is random */

static void
ngx_commerce_ledger_space_slots(ngx_commerce_ledger_t *ledger,
    ngx_str_t *owner, uint8_t *slots)
{
    uint64_t    hash;
    ngx_uint_t  i;

    for (i = 0; i < NGX_COMMERCE_LEDGER_ACCOUNTS; i++) {

        if (owner == NULL) {
            slots[i] = 0;
            continue;
        }

        hash = ngx_commerce_hash(owner->data, owner->len,
                                 ledger->header->generation + i);

        slots[i] = 1 + (hash >> 32) % (NGX_COMMERCE_LEDGER_SLOTS - 1);
    }
}


/* a cell is in use from now on, or no longer */

static void
ngx_commerce_ledger_space_enter(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell)
{
    ngx_uint_t  i;

    ledger->header->used++;

    for (i = 0; i < NGX_COMMERCE_LEDGER_ACCOUNTS; i++) {
        ledger->header->held[i][cell->owner[i]]++;
    }
}


static void
ngx_commerce_ledger_space_leave(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell)
{
    ngx_uint_t  i;

    ledger->header->used--;

    for (i = 0; i < NGX_COMMERCE_LEDGER_ACCOUNTS; i++) {
        ledger->header->held[i][cell->owner[i]]--;
    }
}


static void
ngx_commerce_ledger_space_build(ngx_commerce_ledger_t *ledger, uint32_t index,
    ngx_commerce_ledger_key_t *key, ngx_commerce_ledger_origin_t *origin)
{
    u_char                        *p;
    uint32_t                       life;
    ngx_commerce_ledger_cell_t    *cell;
    ngx_commerce_ledger_origin_t   here;

    cell = &ledger->cell[index];

    if (cell->life == 0) {
        ngx_commerce_ledger_store(&cell->word, ngx_commerce_ledger_word(1));
        ngx_commerce_ledger_store(&cell->life, 1);
    }

    life = cell->life + 1;

    if (origin == NULL) {
        origin = &here;

        here.generation = ledger->header->generation;
        here.epoch = ngx_commerce_ledger_space_epoch(ledger);
        here.id = index;
        here.id_life = life;
        here.total = 0;
        here.sent = 0;
        here.changed = (uint32_t) time(NULL);
    }

    cell->generation = origin->generation;
    cell->epoch = origin->epoch;
    cell->id = origin->id;
    cell->id_life = origin->id_life;
    cell->show = key->show;
    cell->hash = key->hash;
    cell->room_len = (uint8_t) key->room->len;
    cell->field_len = (uint8_t) key->field->len;

    p = ngx_cpymem(cell->key, key->room->data, key->room->len);
    ngx_memcpy(p, key->field->data, key->field->len);

    ngx_commerce_ledger_space_slots(ledger, key->owner, cell->owner);

    ngx_commerce_ledger_store(&cell->expired, 0);
    ngx_commerce_ledger_store(&cell->sent, origin->sent);
    ngx_commerce_ledger_store(&cell->changed, origin->changed);
    ngx_commerce_ledger_store(&cell->life, life);

    /* from here on it may be counted to */
    ngx_commerce_ledger_store(&cell->word, ngx_commerce_ledger_word(life)
                                           + origin->total);
}


/*
 * Grows with every life.  By the clock it does so even if the header was
 * replaced by an older one.
 */

static uint64_t
ngx_commerce_ledger_space_epoch(ngx_commerce_ledger_t *ledger)
{
    uint64_t         now, epoch;
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    now = (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
    epoch = ledger->header->epoch + 1;
    epoch = ngx_max(epoch, now);

    ngx_commerce_ledger_store(&ledger->header->epoch, epoch);

    return epoch;
}


/* puts idle cells on the free list; returns how many */

static ngx_uint_t
ngx_commerce_ledger_space_recycle(ngx_commerce_ledger_t *ledger)
{
    time_t                         now;
    uint32_t                       i, look;
    ngx_uint_t                     n;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;
    look = ngx_min(header->top, NGX_COMMERCE_LEDGER_LOOK);
    now = time(NULL);
    n = 0;

    for (i = 0; i < look && n < NGX_COMMERCE_LEDGER_BATCH; i++) {

        if (header->hand >= header->top) {
            header->hand = 0;
        }

        n += ngx_commerce_ledger_space_release(ledger, header->hand, now);

        header->hand++;
    }

    header->searched = n ? 0 : header->searched + i;

    return n;
}


/*
 * Takes a cell back if all of it was acknowledged, and so long ago that Redis
 * won't forget it any more.  Returns 1 if so.
 */

static ngx_uint_t
ngx_commerce_ledger_space_release(ngx_commerce_ledger_t *ledger,
    uint32_t index, time_t now)
{
    time_t                       resending;
    uint64_t                     word;
    ngx_commerce_ledger_cell_t  *cell;

    cell = &ledger->cell[index];
    word = ngx_commerce_ledger_load(&cell->word);

    if (cell->life == 0
        || !ngx_commerce_ledger_in_use(word)
        || ngx_commerce_ledger_total(word)
           != ngx_commerce_ledger_load(&cell->sent))
    {
        return 0;
    }

    if (cell->changed > now) {
        /* the clock was set back */
        ngx_commerce_ledger_store(&cell->changed, (uint32_t) now);
    }

    resending = ngx_commerce_ledger_load(&ledger->header->resending);

    if (resending) {
        now = ngx_min(now, resending);
    }

    if (now - cell->changed <= NGX_COMMERCE_LEDGER_REST) {
        return 0;
    }

    /* a count that comes first makes this fail, one that comes later fails */

    if (!__atomic_compare_exchange_n(&cell->word, &word,
                                     ngx_commerce_ledger_word(cell->life + 1),
                                     0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    {
        return 0;
    }

    ngx_commerce_ledger_store(&cell->life, cell->life + 1);

    ngx_commerce_ledger_space_unlink(ledger, index);
    ngx_commerce_ledger_space_drop(ledger, index);
    ngx_commerce_ledger_space_leave(ledger, cell);

    return 1;
}


static void
ngx_commerce_ledger_space_unlink(ngx_commerce_ledger_t *ledger, uint32_t index)
{
    uint32_t                   n, *link;
    ngx_str_t                  room, field;
    ngx_commerce_ledger_key_t  key;

    ngx_commerce_ledger_map_cell_key(ledger, &ledger->cell[index], &key, &room,
                                     &field);

    link = &ledger->bucket[key.bucket];

    for (n = 0;
         *link != 0 && *link <= ledger->cells && n < ledger->cells;
         n++)
    {
        if (*link == index + 1) {
            ngx_commerce_ledger_store(link, ledger->cell[index].next);
            return;
        }

        link = &ledger->cell[*link - 1].next;
    }
}


static void
ngx_commerce_ledger_space_link(ngx_commerce_ledger_t *ledger, uint32_t index,
    uint32_t bucket)
{
    ngx_commerce_ledger_store(&ledger->cell[index].next,
                              ledger->bucket[bucket]);
    ngx_commerce_ledger_store(&ledger->bucket[bucket], index + 1);
}


static void
ngx_commerce_ledger_space_drop(ngx_commerce_ledger_t *ledger, uint32_t index)
{
    ngx_commerce_ledger_store(&ledger->cell[index].next, ledger->header->free);
    ngx_commerce_ledger_store(&ledger->header->free, index + 1);
}


void
ngx_commerce_ledger_space_rebuild(ngx_commerce_ledger_t *ledger)
{
    uint32_t                       i, life, bucket;
    ngx_commerce_ledger_cell_t    *cell;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;

    ngx_commerce_ledger_store(&header->building, 1);

    for (i = 0; i < ledger->buckets; i++) {
        ngx_commerce_ledger_store(&ledger->bucket[i], 0);
    }

    header->top = ngx_min(header->top, ledger->cells);
    header->free = 0;
    header->used = 0;
    ngx_memzero(header->held, sizeof(header->held));
    header->full = 0;
    header->searched = 0;

    for (i = header->top; i > 0; i--) {
        cell = &ledger->cell[i - 1];

        if (ngx_commerce_ledger_space_intact(ledger, cell, &bucket)) {
            ngx_commerce_ledger_space_link(ledger, i - 1, bucket);
            ngx_commerce_ledger_space_enter(ledger, cell);
            continue;
        }

        life = cell->life | 1;

        ngx_commerce_ledger_store(&cell->word, ngx_commerce_ledger_word(life));
        ngx_commerce_ledger_store(&cell->life, life);

        ngx_commerce_ledger_space_drop(ledger, i - 1);
    }

    ngx_commerce_ledger_mark_all(ledger);

    ngx_commerce_ledger_store(&header->building, 0);
}


/* 1 if the cell is in use and whole; sets the bucket that it belongs to */

static ngx_uint_t
ngx_commerce_ledger_space_intact(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, uint32_t *bucket)
{
    uint32_t                   life;
    ngx_str_t                  room, field;
    ngx_commerce_ledger_key_t  key;

    life = cell->life;

    /* word and life differ where a holder died between the two */

    if (life == 0
        || (life & 1)
        || ngx_commerce_ledger_tag(cell->word)
           != ngx_commerce_ledger_tag(ngx_commerce_ledger_word(life)))
    {
        return 0;
    }

    ngx_commerce_ledger_map_cell_key(ledger, cell, &key, &room, &field);
    *bucket = key.bucket;

    /* the file may have been cut off within the key */

    return key.hash == cell->hash;
}


void
ngx_commerce_ledger_space_top(ngx_commerce_ledger_t *ledger)
{
    uint32_t                       top;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;
    top = ledger->cells;

    while (top > 0
           && top != header->top
           && ledger->cell[top - 1].life == 0)
    {
        top--;
    }

    header->top = top;
}


ngx_int_t
ngx_commerce_ledger_space_renew(ngx_commerce_ledger_t *ledger)
{
    uint64_t  generation;

    if (getrandom(&generation, sizeof(uint64_t), 0)
        != (ssize_t) sizeof(uint64_t))
    {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "getrandom() failed");
        return NGX_ERROR;
    }

    ngx_commerce_ledger_store(&ledger->header->generation, generation);

    ngx_commerce_ledger_space_rebuild(ledger);

    ngx_commerce_ledger_store(ledger->seal, ~generation);

    return NGX_OK;
}
