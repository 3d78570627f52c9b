
/*
 * Loads records from Redis for the store: a room with its shelf, cues and
 * claim as one snapshot; the other kinds by one command each.
 */

#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_claim.h"
#include "ngx_commerce_redis_out.h"
#include "ngx_commerce_redis_period.h"
#include "ngx_commerce_redis_follow.h"
#include "ngx_commerce_redis_past.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_redis_record.h"
#include "ngx_commerce_store.h"


/* times that an hour's shows may change while it is loaded */
#define NGX_COMMERCE_REDIS_LOAD_AGAIN  4

/* those under way: the conf of the module */
#define ngx_commerce_redis_loads(tenant)                                      \
    ((ngx_queue_t *) ngx_commerce_get_conf(tenant,                            \
                                           ngx_commerce_redis_load_module))


typedef struct {
    ngx_queue_t               queue;
    ngx_pool_t               *pool;
    ngx_commerce_tenant_t    *tenant;
    ngx_commerce_kind_e       kind;
    ngx_str_t                 name;
    ngx_commerce_out_t       *base;      /* what changes are asked for of */
    ngx_uint_t                again;     /* times that it was asked with other
                                            keys */
} ngx_commerce_redis_load_t;


extern ngx_module_t  ngx_commerce_redis_load_module;


static void *ngx_commerce_redis_load_create_conf(ngx_conf_t *cf);
static char *ngx_commerce_redis_load_init_conf(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, void *conf);
static ngx_int_t ngx_commerce_redis_load(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name);
static ngx_commerce_redis_call_t *ngx_commerce_redis_load_record(
    ngx_commerce_redis_load_t *load);
static ngx_commerce_redis_call_t *ngx_commerce_redis_load_room(
    ngx_commerce_redis_load_t *load);
static ngx_commerce_redis_call_t *ngx_commerce_redis_load_one(
    ngx_commerce_redis_load_t *load);
static ngx_commerce_redis_call_t *ngx_commerce_redis_load_out(
    ngx_commerce_redis_load_t *load);
static void ngx_commerce_redis_load_done(void *data, redisReply *reply);
static void ngx_commerce_redis_load_exit_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);


static ngx_commerce_source_t  ngx_commerce_redis_source = {
    ngx_commerce_redis_load,
    ngx_commerce_redis_claim,
    ngx_commerce_redis_claim_release,
    ngx_commerce_redis_follow
};


static ngx_command_t  ngx_commerce_redis_load_commands[] = {
      ngx_null_command
};


static ngx_commerce_module_t  ngx_commerce_redis_load_module_ctx = {
    ngx_commerce_redis_load_create_conf,
    ngx_commerce_redis_load_init_conf,
    NULL,
    ngx_commerce_redis_load_exit_worker
};


