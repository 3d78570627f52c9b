
/*
 * The way of a flush through the ledger: which cells are sent, in calls of one
 * room and show each.
 */


#ifndef _NGX_COMMERCE_REDIS_FLUSH_WALK_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_FLUSH_WALK_H_INCLUDED_


#include "ngx_commerce_ledger.h"


/* cells in a call, and cells taken from the ledger in one go, at most */

#define NGX_COMMERCE_FLUSH_CELLS     200
#define NGX_COMMERCE_FLUSH_SLICE     512

/* s: what is about to be dropped by Redis is not sent again */

#define NGX_COMMERCE_FLUSH_OLDEST    (89 * 86400)


/* it goes on where it stopped */

typedef struct {
    ngx_commerce_ledger_filter_t   filter;
    uint64_t                       marks;     /* left of 64 buckets */
    uint32_t                       first;     /* the bucket after these */
    uint32_t                       next;      /* cell in its bucket */
    unsigned                       marked:1;  /* only marked buckets */
    unsigned                       active:1;

    ngx_uint_t                     n;         /* cells taken, by room */
    ngx_uint_t                     sent;      /* of these */
    ngx_commerce_ledger_item_t    *sorted[NGX_COMMERCE_FLUSH_SLICE];
    ngx_commerce_ledger_item_t     items[NGX_COMMERCE_FLUSH_SLICE];
} ngx_commerce_redis_flush_walk_t;


/* from the ledger's beginning: to what is marked, for it has something new */
void ngx_commerce_redis_flush_walk_marked(
    ngx_commerce_redis_flush_walk_t *walk);

/* the same, to all that Redis heard of last in [from, to), s */
void ngx_commerce_redis_flush_walk_all(ngx_commerce_redis_flush_walk_t *walk,
    time_t from, time_t to);

/*
 * Takes the next cells, possibly none, when all of those before were sent.
 * NGX_OK, or NGX_DONE: there are no more, and the walk is over.
 */
ngx_int_t ngx_commerce_redis_flush_walk_next(
    ngx_commerce_redis_flush_walk_t *walk, ngx_commerce_ledger_t *ledger);

/* the cells that come next and go into one call; returns how many: 0, none */
ngx_uint_t ngx_commerce_redis_flush_walk_call(
    ngx_commerce_redis_flush_walk_t *walk,
    ngx_commerce_ledger_item_t ***items);

/*
 * Marks what lost its mark with the process that was about to set it, in some
 * buckets from *bucket on, each time others.
 */
void ngx_commerce_redis_flush_walk_mark(ngx_commerce_ledger_t *ledger,
    uint32_t *bucket);


#endif /* _NGX_COMMERCE_REDIS_FLUSH_WALK_H_INCLUDED_ */
