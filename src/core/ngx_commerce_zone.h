
/*
 * The shared zone of a tenant: the node's truth.
 *
 * Records lie in a slab pool of their own inside the zone, so that they can
 * be thrown away at once when a worker died half-way through changing them.
 * What else is in the zone (statistics, lease, counters) is made of words that
 * are right whenever a process dies.
 */


#ifndef _NGX_COMMERCE_ZONE_H_INCLUDED_
#define _NGX_COMMERCE_ZONE_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_tenant.h"
#include "ngx_commerce_lease.h"
#include "ngx_commerce_passed.h"
#include "ngx_commerce_stats.h"


/* version counters and second-chance marks; powers of two */

#define NGX_COMMERCE_VERSIONS   8192
#define NGX_COMMERCE_MARKS      65536
#define NGX_COMMERCE_NEGATIVES  2048
#define NGX_COMMERCE_SIGHTS     8192


/*
 * Raised whenever what stands in the zone changes its meaning: a reload that
 * brings another copy of this module gets a zone of its own.  What changes
 * its size is told apart by itself.
 */

#define NGX_COMMERCE_ZONE_LAYOUT  5


typedef struct {
    uint64_t                 hash;
    ngx_msec_t               expires;
    ngx_int_t                rc;
} ngx_commerce_negative_t;


/* see ngx_commerce_sight.h */

typedef struct {
    volatile uint64_t        hash;         /* of room and subject; 0: none */
    volatile int64_t         at;           /* ms since the epoch */
} ngx_commerce_sight_t;


typedef struct {
    ngx_rbtree_t             rbtree;
    ngx_rbtree_node_t        sentinel;
    ngx_queue_t              ring;         /* those that may be evicted, the
                                              hand at its head */
    ngx_queue_t              running;      /* the others, ascending by turn */
    uint64_t                 turn;         /* of the last one */
    ngx_queue_t              unsubscribed;
    ngx_uint_t               held[NGX_COMMERCE_KINDS];
    ngx_uint_t               evicted;
} ngx_commerce_records_t;


typedef struct {
    ngx_atomic_t             dirty;        /* the lock's holder is at work */
    uint32_t                 seed;

    ngx_atomic_t             fresh;        /* ngx_current_msec when all held */
                                           /* was known to be current; 0: no */
    ngx_atomic_t             ticket;       /* numbers loads in their order */

    ngx_uint_t               tokens;       /* loads of unknown names, 1/1000 */
    ngx_msec_t               tokens_at;

    ngx_commerce_lease_t     lease;
    ngx_commerce_stats_t     stats;
    ngx_commerce_passed_t    passed;
    ngx_commerce_records_t   records;

    ngx_commerce_negative_t  negatives[NGX_COMMERCE_NEGATIVES];
    ngx_commerce_sight_t     sights[NGX_COMMERCE_SIGHTS];
    u_char                   marks[NGX_COMMERCE_MARKS];
    ngx_atomic_t             versions[NGX_COMMERCE_VERSIONS];
} ngx_commerce_zone_sh_t;


struct ngx_commerce_zone_s {
    ngx_commerce_zone_sh_t  *sh;
    ngx_slab_pool_t         *shpool;       /* the zone's; its mutex locks it */
    ngx_slab_pool_t         *pool;         /* of the records */
};


/* of a blob: no larger than a page, so that there is room if there is any */

typedef struct ngx_commerce_chunk_s  ngx_commerce_chunk_t;

struct ngx_commerce_chunk_s {
    ngx_commerce_chunk_t    *next;
    u_char                   data[1];
};


typedef struct {
    ngx_rbtree_node_t        node;         /* key: hash of kind and name */
    ngx_queue_t              queue;        /* in the ring, or of running */
    ngx_queue_t              unsubscribed;
    uint64_t                 turn;         /* of a running one */

    ngx_commerce_chunk_t    *blob;         /* see ngx_commerce_record.h */
    size_t                   size;         /* of the blob */
    ngx_msec_t               checked;      /* ngx_current_msec */
    ngx_atomic_uint_t        ticket;       /* of the load it is from */
    ngx_uint_t               notices;
    int64_t                  noticed;      /* version of the last one */
    int64_t                  version;

    u_char                   kind;
    u_char                   len;
    unsigned                 waiting:1;      /* in the unsubscribed queue */
    unsigned                 running:1;      /* its show, or was: see
                                                ngx_commerce_zone_ended() */
    unsigned                 unconfirmed:1;  /* a load for a change failed:
                                                loaded again when used */
    u_char                   name[1];
} ngx_commerce_node_t;


/* a record's kind and name, outside the zone */

typedef struct {
    ngx_commerce_kind_e      kind;
    size_t                   len;
    u_char                   name[NGX_COMMERCE_NAME_MAX];
} ngx_commerce_subscribe_t;


/* of kind and name; the same in all processes of a node */
uint32_t ngx_commerce_zone_hash(ngx_commerce_zone_t *zone,
    ngx_commerce_kind_e kind, ngx_str_t *name);

/* the same in 64 bits, of which those are the lower half */
uint64_t ngx_commerce_zone_hash64(ngx_commerce_zone_t *zone,
    ngx_commerce_kind_e kind, ngx_str_t *name);

#define ngx_commerce_zone_version(zone, hash)                                 \
    (&(zone)->sh->versions[(hash) & (NGX_COMMERCE_VERSIONS - 1)])

#define ngx_commerce_zone_mark(zone, hash)                                    \
    (&(zone)->sh->marks[(hash) & (NGX_COMMERCE_MARKS - 1)])


