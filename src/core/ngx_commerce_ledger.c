
/*
 * Counting, and what of it a flush sees: what was counted since the last time,
 * and that it has arrived.  Whoever has no cell yet takes the lock, nobody else
 * does.
 */


#include "ngx_commerce_ledger_lock.h"


/* a count finds the file lost so many times at most */

#define NGX_COMMERCE_LEDGER_RETRIES  3


static ngx_int_t ngx_commerce_ledger_count(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_uint_t n);
static ngx_int_t ngx_commerce_ledger_raise(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, uint64_t word, ngx_uint_t n);
static void ngx_commerce_ledger_complain(ngx_commerce_ledger_t *ledger,
    ngx_int_t rc);
static ngx_uint_t ngx_commerce_ledger_wanted(ngx_commerce_ledger_cell_t *cell,
    uint64_t word, ngx_commerce_ledger_filter_t *filter);
static void ngx_commerce_ledger_expire(ngx_commerce_ledger_cell_t *cell,
    uint64_t word, time_t oldest);
static ngx_int_t ngx_commerce_ledger_copy(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, ngx_commerce_ledger_item_t *item);
static ngx_uint_t ngx_commerce_ledger_torn(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_item_t *item, uint32_t hash);


ngx_int_t
ngx_commerce_ledger_add(ngx_commerce_ledger_t *ledger, ngx_str_t *room,
    uint64_t show, ngx_str_t *field, ngx_uint_t n, ngx_str_t *owner)
{
    ngx_int_t                  rc;
    ngx_uint_t                 i;
    ngx_commerce_ledger_key_t  key;

    if (room->len > 255 || field->len > 255
        || room->len + field->len > NGX_COMMERCE_LEDGER_KEY_MAX)
    {
        return NGX_ERROR;
    }

    ngx_commerce_ledger_map_key(ledger, &key, room, show, field);
    key.owner = owner;

    for (i = 0; i < NGX_COMMERCE_LEDGER_RETRIES; i++) {

        do {
            rc = ngx_commerce_ledger_count(ledger, &key, n);
        } while (rc == NGX_AGAIN && !ledger->lost);

        if (rc == NGX_OK) {
            ngx_commerce_ledger_mark(ledger, key.bucket);
            return NGX_OK;
        }

        if (!ledger->lost) {
            break;
        }

        /* whatever was seen or made was not in the file */

        if (ngx_commerce_ledger_lock_check(ledger) != NGX_OK) {
            return NGX_ERROR;
        }

        rc = NGX_ERROR;
    }

    if (rc == NGX_BUSY || rc == NGX_DECLINED) {
        ngx_commerce_ledger_complain(ledger, rc);
    }

    return rc;
}


/*
 * NGX_OK: it is counted; NGX_AGAIN: not yet; NGX_BUSY: full; NGX_DECLINED: for
 * this owner; NGX_ERROR
 */

static ngx_int_t
ngx_commerce_ledger_count(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_uint_t n)
{
    ngx_int_t                    rc;
    uint64_t                     word;
    ngx_commerce_ledger_cell_t  *cell;

    cell = ngx_commerce_ledger_map_find(ledger, key, &word);

    if (cell != NULL) {
        return ngx_commerce_ledger_raise(ledger, cell, word, n);
    }

    if (ngx_commerce_ledger_lock(ledger) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_commerce_ledger_space_create(ledger, key);

    ngx_commerce_ledger_unlock(ledger);

    return rc == NGX_OK ? NGX_AGAIN : rc;
}


/*
 * NGX_OK; NGX_AGAIN: it is not the key's any more, or not in the file;
 * NGX_BUSY: too large.
 */

static ngx_int_t
ngx_commerce_ledger_raise(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, uint64_t word, ngx_uint_t n)
{
    uint32_t  tag;

    tag = ngx_commerce_ledger_tag(word);

    do {
        if (ngx_commerce_ledger_tag(word) != tag) {
            return NGX_AGAIN;
        }

        if (n > NGX_COMMERCE_LEDGER_TOTAL_MAX - ngx_commerce_ledger_total(word))
        {
            return NGX_BUSY;
        }

    } while (!__atomic_compare_exchange_n(&cell->word, &word, word + n, 0,
                                          __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));

    return ledger->lost ? NGX_AGAIN : NGX_OK;
}


/* once a second, whoever meets it first */

static void
ngx_commerce_ledger_complain(ngx_commerce_ledger_t *ledger, ngx_int_t rc)
{
    uint32_t                       now, *told;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;
    now = (uint32_t) time(NULL);
    told = rc == NGX_BUSY ? &header->alerted : &header->warned;

    if (__atomic_exchange_n(told, now, __ATOMIC_SEQ_CST) == now) {
        return;
    }

    if (rc == NGX_BUSY) {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, 0,
                      "commerce: ledger \"%V\" is full, %uD cells hold "
                      "counts: counts are refused", &ledger->path,
                      header->used);
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                  "commerce: an address has so many cells of ledger \"%V\" "
                  "that the %uD left are kept for others: it gets no more",
                  &ledger->path, ledger->cells - header->used);
}


