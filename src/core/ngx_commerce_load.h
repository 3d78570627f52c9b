
/*
 * The loads of a worker: who misses a record joins the load of it that is
 * under way, or begins one.  What it brings goes into the zone, unless newer
 * is there.
 */


#ifndef _NGX_COMMERCE_LOAD_H_INCLUDED_
#define _NGX_COMMERCE_LOAD_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_write.h"


typedef struct ngx_commerce_wait_s  ngx_commerce_wait_t;

/*
 * A place in the queue for a load.  It belongs to the caller, who zeroes it,
 * sets handler and data, and keeps it until the handler was called or the
 * wait has left.  The handler is called at most once for each NGX_AGAIN,
 * never from within ngx_commerce_store_get(): it calls that again, with the
 * same wait, and gets the outcome.
 */

struct ngx_commerce_wait_s {
    ngx_queue_t      queue;
    void           (*handler)(void *data);
    void            *data;
    uint64_t         record;      /* which one it waited for; private */
    ngx_int_t        outcome;     /* of its load; private */
    unsigned         pending:1;   /* in a queue */
    unsigned         done:1;      /* private */
};


/*
 * NGX_AGAIN if wait was queued, NGX_ERROR otherwise, also if wait is NULL.
 * token: one was taken for the load; it is returned if the record exists.
 */
ngx_int_t ngx_commerce_load_start(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_wait_t *wait,
    ngx_uint_t token);

/* 1 if the record is being loaded */
ngx_uint_t ngx_commerce_load_under_way(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name);

/* a wait leaves its queue, if it is in one */
void ngx_commerce_load_leave(ngx_commerce_wait_t *wait);

/*
 * Ends a load that source->load() began, in the same worker.
 *
 *   NGX_OK        blob is the record as ngx_commerce_write_…() wrote it;
 *                 copied
 *   NGX_DECLINED  there is no such record
 *   NGX_ERROR     it could not be learned; what is held stays
 */
void ngx_commerce_load_done(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_int_t rc, u_char *blob,
    size_t size);

/* loads under way in this worker */
ngx_uint_t ngx_commerce_load_count(ngx_commerce_tenant_t *tenant);

/* 1 if those that this worker began until then (ngx_current_msec) have ended */
ngx_uint_t ngx_commerce_load_done_until(ngx_commerce_tenant_t *tenant,
    ngx_msec_t then);

/* forgets the loads under way: the worker exits */
void ngx_commerce_load_exit_worker(ngx_commerce_tenant_t *tenant);


#endif /* _NGX_COMMERCE_LOAD_H_INCLUDED_ */