/*
 * Sets the zone up: the shm_zone's init callback, shm_zone->data being the
 * tenant.  Over a reload what the zone holds is kept: another Redis, db or
 * namespace makes another zone, since its name has their fingerprint.
 */
ngx_int_t ngx_commerce_zone_init(ngx_shm_zone_t *shm_zone, void *data);

/*
 * The zone's lock: to change records; or to read them, and to change single
 * words, which are right whenever a process dies.  If its last holder died
 * while it changed records, taking it throws them away and bumps all counters
 * first.
 */
void ngx_commerce_zone_lock(ngx_commerce_tenant_t *tenant);
void ngx_commerce_zone_read_lock(ngx_commerce_tenant_t *tenant);
void ngx_commerce_zone_unlock(ngx_commerce_tenant_t *tenant);

/* under the lock: the node or NULL */
ngx_commerce_node_t *ngx_commerce_zone_find(ngx_commerce_zone_t *zone,
    uint32_t hash, ngx_commerce_kind_e kind, ngx_str_t *name);

/*
 * Under the lock: stores a copy of blob, evicting what was not used lately.
 * NULL if there is no room even so.
 */
ngx_commerce_node_t *ngx_commerce_zone_put(ngx_commerce_zone_t *zone,
    uint32_t hash, ngx_commerce_kind_e kind, ngx_str_t *name,
    u_char *blob, size_t size);

/* under the lock: memory for records; evicts what was not used lately; NULL */
void *ngx_commerce_zone_alloc(ngx_commerce_zone_t *zone, size_t size);

/* under the lock: a copy of a blob, or NULL; gives it back */
ngx_commerce_chunk_t *ngx_commerce_zone_write(ngx_commerce_zone_t *zone,
    u_char *blob, size_t size);
void ngx_commerce_zone_free(ngx_commerce_zone_t *zone,
    ngx_commerce_chunk_t *blob);

/*
 * Under the lock: a node's blob, as long as node->size; where it begins, the
 * head of it that ngx_commerce_record.h asks for; whether it is these bytes.
 */
void ngx_commerce_zone_copy(ngx_commerce_node_t *node, u_char *out);
#define ngx_commerce_zone_head(node)  ((node)->blob->data)
ngx_uint_t ngx_commerce_zone_same(ngx_commerce_node_t *node, u_char *blob,
    size_t size);

/* under the lock: a room whose show runs is evicted last */
void ngx_commerce_zone_set_running(ngx_commerce_zone_t *zone,
    ngx_commerce_node_t *node, ngx_uint_t running);

/* under the lock: forgets a node */
void ngx_commerce_zone_delete(ngx_commerce_zone_t *zone,
    ngx_commerce_node_t *node);

/*
 * What came of a look-up just now, if it brought no record: NGX_DECLINED, there
 * is none; NGX_ERROR, it could not be learned; else NGX_OK, which also ends
 * the memory of it.  No lock, wrong at most by one look-up.
 */
ngx_int_t ngx_commerce_zone_negative(ngx_commerce_zone_t *zone,
    ngx_commerce_kind_e kind, ngx_str_t *name);
void ngx_commerce_zone_set_negative(ngx_commerce_zone_t *zone,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_int_t rc);

/* as many tokens as there may be: for a new zone */
void ngx_commerce_zone_fill_tokens(ngx_commerce_zone_t *zone);

/*
 * Under the lock: a token for a load of an unknown name, for viewers not the
 * last ones.  NGX_OK, NGX_BUSY.
 */
ngx_int_t ngx_commerce_zone_take_token(ngx_commerce_zone_t *zone,
    ngx_uint_t viewers);
void ngx_commerce_zone_return_token(ngx_commerce_zone_t *zone);


/*
 * The subscription's side; each takes the lock itself.
 */

/* takes up to max records that are held but not subscribed to */
ngx_uint_t ngx_commerce_zone_unsubscribed(ngx_commerce_tenant_t *tenant,
    ngx_commerce_subscribe_t *out, ngx_uint_t max);

/* a new subscription begins with nothing: all that is held is unsubscribed */
void ngx_commerce_zone_resubscribe(ngx_commerce_tenant_t *tenant);

/*
 * Rooms whose show runs, or ran and is not known to have ended: all of them,
 * max at a time.  *after is 0 at first, and again when there are no more.
 */
ngx_uint_t ngx_commerce_zone_running(ngx_commerce_tenant_t *tenant,
    ngx_commerce_subscribe_t *out, ngx_uint_t max, uint64_t *after);

/* a room's show has ended; nothing, if it has a holder even so */
void ngx_commerce_zone_ended(ngx_commerce_tenant_t *tenant, ngx_str_t *room);

/* all that is held is known to be current now */
void ngx_commerce_zone_fresh(ngx_commerce_tenant_t *tenant);

/* ms since that was so; NGX_MAX_INT32_VALUE if it never was */
ngx_msec_t ngx_commerce_zone_age(ngx_commerce_zone_t *zone);


typedef struct {
    ngx_uint_t               held[NGX_COMMERCE_KINDS];
    ngx_uint_t               evicted;
    size_t                   size;         /* bytes for records */
    size_t                   free;         /* of them, in whole free pages */
} ngx_commerce_zone_usage_t;

void ngx_commerce_zone_usage(ngx_commerce_tenant_t *tenant,
    ngx_commerce_zone_usage_t *usage);


#endif /* _NGX_COMMERCE_ZONE_H_INCLUDED_ */
