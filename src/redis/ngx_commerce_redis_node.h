
/*
 * A node of Redis as a worker knows it: the connection to it, the calls that
 * wait for it or for its answers, its clock, and the heartbeat that tells
 * whether it answers.
 */


#ifndef _NGX_COMMERCE_REDIS_NODE_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_NODE_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_call.h"
#include "ngx_commerce_redis_clock.h"
#include "ngx_commerce_redis_conn.h"
#include "ngx_commerce_timer.h"


typedef struct {
    ngx_commerce_timer_t          timer;
    ngx_commerce_redis_call_t    *call;
    int64_t                       wall;     /* us, when it was sent */
    int64_t                       steady;   /* the same */
    ngx_msec_t                    sent;     /* ngx_current_msec */
    ngx_msec_t                    answered; /* all that was sent until then */
    ngx_commerce_redis_call_t    *schema;   /* asks for it */
} ngx_commerce_redis_heartbeat_t;


struct ngx_commerce_redis_node_s {
    ngx_commerce_redis_conn_t        conn;

    /* the owner's: the connection is there (again) */
    void                           (*ready)(ngx_commerce_redis_node_t *node);

    ngx_queue_t                      waiting;   /* calls not yet sent */
    ngx_queue_t                      pending;   /* sent; answers come in
                                                   order */
    ngx_uint_t                       ncalls;    /* in both */

    ngx_msec_t                       left;      /* a replica; 0: never */

    ngx_commerce_redis_clock_t       clock;
    ngx_commerce_redis_heartbeat_t   beat;

    unsigned                         answering:1; /* a handler is called */
    unsigned                         rejected:1;  /* by that handler */
    unsigned                         leaving:1; /* once the pending calls are
                                                   answered */
};


/* opens the connection for good; the caller zeroed it and set ready */
void ngx_commerce_redis_node_open(ngx_commerce_redis_node_t *node,
    ngx_commerce_tenant_t *tenant);

/* the handlers of its calls are not called */
void ngx_commerce_redis_node_close(ngx_commerce_redis_node_t *node);

/* 1 if the connection is established and answers */
ngx_uint_t ngx_commerce_redis_node_ready(ngx_commerce_redis_node_t *node);

/* 0 if it is known to be away, or too many calls wait */
ngx_uint_t ngx_commerce_redis_node_takes_calls(
    ngx_commerce_redis_node_t *node);

/*
 * Sends a call, or has it wait for the connection.  The call; or NULL: out of
 * memory, it is freed.  NULL is passed on.
 */
ngx_commerce_redis_call_t *ngx_commerce_redis_node_call(
    ngx_commerce_redis_node_t *node, ngx_commerce_redis_call_t *call);

/* a command for this very node; see ngx_commerce_redis_command() */
ngx_commerce_redis_call_t *ngx_commerce_redis_node_command(
    ngx_commerce_redis_node_t *node, ngx_uint_t argc, ngx_str_t *argv,
    ngx_commerce_redis_handler_pt handler, void *data);

/* the call's handler will not be called */
void ngx_commerce_redis_node_cancel(ngx_commerce_redis_call_t *call);

/* the reply whose handler runs is none to its call: see the client's */
void ngx_commerce_redis_node_reject_reply(ngx_commerce_redis_node_t *node);


#endif /* _NGX_COMMERCE_REDIS_NODE_H_INCLUDED_ */