void
ngx_commerce_ledger_usage(ngx_commerce_ledger_t *ledger, ngx_uint_t *used,
    ngx_uint_t *cells)
{
    *used = ngx_commerce_ledger_load(&ledger->header->used);
    *cells = ledger->lost ? 0 : ledger->cells;
}


ngx_uint_t
ngx_commerce_ledger_collect(ngx_commerce_ledger_t *ledger, uint32_t bucket,
    uint32_t *next, ngx_commerce_ledger_filter_t *filter,
    ngx_commerce_ledger_item_t *items, ngx_uint_t max)
{
    uint32_t                     i, steps;
    uint64_t                     word;
    ngx_uint_t                   n;
    ngx_commerce_ledger_cell_t  *cell;

    i = *next ? *next : ngx_commerce_ledger_load(&ledger->bucket[bucket]);
    n = 0;

    for (steps = 0;
         i != 0 && i <= ledger->cells && steps < ledger->cells;
         steps++)
    {
        if (n == max) {
            *next = i;
            return n;
        }

        cell = &ledger->cell[i - 1];
        word = ngx_commerce_ledger_load(&cell->word);

        if (ngx_commerce_ledger_in_use(word)
            && ngx_commerce_ledger_wanted(cell, word, filter))
        {
            ngx_commerce_ledger_expire(cell, word, filter->oldest);

            if (ngx_commerce_ledger_copy(ledger, cell, &items[n]) == NGX_OK) {
                items[n].receipt.cell = i - 1;
                items[n].receipt.bucket = bucket;
                n++;
            }
        }

        i = ngx_commerce_ledger_load(&cell->next);
    }

    *next = 0;

    return n;
}


static ngx_uint_t
ngx_commerce_ledger_wanted(ngx_commerce_ledger_cell_t *cell, uint64_t word,
    ngx_commerce_ledger_filter_t *filter)
{
    time_t    changed;
    uint64_t  total;

    total = ngx_commerce_ledger_total(word);

    if (!filter->all) {
        return total > ngx_commerce_ledger_load(&cell->sent);
    }

    changed = ngx_commerce_ledger_load(&cell->changed);

    return total > 0 && changed >= filter->from && changed < filter->to;
}


/*
 * Something new comes to counts that Redis keeps no longer: it has to go on
 * from there, also if Redis forgets it again.  What is noted is marked by the
 * cell's life, and says nothing of another one.
 */

static void
ngx_commerce_ledger_expire(ngx_commerce_ledger_cell_t *cell, uint64_t word,
    time_t oldest)
{
    uint64_t  sent;

    /* sent is read before its time: whoever raises it does so after that */
    sent = ngx_commerce_ledger_load(&cell->sent);

    if (ngx_commerce_ledger_total(word) > sent
        && ngx_commerce_ledger_load(&cell->changed) < oldest)
    {
        ngx_commerce_ledger_store(&cell->expired,
                                  word - ngx_commerce_ledger_total(word)
                                  + sent);
    }
}


/* NGX_DECLINED if the cell changed hands meanwhile, or was cut off */

