
/*
 * Redis replies as records: a function of its arguments, apart from the log.
 */


#ifndef _NGX_COMMERCE_REDIS_RECORD_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_RECORD_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_write.h"


/* what a node sees of a room: products of its shelf, and its newest cues */

#define NGX_COMMERCE_REDIS_SHELF_MAX  1000
#define NGX_COMMERCE_REDIS_CUES_MAX   200


/*
 * What Redis has of each kind of records: a row for each, beside that of
 * ngx_commerce_kinds[].
 */

typedef struct {
    ngx_str_t     key;                 /* before the braces around a name, */
    ngx_str_t     suffix;              /* and behind them */
    ngx_str_t     channel;             /* the same as key, of its channel */
    const char   *load;                /* a command; NULL: a script */

    /* NGX_OK; NGX_DECLINED: there is none; NGX_ERROR: not understood */
    ngx_int_t   (*parse)(ngx_commerce_tenant_t *tenant, ngx_str_t *name,
                         redisReply *reply, ngx_commerce_writer_t *w);
} ngx_commerce_redis_kind_t;

extern const ngx_commerce_redis_kind_t
    ngx_commerce_redis_kinds[NGX_COMMERCE_KINDS];


/*
 * Writes the record that a reply to its loading holds.  Whatever the reply
 * is, nothing is taken from it unchecked; texts are cleaned, links that may
 * not be shown are left out, and what is wrong is logged once in a while.
 *
 * NGX_OK; NGX_DECLINED if there is no such record or its key has a wrong
 * type; NGX_ERROR if the reply is an error or none at all like it should be.
 */
ngx_int_t ngx_commerce_redis_record(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *reply,
    ngx_commerce_writer_t *w);


/*
 * Parts of it, for those who read Redis without the store.  Texts are from
 * the pool, or point into the reply.
 */

/* of HGETALL; NGX_OK, or NGX_ERROR if that is not what the reply is of */
ngx_int_t ngx_commerce_redis_record_read_product(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *name, redisReply *hash,
    ngx_commerce_product_t *product);

/*
 * Sets the cues of a room, whose name is set, from the entries of XREVRANGE:
 * these come from the newest on, cues ascend by at, one millisecond apart at
 * least.  ended: when the room's show did (ms), or 0.  NGX_OK, or NGX_ERROR:
 * out of memory.
 */
ngx_int_t ngx_commerce_redis_record_read_cues(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, redisReply *list, int64_t ended,
    ngx_commerce_room_t *room);

/* ms within which the clocks of nodes and Redis agree: see parts/cues.lua */
#define NGX_COMMERCE_REDIS_SKEW  1000


#endif /* _NGX_COMMERCE_REDIS_RECORD_H_INCLUDED_ */
