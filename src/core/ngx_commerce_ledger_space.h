
/*
 * The ledger's space: cells are given to fields and taken back, under the lock
 * (ngx_commerce_ledger_lock.h).
 */


#ifndef _NGX_COMMERCE_LEDGER_SPACE_H_INCLUDED_
#define _NGX_COMMERCE_LEDGER_SPACE_H_INCLUDED_


#include "ngx_commerce_ledger_map.h"


/* a cell as it stood in another file */

typedef struct {
    uint64_t    generation;
    uint64_t    epoch;
    uint64_t    total;
    uint64_t    sent;
    uint32_t    id;
    uint32_t    id_life;
    uint32_t    changed;
} ngx_commerce_ledger_origin_t;


/*
 * Gives the key a cell, unless it has one by now; under the lock.  NGX_OK,
 * NGX_AGAIN if only some of the cells were looked at, NGX_BUSY if all are
 * taken, NGX_DECLINED if what is left is not for this owner.
 */
ngx_int_t ngx_commerce_ledger_space_create(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key);

/*
 * Gives the key a cell that has counted elsewhere, unless it is here by now;
 * under the lock.  Returns as ngx_commerce_ledger_space_create() does.
 */
ngx_int_t ngx_commerce_ledger_space_take_in(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_commerce_ledger_origin_t *origin);

/* makes buckets and free list anew from the cells; under the lock */
void ngx_commerce_ledger_space_rebuild(ngx_commerce_ledger_t *ledger);

/*
 * Sees to it that no cell that was ever used lies beyond header->top, which
 * may be older than the cells, or lost.  Under the lock.
 */
void ngx_commerce_ledger_space_top(ngx_commerce_ledger_t *ledger);

/*
 * Begins a new generation: the cells there are keep their identity until all
 * of them was sent, but count no more.  Under the lock.
 */
ngx_int_t ngx_commerce_ledger_space_renew(ngx_commerce_ledger_t *ledger);


#endif /* _NGX_COMMERCE_LEDGER_SPACE_H_INCLUDED_ */
