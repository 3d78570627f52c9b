
/*
 * Flushing: what the ledger counts is sent to Redis by the one worker that
 * holds the node's duties.  What is new goes in rounds; and what Redis may
 * have lost is sent again, all of it.
 */


#include "ngx_commerce_redis_flush_send.h"
#include "ngx_commerce_status.h"
#include "ngx_commerce_zone.h"


/* ms after which a worker notices that it is exiting, or has the lease */

#define NGX_COMMERCE_FLUSH_TICK    200

/* ms between two turns, so that requests need not wait */

#define NGX_COMMERCE_FLUSH_PAUSE   10

/* so long an exiting worker waits for its last round at most, ms */

#define NGX_COMMERCE_FLUSH_LAST    1000

/* all is sent again that often, ms; what was sent in the last hour first, s */

#define NGX_COMMERCE_FLUSH_SWEEP   600000
#define NGX_COMMERCE_FLUSH_RECENT  3600

/* what is sent again waits for what is new, but not for more turns than this */

#define NGX_COMMERCE_FLUSH_WAIT    4


/* who flushes */

typedef enum {
    NGX_COMMERCE_FLUSH_OTHER = 0,      /* another worker */
    NGX_COMMERCE_FLUSH_THIS,           /* this one: it has the lease */
    NGX_COMMERCE_FLUSH_LAST_DUE,       /* this one, once more: it is exiting */
    NGX_COMMERCE_FLUSH_LAST_ROUND,     /* it does so now */
    NGX_COMMERCE_FLUSH_OVER            /* not this one any more */
} ngx_commerce_redis_flush_duty_e;


/* what became of the last round */

typedef enum {
    NGX_COMMERCE_FLUSH_SENT = 0,       /* all was sent */
    NGX_COMMERCE_FLUSH_LEFT,           /* something was left */
    NGX_COMMERCE_FLUSH_ROUND           /* it is under way */
} ngx_commerce_redis_flush_round_e;


/* how far the sending of all totals is */

typedef enum {
    NGX_COMMERCE_FLUSH_RESENT = 0,     /* it is due when it is time */
    NGX_COMMERCE_FLUSH_RESEND_RECENT,  /* what was sent lately */
    NGX_COMMERCE_FLUSH_RESEND_OLDER,   /* what was sent before that */
    NGX_COMMERCE_FLUSH_RESEND_ANSWERS  /* it waits for the last answers */
} ngx_commerce_redis_flush_resend_e;


typedef struct {
    ngx_commerce_tenant_t              *tenant;
    ngx_msec_t                          interval;
    ngx_event_t                         timer;

    ngx_commerce_redis_flush_duty_e     duty;
    ngx_msec_t                          deadline;    /* of an exiting worker */

    ngx_commerce_redis_flush_send_t     send;

    ngx_commerce_redis_flush_round_e    round;
    ngx_commerce_redis_flush_walk_t     round_walk;
    ngx_msec_t                          started;     /* of the round */
    ngx_msec_t                          clean;       /* all was sent until */
    uint32_t                            looked;      /* for lost marks */

    ngx_commerce_redis_flush_resend_e   resend;
    ngx_commerce_redis_flush_walk_t     resend_walk;
    ngx_msec_t                          resend_at;
    ngx_uint_t                          waited;      /* turns, for the round */
    uint32_t                            run;         /* a hash of Redis's, or
                                                        0: unknown */

    unsigned                            lacked:1;    /* resent: it was needed */
    unsigned                            connected:1; /* has been, once */
} ngx_commerce_redis_flush_t;


typedef struct {
    ngx_msec_t                          interval;
    ngx_commerce_redis_flush_t         *flush;       /* a worker's, or NULL */
} ngx_commerce_redis_flush_conf_t;


