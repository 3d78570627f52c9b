
#include "ngx_commerce_redis_flush.h"
#include "ngx_commerce_status.h"
#include "ngx_commerce_zone.h"


/* ms after which a worker notices that it is exiting, or has the lease */

#define NGX_COMMERCE_FLUSH_TICK    200

/* so long an exiting worker waits for its last round at most, ms */

#define NGX_COMMERCE_FLUSH_LAST    1000


typedef struct {
    ngx_msec_t                    interval;
    ngx_commerce_redis_flush_t   *flush;      /* a worker's, or NULL */
} ngx_commerce_redis_flush_conf_t;


static void ngx_commerce_redis_flush_handler(ngx_event_t *ev);
static ngx_uint_t ngx_commerce_redis_flush_hold(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_take_over(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_turn(ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_round_start(
    ngx_commerce_redis_flush_t *flush);
static void ngx_commerce_redis_flush_lag(ngx_commerce_redis_flush_t *flush);
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
    ngx_commerce_redis_flush_t  *flush;

    flush = ev->data;

    if (ngx_commerce_redis_flush_hold(flush)) {
        ngx_commerce_redis_flush_turn(flush);
    }

    /*
     * No worker exits before a last round, if there is anything to send: at a
     * shutdown nobody else would send it.  Who held the duties may have gone
     * before this one counted its last.
     */

    ev->cancelable = ngx_exiting && !flush->holder;

    delay = ngx_min(flush->interval, NGX_COMMERCE_FLUSH_TICK);

    if (flush->round.active || flush->again.active || flush->calls) {
        delay = flush->last ? 1 : NGX_COMMERCE_FLUSH_PAUSE;
    }

    ngx_add_timer(ev, delay);
}


/* 1 if this worker is the one to flush */

static ngx_uint_t
ngx_commerce_redis_flush_hold(ngx_commerce_redis_flush_t *flush)
{
    if (ngx_exiting) {

        if (!flush->holder && !flush->last
            && ngx_commerce_ledger_marked(flush->ledger))
        {
            ngx_commerce_redis_flush_take_over(flush);
        }

        return flush->holder;
    }

    if (!ngx_commerce_lease_held(flush->tenant)) {
        flush->holder = 0;
        flush->round.active = 0;
        flush->again.active = 0;
        flush->open = 0;

        return 0;
    }

    if (!flush->holder) {
        ngx_commerce_redis_flush_take_over(flush);

        /* what the one before took the marks of may not have arrived */
        ngx_commerce_ledger_mark_all(flush->ledger);

        ngx_commerce_redis_flush_resume(flush);
    }

    return 1;
}


/* what was due goes on to be due since then */

static void
ngx_commerce_redis_flush_take_over(ngx_commerce_redis_flush_t *flush)
{
    flush->holder = 1;
    flush->clean = ngx_current_msec - flush->tenant->stats->flush_lag;
}


static void
ngx_commerce_redis_flush_turn(ngx_commerce_redis_flush_t *flush)
{
    ngx_msec_t  now;

    now = ngx_current_msec;

    if (ngx_exiting && !flush->last) {
        flush->last = 1;
        flush->hurry = 1;
        flush->deadline = now + NGX_COMMERCE_FLUSH_LAST;
    }

    if (!ngx_commerce_redis_ready(flush->tenant, NULL)
        || (flush->pause
            && (ngx_msec_int_t) (flush->paused - now) > 0))
    {
        if (ngx_exiting) {
            flush->holder = 0;
        }

        /* a new worker without a connection yet is no reason */

        if (flush->connected || flush->tenant->stats->complete == 0) {
            ngx_commerce_ledger_resend(flush->ledger);
        }

        ngx_commerce_redis_flush_lag(flush);
        return;
    }

    if (!flush->open
        && (flush->hurry || now - flush->started >= flush->interval))
    {
        flush->hurry = 0;
        ngx_commerce_redis_flush_round_start(flush);
    }

    if (flush->round.active) {
        ngx_commerce_redis_flush_slice(flush, &flush->round);
    }

    ngx_commerce_redis_flush_round_end(flush);

    if (flush->last) {

        /* the last round may not have begun: another one was not through */

        if ((!flush->open && !flush->hurry)
            || (ngx_msec_int_t) (now - flush->deadline) >= 0)
        {
            flush->holder = 0;
        }

        return;
    }

    ngx_commerce_redis_flush_again_turn(flush);
}


static void
ngx_commerce_redis_flush_round_start(ngx_commerce_redis_flush_t *flush)
{
    ngx_commerce_redis_flush_retry(flush);
    ngx_commerce_redis_flush_look(flush);

    ngx_commerce_redis_flush_walk_start(&flush->round, 1, 0, 0);

    flush->started = ngx_current_msec;
    flush->open = 1;
    flush->failed = 0;
}


void
ngx_commerce_redis_flush_round_end(ngx_commerce_redis_flush_t *flush)
{
    if (flush->open && !flush->round.active && flush->due == 0) {
        flush->open = 0;

        if (!flush->failed && !ngx_commerce_redis_flush_troubled(flush)) {
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
    if (!flush->open && !flush->failed
        && !ngx_commerce_redis_flush_troubled(flush)
        && !ngx_commerce_ledger_marked(flush->ledger))
    {
        flush->clean = ngx_current_msec;
    }

    flush->tenant->stats->flush_lag = ngx_current_msec - flush->clean;
}


static void
ngx_commerce_redis_flush_connected(ngx_commerce_tenant_t *tenant, void *data,
    ngx_commerce_redis_node_t *node)
{
    ngx_commerce_redis_flush_t *flush = data;

    ngx_str_t  *run_id;

    /* tried at once, but what was told already is told when it is over */
    flush->paused = ngx_current_msec;

    run_id = ngx_commerce_redis_run_id(node);
    flush->run = run_id->len ? ngx_murmur_hash2(run_id->data, run_id->len) : 0;

    if (flush->connected) {
        ngx_commerce_redis_flush_again(flush, NGX_COMMERCE_FLUSH_DELAY);
        return;
    }

    flush->connected = 1;

    if (flush->holder) {
        ngx_commerce_redis_flush_resume(flush);
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
    flush->ledger = tenant->ledger;
    flush->interval = fcf->interval;
    flush->started = ngx_current_msec;
    flush->clean = ngx_current_msec;
    ngx_queue_init(&flush->batches);

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

    ngx_commerce_redis_flush_forget(flush);
}