ngx_module_t  ngx_commerce_redis_load_module = {
    NGX_MODULE_V1,
    &ngx_commerce_redis_load_module_ctx,   /* module context */
    ngx_commerce_redis_load_commands,      /* module directives */
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


static void *
ngx_commerce_redis_load_create_conf(ngx_conf_t *cf)
{
    ngx_queue_t  *loads;

    loads = ngx_palloc(cf->pool, sizeof(ngx_queue_t));
    if (loads == NULL) {
        return NULL;
    }

    ngx_queue_init(loads);

    return loads;
}


static char *
ngx_commerce_redis_load_init_conf(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, void *conf)
{
    tenant->source = &ngx_commerce_redis_source;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_commerce_redis_load(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_pool_t                 *pool;
    ngx_commerce_redis_call_t  *call;
    ngx_commerce_redis_load_t  *load;

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    call = NULL;
    load = ngx_palloc(pool, sizeof(ngx_commerce_redis_load_t));

    if (load) {
        load->pool = pool;
        load->tenant = tenant;
        load->kind = kind;
        load->base = NULL;
        load->again = 0;
        load->name.len = name->len;
        load->name.data = ngx_pstrdup(pool, name);

        if (load->name.data) {
            call = ngx_commerce_redis_load_record(load);
        }
    }

    if (call == NULL) {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

    ngx_queue_insert_tail(ngx_commerce_redis_loads(tenant), &load->queue);

    return NGX_OK;
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_load_record(ngx_commerce_redis_load_t *load)
{
    void  *held;

    if (load->kind == NGX_COMMERCE_HOUR) {
        return ngx_commerce_redis_past(load->tenant, &load->name, NULL,
                                       ngx_commerce_redis_load_done, load);
    }

    if (ngx_commerce_redis_kinds[load->kind].load == NULL) {
        return ngx_commerce_redis_load_room(load);
    }

    if (load->kind == NGX_COMMERCE_OUT
        && ngx_commerce_store_held(load->tenant, load->kind, &load->name,
                                   &held)
           == NGX_OK
        && ngx_commerce_store_hold(held, load->pool) == NGX_OK)
    {
        load->base = held;
        return ngx_commerce_redis_load_out(load);
    }

    return ngx_commerce_redis_load_one(load);
}


/* who is out of a room may be many: what has changed is mostly one */

static ngx_commerce_redis_call_t *
ngx_commerce_redis_load_out(ngx_commerce_redis_load_t *load)
{
    u_char              version[NGX_INT64_LEN], born[NGX_INT64_LEN];
    ngx_str_t           argv[4];

    static const char  *suffix[] = { ":out", ":out:changes" };

    if (ngx_commerce_redis_room_keys(load->tenant, load->pool, &load->name,
                                     suffix, 2, argv)
        != NGX_OK)
    {
        return NULL;
    }

    argv[2].data = version;
    argv[2].len = ngx_sprintf(version, "%L", load->base->version) - version;
    argv[3].data = born;
    argv[3].len = ngx_sprintf(born, "%L", load->base->born) - born;

    return ngx_commerce_redis_eval(load->tenant,
                                   &ngx_commerce_redis_script_out_load, 2, 4,
                                   argv, ngx_commerce_redis_load_done, load);
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_load_room(ngx_commerce_redis_load_t *load)
{
    ngx_str_t           argv[9];

    static const char  *suffix[] = { "", ":shelf", ":cues", ":live",
                                     ":shows", ":periods" };

    if (ngx_commerce_redis_room_keys(load->tenant, load->pool, &load->name,
                                     suffix, 6, argv)
        != NGX_OK)
    {
        return NULL;
    }

    ngx_str_set(&argv[6], ngx_value(NGX_COMMERCE_REDIS_SHELF_MAX));
    ngx_str_set(&argv[7], ngx_value(NGX_COMMERCE_REDIS_CUES_MAX));
    ngx_str_set(&argv[8], ngx_value(NGX_COMMERCE_REDIS_PERIODS_MAX));

    return ngx_commerce_redis_eval(load->tenant,
                                   &ngx_commerce_redis_script_room_load,
                                   6, 9, argv, ngx_commerce_redis_load_done,
                                   load);
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_load_one(ngx_commerce_redis_load_t *load)
{
    ngx_str_t  argv[2];

    argv[0].data = (u_char *) ngx_commerce_redis_kinds[load->kind].load;
    argv[0].len = ngx_strlen(argv[0].data);
    argv[1] = ngx_commerce_redis_record_name(load->tenant, load->pool,
                                             load->kind, &load->name);

    if (argv[1].data == NULL) {
        return NULL;
    }

    return ngx_commerce_redis_command(load->tenant, &argv[1], 2, argv,
                                      ngx_commerce_redis_load_done, load);
}


static void
ngx_commerce_redis_load_done(void *data, redisReply *reply)
{
    ngx_commerce_redis_load_t *load = data;

    ngx_int_t               rc;
    ngx_commerce_writer_t   w;

    if (reply && load->kind == NGX_COMMERCE_HOUR
        && ngx_commerce_redis_past_is_of_shows(reply)
        && load->again++ < NGX_COMMERCE_REDIS_LOAD_AGAIN
        && ngx_commerce_redis_past(load->tenant, &load->name, reply,
                                   ngx_commerce_redis_load_done, load)
           != NULL)
    {
        return;
    }

    ngx_memzero(&w, sizeof(ngx_commerce_writer_t));
    w.pool = load->pool;

    if (reply == NULL) {
        rc = NGX_ERROR;

    } else if (load->base && ngx_commerce_redis_out_is_changes(reply)) {
        rc = ngx_commerce_redis_out_change(load->tenant, load->base, reply,
                                           &w);

    } else {
        rc = ngx_commerce_redis_record(load->tenant, load->kind, &load->name,
                                       reply, &w);

        if (rc == NGX_ERROR && !w.failed
            && !ngx_commerce_redis_reply_is_error(reply))
        {
            ngx_commerce_redis_reject_reply(load->tenant);
        }
    }

    ngx_commerce_load_done(load->tenant, load->kind, &load->name, rc,
                           w.start, w.pos - w.start);

    ngx_queue_remove(&load->queue);
    ngx_destroy_pool(load->pool);
}


/* what was asked for is not answered any more */

static void
ngx_commerce_redis_load_exit_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_queue_t                *q, *loads;
    ngx_commerce_redis_load_t  *load;

    loads = ngx_commerce_redis_loads(tenant);

    while (!ngx_queue_empty(loads)) {
        q = ngx_queue_head(loads);
        load = ngx_queue_data(q, ngx_commerce_redis_load_t, queue);

        ngx_queue_remove(q);
        ngx_destroy_pool(load->pool);
    }
}
