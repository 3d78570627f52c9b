
/*
 * The store: how every feature gets at rooms, hosts and products.
 *
 * It answers from the worker's own copies, checked by one atomic read; fills
 * them from the shared zone; and asks the tenant's source (Redis) only for
 * what the node does not know.
 */


#ifndef _NGX_COMMERCE_STORE_H_INCLUDED_
#define _NGX_COMMERCE_STORE_H_INCLUDED_


#include "ngx_commerce_load.h"


typedef enum {
    NGX_COMMERCE_FOR_VIEWERS = 0, /* with Redis away, good for stale_viewers */
    NGX_COMMERCE_FOR_HOSTS        /* … for stale_hosts */
} ngx_commerce_purpose_e;


/*
 * Looks a record up.
 *
 *   NGX_OK        *record is a ngx_commerce_room_t, _host_t, _product_t or
 *                 _key_t according to kind, valid until the current event
 *                 handler returns (see ngx_commerce_store_hold())
 *   NGX_AGAIN     it is being loaded, wait->handler will be called;
 *                 never returned when wait is NULL
 *   NGX_DECLINED  there is no such record
 *   NGX_BUSY      too many unknown names were asked for lately
 *   NGX_ERROR     the source is away and nothing fit is held
 *                 (or, with wait NULL, nothing is held yet)
 *
 * What breaks the rules for names does not exist.
 */
ngx_int_t ngx_commerce_store_get(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_purpose_e purpose,
    void **record, ngx_commerce_wait_t *wait);

/*
 * The same for what is held and known to be current, without a wait: one
 * atomic read and no lock if the worker has its copy.  NGX_OK or NGX_DECLINED.
 */
ngx_int_t ngx_commerce_store_peek(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, void **record);

/*
 * The same for what is held and not too old for viewers: what a request goes
 * on with that has asked for the record already.
 */
ngx_int_t ngx_commerce_store_held(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, void **record);

/*
 * Keeps a record that ngx_commerce_store_get() gave until the pool is
 * destroyed.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_commerce_store_hold(void *record, ngx_pool_t *pool);

/*
 * A number that the process gives to no other copy of a record: what was made
 * of a record is good as long as its number is the same.
 */
uint64_t ngx_commerce_store_serial(void *record);

/*
 * Asks the source for the record anew, whatever is held; wait as above.
 * NGX_AGAIN, or NGX_ERROR if the source is away.  After the wait,
 * ngx_commerce_store_get() has the newest record.
 */
ngx_int_t ngx_commerce_store_refresh(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_wait_t *wait);

/*
 * The counter that goes up whenever the record (or another that shares it) may
 * have changed: whoever keeps what he made of a record compares it with the
 * value seen first, in one atomic read.  Whoever acts on changes watches.
 */
ngx_atomic_t *ngx_commerce_store_counter(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name);


/*
 * The source's side.
 */

/*
 * A record changed at the source: it is loaded anew if it is held, and no
 * longer believed not to exist.  version is the one that it has now, or 0: not
 * known; what was loaded just now and is of that version is not loaded again.
 * NGX_OK; NGX_DECLINED if it is not held; NGX_ERROR if it can't be loaded now.
 */
ngx_int_t ngx_commerce_store_notice(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, int64_t version);

/*
 * A record was changed by this node: as a notice, but while the source tells of
 * changes its own notice, which is on its way, is what it is loaded for.
 */
void ngx_commerce_store_wrote(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, int64_t version);

/* loads a record anew, in the background: NGX_OK, NGX_ERROR */
ngx_int_t ngx_commerce_store_recheck(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name);


#endif /* _NGX_COMMERCE_STORE_H_INCLUDED_ */
