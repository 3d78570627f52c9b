
/*
 * A worker's own copies of records: immutable, counted by this process alone,
 * bounded, and current as long as the zone's counter is what it was.
 *
 * A copy is one block: this header, the record with its arrays, the name, and
 * the blob that they point into.
 */


#ifndef _NGX_COMMERCE_CACHE_H_INCLUDED_
#define _NGX_COMMERCE_CACHE_H_INCLUDED_


#include "ngx_commerce_record.h"
#include "ngx_commerce_zone.h"
#include <ngx_event.h>


/* lists of the loads under way; a power of two */
#define NGX_COMMERCE_CACHE_LOADS  1024


typedef struct ngx_commerce_copy_s  ngx_commerce_copy_t;

struct ngx_commerce_copy_s {
    ngx_commerce_copy_t      *next;        /* in its bucket */
    ngx_queue_t               queue;       /* in the ring, or of the dead */
    ngx_commerce_cache_t     *cache;
    size_t                    size;
    uint64_t                  serial;      /* see ngx_commerce_store_serial() */
    ngx_uint_t                refs;        /* of ngx_commerce_cache_hold() */
    uint32_t                  hash;
    ngx_commerce_kind_e       kind;
    ngx_str_t                 name;
    ngx_atomic_t             *version;
    ngx_atomic_uint_t         seen;
    ngx_msec_t                checked;
    ngx_msec_t                looked;      /* at the zone's "checked" */
    ngx_msec_t                rechecked;
    unsigned                  used:1;         /* since the hand came by */
    unsigned                  unconfirmed:1;  /* see ngx_commerce_node_t */
    unsigned                  dead:1;
};


struct ngx_commerce_cache_s {
    ngx_commerce_copy_t     **buckets;
    uint32_t                  mask;        /* of their indexes */
    ngx_queue_t               ring;        /* the hand at its head */
    ngx_queue_t               dead;        /* may still be borrowed */
    size_t                    size;
    size_t                    max_size;
    ngx_event_t               reap;
    ngx_log_t                *log;

    ngx_uint_t                nloads;      /* see ngx_commerce_load.h */
    ngx_queue_t               order;       /* of them, as they began */
    ngx_queue_t               loads[NGX_COMMERCE_CACHE_LOADS];
};


#define ngx_commerce_copy_record(copy)  ((void *) ((copy) + 1))
#define ngx_commerce_record_copy(record)                                      \
    ((ngx_commerce_copy_t *) (record) - 1)


/*
 * The worker's copy, made anew from the zone if the record may have changed;
 * NULL if the zone does not hold it (or memory is out).  It is valid until
 * the current event handler returns.
 */
ngx_commerce_copy_t *ngx_commerce_cache_get(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, uint32_t hash);

/*
 * ms since the record was known to be current.  Loads that find nothing new
 * leave copies as they are: one that is too old looks into the zone, every
 * 100 ms at most, or now.
 */
ngx_msec_t ngx_commerce_cache_age(ngx_commerce_tenant_t *tenant,
    ngx_commerce_copy_t *copy, ngx_uint_t now);

/* keeps a copy until the pool is destroyed: NGX_OK, NGX_ERROR */
ngx_int_t ngx_commerce_cache_hold(ngx_commerce_copy_t *copy, ngx_pool_t *pool);

/* NGX_OK, NGX_ERROR */
ngx_int_t ngx_commerce_cache_init_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);


#endif /* _NGX_COMMERCE_CACHE_H_INCLUDED_ */
