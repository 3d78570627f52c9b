
/*
 * One connection to Redis: it connects, introduces itself, passes replies on,
 * notices silence, and connects again, until it is closed.
 */


#ifndef _NGX_COMMERCE_REDIS_CONN_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CONN_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_conf.h"
#include "ngx_commerce_redis_reader.h"
#include "ngx_commerce_redis_schema.h"
#include "ngx_commerce_timer.h"


typedef enum {
    NGX_COMMERCE_REDIS_CLOSED = 0,
    NGX_COMMERCE_REDIS_WAITING,        /* for the next attempt */
    NGX_COMMERCE_REDIS_CONNECTING,
    NGX_COMMERCE_REDIS_HANDSHAKE,
    NGX_COMMERCE_REDIS_READY
} ngx_commerce_redis_state_e;


typedef struct ngx_commerce_redis_conn_s  ngx_commerce_redis_conn_t;


/* whose connection it is; none of these may close it */

typedef struct {
    const char   *name;                /* for the log */

    void        (*ready)(ngx_commerce_redis_conn_t *conn);

    /*
     * A reply, freed afterwards.  NGX_OK; or NGX_ERROR: it makes no sense
     * (conn->reason may say why), the connection is given up.
     */
    ngx_int_t   (*reply)(ngx_commerce_redis_conn_t *conn, redisReply *reply);

    /* an established connection, or an attempt to have one, has ended */
    void        (*lost)(ngx_commerce_redis_conn_t *conn);

    ngx_uint_t    data;                /* 1: it deals with them; 0: listens */
} ngx_commerce_redis_owner_t;


struct ngx_commerce_redis_conn_s {
    void                              *data;     /* the owner's */
    ngx_commerce_tenant_t             *tenant;
    ngx_commerce_redis_conf_t         *conf;
    const ngx_commerce_redis_owner_t  *owner;
    ngx_commerce_redis_state_e         state;

    ngx_connection_t                  *connection;
    ngx_log_t                          log;      /* the connection's: quiet */
    ngx_commerce_timer_t               timer;    /* attempt, answer, backoff */
    ngx_event_t                        flush;    /* posted: bytes to be sent */
    ngx_commerce_redis_reader_t        reader;

    u_char                            *out;      /* not yet sent: */
    size_t                             out_pos;  /* from here */
    size_t                             out_len;  /* to here */
    size_t                             out_size;

    ngx_msec_t                         deadline; /* an answer is due by then */
    ngx_msec_t                         since;    /* ready */
    ngx_uint_t                         addr;     /* of conf->addrs, used next */
    ngx_uint_t                         refusals; /* by addresses, in a row */
    ngx_uint_t                         failures; /* since it was steady */
    ngx_uint_t                         step;     /* of the handshake */

    ngx_commerce_redis_schema_t        schema;   /* of its data */

    ngx_str_t                          run_id;
    u_char                             run_id_buf[64];

    ngx_err_t                          err;      /* of NGX_ERROR, if any */
    u_char                             reason[256];  /* the same; a text */

    unsigned                           expects:1;   /* deadline counts */
    unsigned                           away:1;   /* the last attempt failed */
    unsigned                           steady:1; /* has proved itself */
    unsigned                           known:1;  /* was ready once */
    unsigned                           reported:1;  /* the loss is logged */
};


/*
 * Opens it for good; the caller zeroed it and set data, tenant, conf and
 * owner.
 */
void ngx_commerce_redis_conn_open(ngx_commerce_redis_conn_t *conn);

/* the owner's lost() is not called */
void ngx_commerce_redis_conn_close(ngx_commerce_redis_conn_t *conn);

/*
 * Sends a command soon; what is sent in one go goes out together.  NGX_OK or
 * NGX_ERROR: out of memory.  Only while it is ready.
 */
ngx_int_t ngx_commerce_redis_conn_send(ngx_commerce_redis_conn_t *conn,
    u_char *data, size_t len);

ngx_int_t ngx_commerce_redis_conn_command(ngx_commerce_redis_conn_t *conn,
    ngx_uint_t argc, ngx_str_t *argv);

/* while it is ready: an answer is due by deadline (ngx_current_msec) */
void ngx_commerce_redis_conn_expect(ngx_commerce_redis_conn_t *conn,
    ngx_msec_t deadline);

/* no answer is due */
void ngx_commerce_redis_conn_expect_nothing(ngx_commerce_redis_conn_t *conn);

/* whether a worker that is told to quit stays for what comes of it */
void ngx_commerce_redis_conn_keep(ngx_commerce_redis_conn_t *conn,
    ngx_uint_t keep);

/*
 * Redis has answered as it should: once this connection is old enough its
 * loss, if one was logged, is over, and the next attempts won't be held back.
 */
void ngx_commerce_redis_conn_proved(ngx_commerce_redis_conn_t *conn);

/* logs the loss, unless it is known, and has another attempt made */
void ngx_commerce_redis_conn_fail(ngx_commerce_redis_conn_t *conn,
    ngx_err_t err, const char *why);


#endif /* _NGX_COMMERCE_REDIS_CONN_H_INCLUDED_ */
