
/*
 * Watches: whoever acts on changes asks, in his worker, to be called when a
 * record, or a counter in shared memory, has changed.
 *
 * One process can't wake another: of descriptors that both would have, modules
 * of nginx get none (its channel is the master's alone), and workers of two
 * configurations would have to share them.  So one timer in each worker reads
 * the counters, one atomic read for each record that is watched, however many
 * watch it.
 */


#ifndef _NGX_COMMERCE_WATCH_H_INCLUDED_
#define _NGX_COMMERCE_WATCH_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_tenant.h"


typedef struct ngx_commerce_watch_s    ngx_commerce_watch_t;
typedef struct ngx_commerce_watched_s  ngx_commerce_watched_t;


/*
 * It belongs to the caller, who zeroes it, sets handler and data, and keeps it
 * until he has ended it.
 *
 * The handler is called by the event loop, never from within these functions:
 * within 100 ms of when the watch began, and of each change, once for several;
 * also now and then when nothing has changed.  It may begin and end watches,
 * its own too.
 */

struct ngx_commerce_watch_s {
    ngx_queue_t              queue;      /* private */
    ngx_commerce_watched_t  *watched;    /* private; NULL: ended */
    void                   (*handler)(void *data);
    void                    *data;
};


/*
 * Watches a record.  As long as it is watched it is kept current: it is loaded
 * again when it went stale, and every second while nobody tells of changes.
 * NGX_OK; NGX_ERROR: out of memory, or it breaks the rules for names.
 */
ngx_int_t ngx_commerce_watch_record(ngx_commerce_watch_t *watch,
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name);

/*
 * Watches a counter, which has to be there as long.  NGX_OK; NGX_ERROR: out of
 * memory.
 */
ngx_int_t ngx_commerce_watch_counter(ngx_commerce_watch_t *watch,
    ngx_atomic_t *counter);

/* its handler is not called any more; does nothing if it has ended */
void ngx_commerce_watch_end(ngx_commerce_watch_t *watch);

/* this worker has changed something: its watches need not wait for the timer */
void ngx_commerce_watch_soon(void);


#endif /* _NGX_COMMERCE_WATCH_H_INCLUDED_ */
