
#include "ngx_commerce_redis_flush_walk.h"


/* buckets in one go, so that a large and empty ledger stops no request */

#define NGX_COMMERCE_FLUSH_STEP  1024
#define NGX_COMMERCE_FLUSH_LOOK  2048


static void ngx_commerce_redis_flush_walk_start(
    ngx_commerce_redis_flush_walk_t *walk);
static int ngx_libc_cdecl ngx_commerce_redis_flush_walk_cmp(const void *one,
    const void *two);


void
ngx_commerce_redis_flush_walk_marked(ngx_commerce_redis_flush_walk_t *walk)
{
    walk->filter.all = 0;
    walk->marked = 1;

    ngx_commerce_redis_flush_walk_start(walk);
}


void
ngx_commerce_redis_flush_walk_all(ngx_commerce_redis_flush_walk_t *walk,
    time_t from, time_t to)
{
    walk->filter.all = 1;
    walk->filter.from = from;
    walk->filter.to = to;
    walk->marked = 0;

    ngx_commerce_redis_flush_walk_start(walk);
}


static void
ngx_commerce_redis_flush_walk_start(ngx_commerce_redis_flush_walk_t *walk)
{
    walk->filter.oldest = ngx_time() - NGX_COMMERCE_FLUSH_OLDEST;
    walk->marks = 0;
    walk->first = 0;
    walk->next = 0;
    walk->active = 1;
    walk->n = 0;
    walk->sent = 0;
}


ngx_int_t
ngx_commerce_redis_flush_walk_next(ngx_commerce_redis_flush_walk_t *walk,
    ngx_commerce_ledger_t *ledger)
{
    uint32_t    bucket, buckets, steps;
    ngx_uint_t  i, n;

    buckets = ngx_commerce_ledger_buckets(ledger);
    steps = 0;
    n = 0;

    while (n < NGX_COMMERCE_FLUSH_SLICE) {

        if (walk->marks == 0) {

            if (walk->first >= buckets || steps >= NGX_COMMERCE_FLUSH_STEP) {
                break;
            }

            /* no call has cells of two windows */

            if (n >= NGX_COMMERCE_FLUSH_SLICE / 4
                && walk->first % NGX_COMMERCE_LEDGER_WINDOW == 0)
            {
                break;
            }

            walk->marks = walk->marked
                          ? ngx_commerce_ledger_take_marks(ledger,
                                                           walk->first)
                          : ~(uint64_t) 0;

            walk->first += 64;
            steps += walk->marks ? 64 : 1;

            continue;
        }

        bucket = walk->first - 64 + __builtin_ctzll(walk->marks);

        n += ngx_commerce_ledger_collect(ledger, bucket, &walk->next,
                                         &walk->filter, walk->items + n,
                                         NGX_COMMERCE_FLUSH_SLICE - n);

        if (walk->next == 0) {
            walk->marks &= walk->marks - 1;
        }
    }

    if (n == 0 && walk->first >= buckets) {
        walk->active = 0;
        return NGX_DONE;
    }

    for (i = 0; i < n; i++) {
        walk->sorted[i] = &walk->items[i];
    }

    ngx_qsort(walk->sorted, n, sizeof(ngx_commerce_ledger_item_t *),
              ngx_commerce_redis_flush_walk_cmp);

    walk->n = n;
    walk->sent = 0;

    return NGX_OK;
}


static int ngx_libc_cdecl
ngx_commerce_redis_flush_walk_cmp(const void *one, const void *two)
{
    ngx_int_t                    rc;
    ngx_commerce_ledger_item_t  *a, *b;

    a = *(ngx_commerce_ledger_item_t **) one;
    b = *(ngx_commerce_ledger_item_t **) two;

    if (a->room_len != b->room_len) {
        return a->room_len < b->room_len ? -1 : 1;
    }

    rc = ngx_memcmp(a->key, b->key, a->room_len);

    if (rc != 0) {
        return (int) rc;
    }

    return a->show < b->show ? -1 : a->show > b->show;
}


ngx_uint_t
ngx_commerce_redis_flush_walk_call(ngx_commerce_redis_flush_walk_t *walk,
    ngx_commerce_ledger_item_t ***items)
{
    ngx_uint_t                    n, left;
    ngx_commerce_ledger_item_t  **first;

    first = walk->sorted + walk->sent;
    left = ngx_min(walk->n - walk->sent, NGX_COMMERCE_FLUSH_CELLS);

    for (n = 0; n < left; n++) {
        if (ngx_commerce_redis_flush_walk_cmp(&first[0], &first[n]) != 0) {
            break;
        }
    }

    *items = first;
    walk->sent += n;

    return n;
}


void
ngx_commerce_redis_flush_walk_mark(ngx_commerce_ledger_t *ledger,
    uint32_t *bucket)
{
    uint32_t  i, buckets;

    buckets = ngx_commerce_ledger_buckets(ledger);

    for (i = 0; i < ngx_min(buckets, NGX_COMMERCE_FLUSH_LOOK); i++) {

        if (*bucket >= buckets) {
            *bucket = 0;
        }

        if (ngx_commerce_ledger_unsent(ledger, *bucket)) {
            ngx_commerce_ledger_mark(ledger, *bucket);
        }

        (*bucket)++;
    }
}
