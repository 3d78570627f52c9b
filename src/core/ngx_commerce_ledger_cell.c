
/*
 * The ledger's cells: finding one and counting to it.  Whoever has none takes
 * the lock.
 */


#include "ngx_commerce_ledger_cell.h"


/* a count finds the file lost so many times at most */

#define NGX_COMMERCE_LEDGER_RETRIES  3


static ngx_inline ngx_uint_t ngx_commerce_ledger_match(
    ngx_commerce_ledger_cell_t *cell, ngx_commerce_ledger_key_t *key);
static ngx_int_t ngx_commerce_ledger_count(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_uint_t n);
static ngx_int_t ngx_commerce_ledger_raise(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, uint64_t word, ngx_uint_t n);
static void ngx_commerce_ledger_complain(ngx_commerce_ledger_t *ledger,
    ngx_int_t rc);


void
ngx_commerce_ledger_shape(ngx_commerce_ledger_label_t *label, size_t size)
{
    label->size = size;
    label->counts = size - NGX_COMMERCE_LEDGER_TAIL;
    label->ring = 0;
    label->ring_size = 0;
    label->index = 0;
    label->index_size = 0;
}


void
ngx_commerce_ledger_capacity(size_t counts, uint32_t *cells,
    uint32_t *buckets)
{
    uint64_t  space, n, b;

    /* at most one cell, and at least half a cell, for each bucket */

    space = counts - NGX_COMMERCE_LEDGER_HEADER;
    n = ngx_min(space / sizeof(ngx_commerce_ledger_cell_t), 0x7fffffff);

    b = NGX_COMMERCE_LEDGER_WINDOW;

    while (b * 2 <= n) {
        b *= 2;
    }

    n = (space - b * sizeof(uint32_t) - b / 8)
        / sizeof(ngx_commerce_ledger_cell_t);

    *cells = (uint32_t) ngx_min(n, 0x7fffffff);
    *buckets = (uint32_t) b;
}


void
ngx_commerce_ledger_attach(ngx_commerce_ledger_t *ledger, void *header,
    ngx_commerce_ledger_label_t *label)
{
    u_char  *p;

    ngx_commerce_ledger_capacity(label->counts, &ledger->cells,
                                 &ledger->buckets);

    ledger->size = label->size;

    p = header;

    ledger->header = (ngx_commerce_ledger_header_t *) p;
    ledger->seal = (uint64_t *) (p + label->size - sizeof(uint64_t));
    p += NGX_COMMERCE_LEDGER_HEADER;

    ledger->cell = (ngx_commerce_ledger_cell_t *) p;
    p += (size_t) ledger->cells * sizeof(ngx_commerce_ledger_cell_t);

    ledger->marks = (uint64_t *) p;
    p += ledger->buckets / 8;

    ledger->bucket = (uint32_t *) p;
}


void
ngx_commerce_ledger_key(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_str_t *room, uint64_t show,
    ngx_str_t *field)
{
    uint32_t  window;
    uint64_t  r, f;

    key->room = room;
    key->show = show;
    key->field = field;
    key->owner = NULL;

    r = ngx_commerce_hash(room->data, room->len, show);
    f = ngx_commerce_hash(field->data, field->len, r);

    window = r & (ledger->buckets / NGX_COMMERCE_LEDGER_WINDOW - 1);

    key->hash = (uint32_t) (f >> 32);
    key->bucket = window * NGX_COMMERCE_LEDGER_WINDOW
                  + f % NGX_COMMERCE_LEDGER_WINDOW;
}


void
ngx_commerce_ledger_cell_key(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, ngx_commerce_ledger_key_t *key,
    ngx_str_t *room, ngx_str_t *field)
{
    /* whatever stands in the file, it is not read beyond the key */

    room->len = ngx_min((size_t) cell->room_len, sizeof(cell->key));
    room->data = cell->key;
    field->len = ngx_min((size_t) cell->field_len,
                         sizeof(cell->key) - room->len);
    field->data = cell->key + room->len;

    ngx_commerce_ledger_key(ledger, key, room, cell->show, field);
}


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

    ngx_commerce_ledger_key(ledger, &key, room, show, field);
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

        if (ngx_commerce_ledger_check(ledger) != NGX_OK) {
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

    cell = ngx_commerce_ledger_find(ledger, key, &word);

    if (cell != NULL) {
        return ngx_commerce_ledger_raise(ledger, cell, word, n);
    }

    if (ngx_commerce_ledger_lock(ledger) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_commerce_ledger_create(ledger, key);

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


ngx_commerce_ledger_cell_t *
ngx_commerce_ledger_find(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, uint64_t *word)
{
    uint32_t                     i, n;
    uint64_t                     generation;
    ngx_commerce_ledger_cell_t  *cell;

    generation = ngx_commerce_ledger_load(&ledger->header->generation);
    i = ngx_commerce_ledger_load(&ledger->bucket[key->bucket]);

    /*
     * A cell that is taken off under our feet can lead into another bucket:
     * then the key is not found here, but under the lock it is.
     */

    for (n = 0; i != 0 && i <= ledger->cells && n < ledger->cells; n++) {

        cell = &ledger->cell[i - 1];

        /* the word is read before what it vouches for */
        *word = ngx_commerce_ledger_load(&cell->word);

        if (cell->hash == key->hash
            && ngx_commerce_ledger_in_use(*word)
            && cell->generation == generation
            && ngx_commerce_ledger_match(cell, key))
        {
            return cell;
        }

        i = ngx_commerce_ledger_load(&cell->next);
    }

    return NULL;
}


static ngx_inline ngx_uint_t
ngx_commerce_ledger_match(ngx_commerce_ledger_cell_t *cell,
    ngx_commerce_ledger_key_t *key)
{
    return cell->show == key->show
           && cell->room_len == key->room->len
           && cell->field_len == key->field->len
           && ngx_memcmp(cell->key, key->room->data, key->room->len) == 0
           && ngx_memcmp(cell->key + key->room->len, key->field->data,
                         key->field->len)
              == 0;
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
