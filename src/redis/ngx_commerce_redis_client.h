
/*
 * The client of a worker: its connection for commands, the calls made over
 * it, and the heartbeat that tells whether Redis answers, how fast, and what
 * its clock says.
 */


#ifndef _NGX_COMMERCE_REDIS_CLIENT_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CLIENT_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_conn.h"


/* one look at Redis's clock; us */

typedef struct {
    int64_t                      offset;    /* Redis's clock - ours */
    int64_t                      trip;      /* of the question and answer */
} ngx_commerce_redis_clock_t;


#define NGX_COMMERCE_REDIS_CLOCKS  8


struct ngx_commerce_redis_client_s {
    ngx_commerce_redis_conn_t    conn;

    ngx_queue_t                  waiting;   /* calls not yet sent */
    ngx_queue_t                  pending;   /* sent; answers come in order */
    ngx_uint_t                   ncalls;    /* in both */
    unsigned                     astray:1;  /* an answer to something else */

    ngx_msec_t                   left;      /* a replica; 0: never */
    unsigned                     leaving:1; /* once the pending are answered */

    ngx_event_t                  beat;      /* timer */
    ngx_commerce_redis_call_t   *beat_call;
    int64_t                      beat_wall; /* us, when it was sent */
    int64_t                      beat_steady;
    ngx_msec_t                   beat_sent; /* ngx_current_msec */
    ngx_msec_t                   answered;  /* what was sent until then */

    ngx_commerce_redis_clock_t   clocks[NGX_COMMERCE_REDIS_CLOCKS];
    ngx_uint_t                   nclocks;
};


struct ngx_commerce_redis_call_s {
    ngx_queue_t                     queue;
    ngx_commerce_redis_client_t    *client;
    ngx_commerce_redis_handler_pt   handler;  /* NULL: nobody wants to know */
    void                           *data;
    ngx_commerce_redis_script_t    *script;   /* as long as its SHA is used */
    ngx_uint_t                      nargs;    /* of EVALSHA or EVAL */

    u_char                         *bytes;    /* kept while needed again */
    size_t                          len;

    unsigned                        sent:1;
    unsigned                        ended:1;  /* its handler runs */
};


/* in each worker; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_redis_client_open(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);
void ngx_commerce_redis_client_close(ngx_commerce_tenant_t *tenant);


/*
 * Sends a call while the connection is ready.  NGX_OK: it is among those that
 * wait for an answer; NGX_ERROR: out of memory, it is in no queue.
 */
ngx_int_t ngx_commerce_redis_call_send(ngx_commerce_redis_call_t *call);

/* has a script's call be sent with the text next; NGX_OK, NGX_ERROR */
ngx_int_t ngx_commerce_redis_call_use_text(ngx_commerce_redis_call_t *call);

/* calls the handler of a call that is in no queue, and frees the call */
void ngx_commerce_redis_call_end(ngx_commerce_redis_call_t *call,
    redisReply *reply);

/*
 * Ends calls without an answer.  Those that their handlers make meanwhile
 * are not among them.
 */
void ngx_commerce_redis_calls_end(ngx_queue_t *calls);

/* forgets calls: no handler is called */
void ngx_commerce_redis_calls_free(ngx_queue_t *calls);


void ngx_commerce_redis_heartbeat_start(ngx_commerce_redis_client_t *client);
void ngx_commerce_redis_heartbeat_stop(ngx_commerce_redis_client_t *client);

/* asks now; does nothing if the answer to the last question is due */
void ngx_commerce_redis_heartbeat_send(ngx_commerce_redis_client_t *client);


#endif /* _NGX_COMMERCE_REDIS_CLIENT_H_INCLUDED_ */