static ngx_int_t
ngx_commerce_ledger_copy(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, ngx_commerce_ledger_item_t *item)
{
    uint32_t  hash;
    uint64_t  word, expired;

    hash = cell->hash;
    word = ngx_commerce_ledger_load(&cell->word);
    expired = ngx_commerce_ledger_load(&cell->expired);

    item->receipt.generation = cell->generation;
    item->receipt.epoch = cell->epoch;
    item->receipt.id = cell->id;
    item->receipt.id_life = cell->id_life;
    item->receipt.life = ngx_commerce_ledger_load(&cell->life);
    item->show = cell->show;
    item->sent = ngx_commerce_ledger_load(&cell->sent);
    item->expired = ngx_commerce_ledger_tag(expired)
                    == ngx_commerce_ledger_tag(word)
                    ? ngx_commerce_ledger_total(expired) : 0;
    item->receipt.total = ngx_commerce_ledger_total(word);
    item->room_len = cell->room_len;
    item->field_len = cell->field_len;
    ngx_memcpy(item->key, cell->key, sizeof(item->key));

    __atomic_thread_fence(__ATOMIC_ACQUIRE);

    if (ngx_commerce_ledger_tag(word)
        != ngx_commerce_ledger_tag(ngx_commerce_ledger_load(&cell->word))
        || ngx_commerce_ledger_tag(word)
           != ngx_commerce_ledger_tag(
                                ngx_commerce_ledger_word(item->receipt.life))
        || !ngx_commerce_ledger_in_use(word)
        || ngx_commerce_ledger_torn(ledger, item, hash))
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* 1 if the key is not the one that the cell was made for */

static ngx_uint_t
ngx_commerce_ledger_torn(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_item_t *item, uint32_t hash)
{
    ngx_str_t                  room, field;
    ngx_commerce_ledger_key_t  key;

    if (item->room_len + item->field_len > sizeof(item->key)) {
        return 1;
    }

    room.len = item->room_len;
    room.data = item->key;
    field.len = item->field_len;
    field.data = item->key + item->room_len;

    ngx_commerce_ledger_map_key(ledger, &key, &room, item->show, &field);

    return key.hash != hash;
}


ngx_uint_t
ngx_commerce_ledger_unsent(ngx_commerce_ledger_t *ledger, uint32_t bucket)
{
    uint32_t                      i, steps;
    uint64_t                      word;
    ngx_commerce_ledger_cell_t   *cell;
    ngx_commerce_ledger_filter_t  filter;

    ngx_memzero(&filter, sizeof(ngx_commerce_ledger_filter_t));

    i = ngx_commerce_ledger_load(&ledger->bucket[bucket]);

    for (steps = 0;
         i != 0 && i <= ledger->cells && steps < ledger->cells;
         steps++)
    {
        cell = &ledger->cell[i - 1];
        word = ngx_commerce_ledger_load(&cell->word);

        if (ngx_commerce_ledger_in_use(word)
            && ngx_commerce_ledger_wanted(cell, word, &filter))
        {
            return 1;
        }

        i = ngx_commerce_ledger_load(&cell->next);
    }

    return 0;
}


void
ngx_commerce_ledger_acknowledge(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_receipt_t *receipt)
{
    uint32_t                     resending;
    uint64_t                     sent;
    ngx_commerce_ledger_cell_t  *cell;

    cell = &ledger->cell[receipt->cell];

    if (cell->generation != receipt->generation
        || ngx_commerce_ledger_load(&cell->life) != receipt->life)
    {
        return;
    }

    sent = ngx_commerce_ledger_load(&cell->sent);

    /* two may flush for a moment, and their answers come in any order */

    while (sent < receipt->total) {

        /* before the total can look sent: idleness begins here */
        ngx_commerce_ledger_store(&cell->changed, (uint32_t) time(NULL));

        if (__atomic_compare_exchange_n(&cell->sent, &sent, receipt->total,
                                        0, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST))
        {
            return;
        }
    }

    /* Redis may have lost it, and heard it again just now */

    resending = ngx_commerce_ledger_load(&ledger->header->resending);

    if (resending
        && (time_t) cell->changed + NGX_COMMERCE_LEDGER_REST
           >= (time_t) resending)
    {
        ngx_commerce_ledger_store(&cell->changed, (uint32_t) time(NULL));
    }
}


void
ngx_commerce_ledger_resend(ngx_commerce_ledger_t *ledger)
{
    uint32_t  never;

    never = 0;

    (void) __atomic_compare_exchange_n(&ledger->header->resending, &never,
                                       (uint32_t) time(NULL), 0,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}


void
ngx_commerce_ledger_resent(ngx_commerce_ledger_t *ledger)
{
    ngx_commerce_ledger_store(&ledger->header->resending, 0);
}
