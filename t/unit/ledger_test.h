
/*
 * What the ledger's tests share: a ledger in memory, and a walk over what it
 * holds, as a flush does it.
 */


#ifndef _LEDGER_TEST_H_INCLUDED_
#define _LEDGER_TEST_H_INCLUDED_


#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "ngx_commerce_ledger_lock.h"
#include "tap.h"


#define TEXT(s)  (ngx_str_t) { strlen(s), (u_char *) (s) }


/* two numbers are equal; shows both if they are not */

static inline void
is(uint64_t got, uint64_t expected, const char *what)
{
    if (!ok(got == expected, "%s", what)) {
        printf("# got %llu, expected %llu\n", (unsigned long long) got,
               (unsigned long long) expected);
    }
}


/* the calling process's address space, as a ledger of one process */

static inline void
ledger_in_memory(ngx_commerce_ledger_t *ledger, ngx_log_t *log, size_t size)
{
    void  *p;

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1,
             0);

    if (p == MAP_FAILED) {
        abort();
    }

    memset(ledger, 0, sizeof(ngx_commerce_ledger_t));

    ledger->fd = -1;
    ledger->log = log;
    ledger->path = TEXT("memory");

    ngx_commerce_ledger_map_shape(&ledger->label, size);
    ngx_commerce_ledger_map_attach(ledger, p, &ledger->label);

    if (ngx_commerce_ledger_space_renew(ledger) != NGX_OK) {
        abort();
    }
}


static inline ngx_int_t
add(ngx_commerce_ledger_t *ledger, const char *room, uint64_t show,
    const char *field, ngx_uint_t n)
{
    ngx_str_t  r, f;

    r = TEXT(room);
    f = TEXT(field);

    return ngx_commerce_ledger_add(ledger, &r, show, &f, n, NULL);
}


/*
 * Calls back for each cell wanted; with marks only in marked buckets, whose
 * marks are taken.
 */

typedef void (*visit_pt)(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_item_t *item, void *data);


static inline ngx_uint_t
visit(ngx_commerce_ledger_t *ledger, ngx_uint_t marks, ngx_uint_t all,
    visit_pt handler, void *data)
{
    uint32_t                      b, next;
    uint64_t                      word;
    ngx_uint_t                    i, n, seen;
    ngx_commerce_ledger_item_t    items[3];
    ngx_commerce_ledger_filter_t  filter;

    filter.all = all;
    filter.from = 0;
    filter.to = NGX_MAX_INT32_VALUE;
    filter.oldest = 0;

    seen = 0;
    word = 0;

    for (b = 0; b < ngx_commerce_ledger_buckets(ledger); b++) {

        if (b % 64 == 0) {
            word = marks ? ngx_commerce_ledger_take_marks(ledger, b)
                         : ~(uint64_t) 0;
        }

        if ((word >> (b % 64) & 1) == 0) {
            continue;
        }

        next = 0;

        do {
            n = ngx_commerce_ledger_collect(ledger, b, &next, &filter, items,
                                            3);

            for (i = 0; i < n; i++) {
                seen++;

                if (handler) {
                    handler(ledger, &items[i], data);
                }
            }

        } while (next);
    }

    return seen;
}


static inline void
acknowledge(ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_item_t *item,
    void *data)
{
    (void) data;

    ngx_commerce_ledger_acknowledge(ledger, &item->receipt);
}


static inline void
sum(ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_item_t *item,
    void *data)
{
    uint64_t *total = data;

    (void) ledger;

    *total += item->receipt.total;
}


/* all that the ledger holds, in all generations */

static inline uint64_t
sum_of(ngx_commerce_ledger_t *ledger)
{
    uint64_t  total;

    total = 0;
    visit(ledger, 0, 1, sum, &total);

    return total;
}


#endif /* _LEDGER_TEST_H_INCLUDED_ */
