
#include "ngx_commerce_redis_flush.h"


/* buckets in one go, so that a large and empty ledger stops no request */

#define NGX_COMMERCE_FLUSH_STEP  16384
#define NGX_COMMERCE_FLUSH_LOOK  8192


void
ngx_commerce_redis_flush_walk_start(ngx_commerce_redis_walk_t *walk,
    ngx_uint_t marked, time_t from, time_t to)
{
    ngx_memzero(walk, sizeof(ngx_commerce_redis_walk_t));

    walk->filter.all = !marked;
    walk->filter.from = from;
    walk->filter.to = to;
    walk->marked = marked;
    walk->active = 1;
}


ngx_uint_t
ngx_commerce_redis_flush_walk(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_redis_walk_t *walk)
{
    uint32_t                     bucket, buckets, steps;
    ngx_uint_t                   n;
    ngx_commerce_ledger_item_t  *items;

    items = flush->items;
    buckets = ngx_commerce_ledger_buckets(flush->ledger);
    steps = 0;
    n = 0;

    while (n < NGX_COMMERCE_FLUSH_SLICE) {

        if (walk->marks == 0) {

            if (walk->first >= buckets) {
                walk->active = 0;
                break;
            }

            if (steps >= NGX_COMMERCE_FLUSH_STEP) {
                break;
            }

            walk->marks = walk->marked
                          ? ngx_commerce_ledger_take_marks(flush->ledger,
                                                           walk->first)
                          : ~(uint64_t) 0;

            walk->first += 64;
            steps += walk->marks ? 64 : 1;

            continue;
        }

        bucket = walk->first - 64 + __builtin_ctzll(walk->marks);

        n += ngx_commerce_ledger_collect(flush->ledger, bucket, &walk->next,
                                         &walk->filter, items + n,
                                         NGX_COMMERCE_FLUSH_SLICE - n);

        if (walk->next == 0) {
            walk->marks &= walk->marks - 1;
        }
    }

    return n;
}


void
ngx_commerce_redis_flush_look(ngx_commerce_redis_flush_t *flush)
{
    uint32_t  i, buckets;

    buckets = ngx_commerce_ledger_buckets(flush->ledger);

    for (i = 0; i < ngx_min(buckets, NGX_COMMERCE_FLUSH_LOOK); i++) {

        if (flush->looked >= buckets) {
            flush->looked = 0;
        }

        if (ngx_commerce_ledger_unsent(flush->ledger, flush->looked)) {
            ngx_commerce_ledger_mark(flush->ledger, flush->looked);
        }

        flush->looked++;
    }
}
