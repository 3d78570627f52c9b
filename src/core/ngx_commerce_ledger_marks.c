
/*
 * The ledger's marks: which buckets a flush has to look at.  They are set
 * behind the count, and taken before the cells are read.  Nothing here takes
 * the lock.
 */


#include "ngx_commerce_ledger_cell.h"


void
ngx_commerce_ledger_mark(ngx_commerce_ledger_t *ledger, uint32_t bucket)
{
    uint64_t  bit, *marks;

    marks = &ledger->marks[bucket / 64];
    bit = (uint64_t) 1 << (bucket % 64);

    /* mostly it is set, and then the cache line stays shared */

    if ((ngx_commerce_ledger_load(marks) & bit) == 0) {
        __atomic_fetch_or(marks, bit, __ATOMIC_SEQ_CST);
    }
}


void
ngx_commerce_ledger_mark_room(ngx_commerce_ledger_t *ledger, ngx_str_t *room,
    uint64_t show)
{
    uint32_t                   i, first;
    ngx_str_t                  field;
    ngx_commerce_ledger_key_t  key;

    ngx_str_null(&field);
    ngx_commerce_ledger_key(ledger, &key, room, show, &field);

    first = key.bucket - key.bucket % NGX_COMMERCE_LEDGER_WINDOW;

    for (i = 0; i < NGX_COMMERCE_LEDGER_WINDOW; i += 64) {
        ngx_commerce_ledger_store(&ledger->marks[(first + i) / 64],
                                  ~(uint64_t) 0);
    }
}


void
ngx_commerce_ledger_mark_all(ngx_commerce_ledger_t *ledger)
{
    uint32_t  i;

    for (i = 0; i < ledger->buckets / 64; i++) {
        ngx_commerce_ledger_store(&ledger->marks[i], ~(uint64_t) 0);
    }
}


uint64_t
ngx_commerce_ledger_take_marks(ngx_commerce_ledger_t *ledger, uint32_t first)
{
    uint64_t  *marks;

    marks = &ledger->marks[first / 64];

    if (ngx_commerce_ledger_load(marks) == 0) {
        return 0;
    }

    return __atomic_exchange_n(marks, 0, __ATOMIC_SEQ_CST);
}


ngx_uint_t
ngx_commerce_ledger_marked(ngx_commerce_ledger_t *ledger)
{
    uint32_t  i;

    for (i = 0; i < ledger->buckets / 64; i++) {

        if (ngx_commerce_ledger_load(&ledger->marks[i])) {
            return 1;
        }
    }

    return 0;
}