static void ngx_commerce_redis_flush_handler(ngx_event_t *ev);
static ngx_uint_t ngx_commerce_redis_flush_on_duty(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_leave(ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_take_over(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_stop(ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_turn(ngx_commerce_redis_flush_t *flush);
static ngx_uint_t ngx_commerce_redis_flush_possible(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_round_start(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_round_end(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_lag(ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_resend(ngx_commerce_redis_flush_t *flush,
    ngx_msec_t delay);
static void ngx_commerce_redis_flush_resend_known(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_resend_lacking(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_resend_turn(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_resend_end(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_connected(ngx_commerce_tenant_t *tenant,
    void *data, ngx_commerce_redis_node_t *node);

static void ngx_commerce_redis_flush_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static void *ngx_commerce_redis_flush_create_conf(ngx_conf_t *cf);
static char *ngx_commerce_redis_flush_init_conf(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, void *conf);
static ngx_int_t ngx_commerce_redis_flush_init_worker(
    ngx_commerce_tenant_t *tenant, ngx_cycle_t *cycle);
static void ngx_commerce_redis_flush_exit_worker(
    ngx_commerce_tenant_t *tenant, ngx_cycle_t *cycle);


static ngx_command_t  ngx_commerce_redis_flush_commands[] = {

    { ngx_string("flush"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      0,
      offsetof(ngx_commerce_redis_flush_conf_t, interval),
      NULL },

      ngx_null_command
};


static ngx_commerce_module_t  ngx_commerce_redis_flush_module_ctx = {
    ngx_commerce_redis_flush_create_conf,
    ngx_commerce_redis_flush_init_conf,
    ngx_commerce_redis_flush_init_worker,
    ngx_commerce_redis_flush_exit_worker
};


ngx_module_t  ngx_commerce_redis_flush_module = {
    NGX_MODULE_V1,
    &ngx_commerce_redis_flush_module_ctx,  /* module context */
    ngx_commerce_redis_flush_commands,     /* module directives */
    NGX_COMMERCE_MODULE,                   /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_commerce_status_part_t  ngx_commerce_redis_flush_part = {
    "flush", ngx_commerce_redis_flush_status
};


static void
ngx_commerce_redis_flush_handler(ngx_event_t *ev)
{
    ngx_msec_t                   delay;
    ngx_uint_t                   on_duty;
    ngx_commerce_redis_flush_t  *flush;

    flush = ev->data;

    if (ngx_commerce_redis_flush_on_duty(flush)) {
        ngx_commerce_redis_flush_turn(flush);
    }

    on_duty = flush->duty != NGX_COMMERCE_FLUSH_OTHER
              && flush->duty != NGX_COMMERCE_FLUSH_OVER;

    /*
     * No worker exits before a last round, if there is anything to send: at a
     * shutdown nobody else would send it.  Who held the duties may have gone
     * before this one counted its last.
     */

    ev->cancelable = ngx_exiting && !on_duty;

    delay = ngx_min(flush->interval, NGX_COMMERCE_FLUSH_TICK);

    if (flush->round_walk.active || flush->resend_walk.active
        || flush->send.calls)
    {
        delay = ngx_exiting && on_duty ? 1 : NGX_COMMERCE_FLUSH_PAUSE;
    }

    ngx_add_timer(ev, delay);
}


/* 1 if this worker is the one to flush */

static ngx_uint_t
ngx_commerce_redis_flush_on_duty(ngx_commerce_redis_flush_t *flush)
{
    if (ngx_exiting) {
        ngx_commerce_redis_flush_leave(flush);

        return flush->duty == NGX_COMMERCE_FLUSH_LAST_DUE
               || flush->duty == NGX_COMMERCE_FLUSH_LAST_ROUND;
    }

    if (!ngx_commerce_lease_held(flush->tenant)) {
        ngx_commerce_redis_flush_stop(flush);
        return 0;
    }

    if (flush->duty == NGX_COMMERCE_FLUSH_OTHER) {
        ngx_commerce_redis_flush_take_over(flush);

        /* what the one before took the marks of may not have arrived */
        ngx_commerce_ledger_mark_all(flush->tenant->ledger);

        ngx_commerce_redis_flush_resend_known(flush);
    }

    return 1;
}


/* an exiting worker sends what there is once more */

static void
ngx_commerce_redis_flush_leave(ngx_commerce_redis_flush_t *flush)
{
    if (flush->duty == NGX_COMMERCE_FLUSH_OTHER
        && ngx_commerce_ledger_marked(flush->tenant->ledger))
    {
        ngx_commerce_redis_flush_take_over(flush);
    }

    if (flush->duty == NGX_COMMERCE_FLUSH_THIS) {
        flush->duty = NGX_COMMERCE_FLUSH_LAST_DUE;
        flush->deadline = ngx_current_msec + NGX_COMMERCE_FLUSH_LAST;
    }
}


/* what was due goes on to be due since then */

static void
ngx_commerce_redis_flush_take_over(ngx_commerce_redis_flush_t *flush)
{
    flush->duty = NGX_COMMERCE_FLUSH_THIS;
    flush->clean = ngx_current_msec - flush->tenant->stats->flush_lag;
}


static void
ngx_commerce_redis_flush_stop(ngx_commerce_redis_flush_t *flush)
{
    flush->duty = NGX_COMMERCE_FLUSH_OTHER;
    flush->round = NGX_COMMERCE_FLUSH_LEFT;
    flush->round_walk.active = 0;
    flush->resend = NGX_COMMERCE_FLUSH_RESENT;
    flush->resend_walk.active = 0;
}


static void
ngx_commerce_redis_flush_turn(ngx_commerce_redis_flush_t *flush)
{
    ngx_msec_t  now;

    now = ngx_current_msec;

    if (!ngx_commerce_redis_flush_possible(flush)) {

        if (ngx_exiting) {
            flush->duty = NGX_COMMERCE_FLUSH_OVER;
        }

        ngx_commerce_redis_flush_lag(flush);
        return;
    }

    if (flush->round != NGX_COMMERCE_FLUSH_ROUND
        && (flush->duty == NGX_COMMERCE_FLUSH_LAST_DUE
            || now - flush->started >= flush->interval))
    {
        ngx_commerce_redis_flush_round_start(flush);
    }

    if (flush->round_walk.active) {
        ngx_commerce_redis_flush_send_turn(&flush->send, &flush->round_walk);
    }

    ngx_commerce_redis_flush_round_end(flush);
    ngx_commerce_redis_flush_resend_lacking(flush);

    if (!ngx_exiting) {
        ngx_commerce_redis_flush_resend_turn(flush);
        return;
    }

    /* the last round may not have begun: another one was not through */

    if ((flush->duty == NGX_COMMERCE_FLUSH_LAST_ROUND
         && flush->round != NGX_COMMERCE_FLUSH_ROUND)
        || (ngx_msec_int_t) (now - flush->deadline) >= 0)
    {
        flush->duty = NGX_COMMERCE_FLUSH_OVER;
    }
}


/* 1 if Redis can be told; if not, it may lose what it acknowledged before */

static ngx_uint_t
ngx_commerce_redis_flush_possible(ngx_commerce_redis_flush_t *flush)
{
    if (!ngx_commerce_redis_ready(flush->tenant, NULL)) {

        /* a new worker without a connection yet is no reason */

        if (flush->connected || flush->tenant->stats->complete == 0) {
            ngx_commerce_ledger_resend(flush->tenant->ledger);
        }

        return 0;
    }

    if (ngx_commerce_redis_flush_send_paused(&flush->send)) {

        /* as a master does that became a replica */
        ngx_commerce_redis_flush_resend(flush, NGX_COMMERCE_FLUSH_DELAY);

        return 0;
    }

    return 1;
}


static void
ngx_commerce_redis_flush_round_start(ngx_commerce_redis_flush_t *flush)
{
    ngx_commerce_redis_flush_send_retry(&flush->send);
    ngx_commerce_redis_flush_walk_mark(flush->tenant->ledger, &flush->looked);

    ngx_commerce_redis_flush_walk_marked(&flush->round_walk);

    flush->round = NGX_COMMERCE_FLUSH_ROUND;
    flush->started = ngx_current_msec;
    flush->send.unsent = 0;

    if (flush->duty == NGX_COMMERCE_FLUSH_LAST_DUE) {
        flush->duty = NGX_COMMERCE_FLUSH_LAST_ROUND;
    }
}


static void
ngx_commerce_redis_flush_round_end(ngx_commerce_redis_flush_t *flush)
{
    if (flush->round == NGX_COMMERCE_FLUSH_ROUND
        && !flush->round_walk.active
        && flush->send.due == 0)
    {
        flush->round = NGX_COMMERCE_FLUSH_LEFT;

        if (!flush->send.unsent
            && !ngx_commerce_redis_flush_send_troubled(&flush->send))
        {
            flush->round = NGX_COMMERCE_FLUSH_SENT;
            flush->clean = flush->started;
            flush->tenant->stats->flush_lag = 0;
            return;
        }
    }

    ngx_commerce_redis_flush_lag(flush);
}


static void
ngx_commerce_redis_flush_lag(ngx_commerce_redis_flush_t *flush)
{
    if (flush->round == NGX_COMMERCE_FLUSH_SENT
        && !ngx_commerce_redis_flush_send_troubled(&flush->send)
        && !ngx_commerce_ledger_marked(flush->tenant->ledger))
    {
        flush->clean = ngx_current_msec;
    }

    flush->tenant->stats->flush_lag = ngx_current_msec - flush->clean;
}


/*
 * Redis may have gone back to an earlier state, with the counts and with what
 * of each cell is in them: the totals bring both up to date, within about
 * delay ms.
 */

static void
ngx_commerce_redis_flush_resend(ngx_commerce_redis_flush_t *flush,
    ngx_msec_t delay)
{
    flush->resend = NGX_COMMERCE_FLUSH_RESENT;
    flush->resend_walk.active = 0;

    if (flush->duty != NGX_COMMERCE_FLUSH_OTHER
        && delay < NGX_COMMERCE_FLUSH_SWEEP)
    {
        flush->tenant->stats->complete = 0;
        ngx_commerce_ledger_resend(flush->tenant->ledger);
    }

    /* nodes that hear of one event are not to send all at once */

    flush->resend_at = ngx_current_msec + delay / 2
                       + (ngx_msec_t) ngx_random() % delay;
}


/*
 * Goes on where another worker left off.  After a reload that need not be
 * sending all again.
 */

static void
ngx_commerce_redis_flush_resend_known(ngx_commerce_redis_flush_t *flush)
{
    ngx_uint_t  known;

    known = flush->run != 0 && flush->run == flush->tenant->stats->complete;

    /* who has no connection yet comes here again with it */

    ngx_commerce_redis_flush_resend(flush, known || !flush->connected
                                           ? NGX_COMMERCE_FLUSH_SWEEP
                                           : NGX_COMMERCE_FLUSH_DELAY);
}


static void
ngx_commerce_redis_flush_resend_lacking(ngx_commerce_redis_flush_t *flush)
{
    if (!flush->send.lacking) {
        return;
    }

    flush->send.lacking = 0;
    flush->lacked = 1;
    flush->tenant->stats->complete = 0;

    if (flush->resend == NGX_COMMERCE_FLUSH_RESENT
        && (ngx_msec_int_t) (flush->resend_at - ngx_current_msec)
           > 2 * NGX_COMMERCE_FLUSH_DELAY)
    {
        ngx_log_error(NGX_LOG_WARN, flush->tenant->log, 0,
                      "commerce: Redis has lost counts: all totals are sent "
                      "again");

        ngx_commerce_redis_flush_resend(flush, NGX_COMMERCE_FLUSH_DELAY);
    }
}


/* sends some of them again, if it is time */

static void
ngx_commerce_redis_flush_resend_turn(ngx_commerce_redis_flush_t *flush)
{
    time_t  now;

    now = ngx_time();

    if (flush->resend == NGX_COMMERCE_FLUSH_RESEND_ANSWERS) {
        ngx_commerce_redis_flush_resend_end(flush);
        return;
    }

    if (flush->round_walk.active
        && ++flush->waited < NGX_COMMERCE_FLUSH_WAIT)
    {
        /* what was never sent goes first */
        return;
    }

    flush->waited = 0;

    if (flush->resend == NGX_COMMERCE_FLUSH_RESENT) {

        if ((ngx_msec_int_t) (flush->resend_at - ngx_current_msec) > 0) {
            return;
        }

        flush->resend = NGX_COMMERCE_FLUSH_RESEND_RECENT;
        flush->lacked = 0;

        ngx_commerce_redis_flush_walk_all(&flush->resend_walk,
                                          now - NGX_COMMERCE_FLUSH_RECENT,
                                          NGX_MAX_UINT32_VALUE);
    }

    ngx_commerce_redis_flush_send_turn(&flush->send, &flush->resend_walk);

    if (flush->resend_walk.active) {
        return;
    }

    if (flush->resend == NGX_COMMERCE_FLUSH_RESEND_OLDER) {
        flush->resend = NGX_COMMERCE_FLUSH_RESEND_ANSWERS;
        return;
    }

    flush->resend = NGX_COMMERCE_FLUSH_RESEND_OLDER;

    ngx_commerce_redis_flush_walk_all(&flush->resend_walk,
                                      now - NGX_COMMERCE_FLUSH_OLDEST,
                                      now - NGX_COMMERCE_FLUSH_RECENT);
}


/* what was lost on the way may have been lost behind it, too */

static void
ngx_commerce_redis_flush_resend_end(ngx_commerce_redis_flush_t *flush)
{
    if (flush->send.calls > flush->send.due) {
        return;
    }

    if (flush->lacked) {
        ngx_commerce_redis_flush_resend(flush, NGX_COMMERCE_FLUSH_DELAY);
        return;
    }

    flush->tenant->stats->complete = flush->run;
    ngx_commerce_ledger_resent(flush->tenant->ledger);

    ngx_commerce_redis_flush_resend(flush, NGX_COMMERCE_FLUSH_SWEEP);
}


static void
ngx_commerce_redis_flush_connected(ngx_commerce_tenant_t *tenant, void *data,
    ngx_commerce_redis_node_t *node)
{
    ngx_commerce_redis_flush_t *flush = data;

    ngx_str_t  *run_id;

    ngx_commerce_redis_flush_send_try(&flush->send);

    run_id = ngx_commerce_redis_run_id(node);
    flush->run = run_id->len ? ngx_murmur_hash2(run_id->data, run_id->len) : 0;

    if (flush->connected) {
        ngx_commerce_redis_flush_resend(flush, NGX_COMMERCE_FLUSH_DELAY);
        return;
    }

    flush->connected = 1;

    if (flush->duty != NGX_COMMERCE_FLUSH_OTHER) {
        ngx_commerce_redis_flush_resend_known(flush);
    }
}


static void
ngx_commerce_redis_flush_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_stats_t  *stats;

    stats = tenant->stats;

    ngx_commerce_status_number(status, "lag_ms", stats->flush_lag);
    ngx_commerce_status_number(status, "calls", stats->flush_calls);
    ngx_commerce_status_number(status, "cells", stats->flushed);
    ngx_commerce_status_number(status, "errors", stats->flush_errors);
}


static void *
ngx_commerce_redis_flush_create_conf(ngx_conf_t *cf)
{
    ngx_commerce_redis_flush_conf_t  *fcf;

    if (ngx_commerce_status_add(cf, &ngx_commerce_redis_flush_part) != NGX_OK)
    {
        return NULL;
    }

    fcf = ngx_pcalloc(cf->pool, sizeof(ngx_commerce_redis_flush_conf_t));
    if (fcf == NULL) {
        return NULL;
    }

    fcf->interval = NGX_CONF_UNSET_MSEC;

    return fcf;
}


static char *
ngx_commerce_redis_flush_init_conf(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, void *conf)
{
    ngx_commerce_redis_flush_conf_t  *fcf = conf;

    ngx_conf_init_msec_value(fcf->interval, 1000);

    if (fcf->interval == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"flush\" must not be zero");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_commerce_redis_flush_init_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_commerce_redis_flush_t       *flush;
    ngx_commerce_redis_flush_conf_t  *fcf;

    fcf = ngx_commerce_get_conf(tenant, ngx_commerce_redis_flush_module);

    flush = ngx_pcalloc(cycle->pool, sizeof(ngx_commerce_redis_flush_t));
    if (flush == NULL) {
        return NGX_ERROR;
    }

    fcf->flush = flush;

    flush->tenant = tenant;
    flush->interval = fcf->interval;
    flush->started = ngx_current_msec;
    flush->clean = ngx_current_msec;
    ngx_commerce_redis_flush_send_init(&flush->send, tenant);

    flush->timer.handler = ngx_commerce_redis_flush_handler;
    flush->timer.data = flush;
    flush->timer.log = cycle->log;

    ngx_add_timer(&flush->timer,
                  ngx_min(flush->interval, NGX_COMMERCE_FLUSH_TICK));

    return ngx_commerce_redis_on_connect(tenant,
                                         ngx_commerce_redis_flush_connected,
                                         flush);
}


static void
ngx_commerce_redis_flush_exit_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_commerce_redis_flush_t       *flush;
    ngx_commerce_redis_flush_conf_t  *fcf;

    fcf = ngx_commerce_get_conf(tenant, ngx_commerce_redis_flush_module);
    flush = fcf->flush;

    if (flush == NULL) {
        return;
    }

    if (flush->timer.timer_set) {
        ngx_del_timer(&flush->timer);
    }

    ngx_commerce_redis_flush_send_cancel(&flush->send);
}
