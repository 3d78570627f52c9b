
/*
 * Who follows whom: a viewer, by his subject, and a host.  Nodes hold no such
 * records and are told of no changes: a worker asks when somebody comes, and
 * keeps the answer for a while.
 */


#ifndef _NGX_COMMERCE_FOLLOW_H_INCLUDED_
#define _NGX_COMMERCE_FOLLOW_H_INCLUDED_


#include "ngx_commerce_load.h"
#include "ngx_commerce_tenant.h"


/*
 * A yes is held for a minute; a no for a second, so that who follows then and
 * tries again is let in; that it can't be told, for a second.
 */
#define NGX_COMMERCE_FOLLOW_YES  60000
#define NGX_COMMERCE_FOLLOW_NO    1000

/*
 * Answers that a worker keeps of a tenant, of 256 bytes at most: 8 MB.  Those
 * that were not used for longest make room.
 */
#define NGX_COMMERCE_FOLLOW_MAX  32768


/* a question and its answer; the source's, from one to the other */

struct ngx_commerce_follow_s {
    ngx_rbtree_node_t       node;       /* its key is the hash of both names */
    ngx_queue_t             queue;
    ngx_queue_t             waits;
    ngx_commerce_tenant_t  *tenant;
    ngx_int_t               answer;     /* NGX_AGAIN: it is asked */
    ngx_msec_t              until;      /* it is held, by ngx_current_msec */
    ngx_str_t               host;
    ngx_str_t               subject;
    u_char                  names[1];
};


/*
 * Whether the subject follows the host.
 *
 *   NGX_OK        he does
 *   NGX_DECLINED  he does not; nor does who was given his name by an edge
 *   NGX_AGAIN     the source is asked, wait->handler will be called; then
 *                 this is called again with the same wait, and has the answer
 *   NGX_ERROR     the source is away, or can't tell
 *
 * The wait is that of the store, and may be the same; it leaves by
 * ngx_commerce_load_leave().  Equal questions are asked once.
 */
ngx_int_t ngx_commerce_follow_get(ngx_commerce_tenant_t *tenant,
    ngx_str_t *host, ngx_str_t *subject, ngx_commerce_wait_t *wait);

/*
 * The source's side: the answer to what ngx_commerce_source_t's follows() was
 * asked, never from within it.  NGX_OK, NGX_DECLINED; NGX_ERROR: it can't be
 * told.
 */
void ngx_commerce_follow_answered(ngx_commerce_follow_t *follow,
    ngx_int_t answer);

/* forgets questions and answers: the worker exits */
void ngx_commerce_follow_exit_worker(ngx_commerce_tenant_t *tenant);


#endif /* _NGX_COMMERCE_FOLLOW_H_INCLUDED_ */
