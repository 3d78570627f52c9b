
/*
 * The commerce {} block, and what happens to its tenants when a cycle begins,
 * a worker starts and a worker exits.
 */

#include "ngx_commerce_tenant.h"
#include "ngx_commerce_cache.h"
#include "ngx_commerce_follow.h"
#include "ngx_commerce_ledger.h"
#include "ngx_commerce_seat.h"
#include "ngx_commerce_status.h"
#include "ngx_commerce_load.h"
#include "ngx_commerce_timer.h"
#include "ngx_commerce_url.h"
#include "ngx_commerce_zone.h"


#define NGX_COMMERCE_TICK  200    /* ms */


typedef struct {
    ngx_array_t              tenants;   /* of ngx_commerce_tenant_t * */
    ngx_array_t              parts;     /* of ngx_commerce_status_part_t * */
    ngx_uint_t               modules;   /* of type NGX_COMMERCE_MODULE */
} ngx_commerce_conf_t;


typedef struct {
    ngx_commerce_tenant_t   *tenant;
    ngx_commerce_timer_t     timer;
} ngx_commerce_tick_t;


static char *ngx_commerce_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_commerce_block_confs(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, ngx_uint_t init);
static void *ngx_commerce_create_conf(ngx_cycle_t *cycle);
static char *ngx_commerce_init_conf(ngx_cycle_t *cycle, void *conf);
static ngx_uint_t ngx_commerce_lacks_proofs(ngx_cycle_t *cycle,
    ngx_commerce_tenant_t *tenant);
static ngx_uint_t ngx_commerce_shares_ledger(ngx_cycle_t *cycle,
    ngx_commerce_tenant_t **tenant, ngx_uint_t n);
static ngx_uint_t ngx_commerce_inherits_ledger(ngx_cycle_t *cycle,
    ngx_commerce_tenant_t *tenant);
static ngx_int_t ngx_commerce_init_process(ngx_cycle_t *cycle);
static void ngx_commerce_exit_process(ngx_cycle_t *cycle);
static ngx_int_t ngx_commerce_init_tenant(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);
static ngx_int_t ngx_commerce_tick_start(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);
static void ngx_commerce_tick_handler(void *data);
static void ngx_commerce_tick(ngx_commerce_tenant_t *tenant);


static ngx_command_t  ngx_commerce_commands[] = {

    { ngx_string("commerce"),
      NGX_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_commerce_block,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_core_module_t  ngx_commerce_module_ctx = {
    ngx_string("commerce"),
    ngx_commerce_create_conf,
    ngx_commerce_init_conf
};


ngx_module_t  ngx_commerce_module = {
    NGX_MODULE_V1,
    &ngx_commerce_module_ctx,              /* module context */
    ngx_commerce_commands,                 /* module directives */
    NGX_CORE_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_commerce_init_process,             /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_commerce_exit_process,             /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


ngx_array_t *
ngx_commerce_tenants(ngx_cycle_t *cycle)
{
    ngx_commerce_conf_t  *ccf;

    ccf = (ngx_commerce_conf_t *) ngx_get_conf(cycle->conf_ctx,
                                               ngx_commerce_module);

    return ccf ? &ccf->tenants : NULL;
}


ngx_array_t *
ngx_commerce_parts(ngx_cycle_t *cycle)
{
    ngx_commerce_conf_t  *ccf;

    ccf = (ngx_commerce_conf_t *) ngx_get_conf(cycle->conf_ctx,
                                               ngx_commerce_module);

    return &ccf->parts;
}


ngx_commerce_tenant_t *
ngx_commerce_tenant_add(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t               own;
    ngx_uint_t              i;
    ngx_array_t            *tenants;
    ngx_commerce_tenant_t  *tenant, **place;

    if (name->len == 0) {
        ngx_str_set(&own, "default");
        name = &own;
    }

    if (!ngx_commerce_name_valid(NGX_COMMERCE_HOST, name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" in \"%V\" directive",
                           name, (ngx_str_t *) cf->args->elts);
        return NULL;
    }

    tenants = ngx_commerce_tenants(cf->cycle);
    place = tenants->elts;

    for (i = 0; i < tenants->nelts; i++) {
        if (place[i]->name.len == name->len
            && ngx_strncmp(place[i]->name.data, name->data, name->len) == 0)
        {
            return place[i];
        }
    }

    tenant = ngx_pcalloc(cf->pool, sizeof(ngx_commerce_tenant_t));
    place = ngx_array_push(tenants);

    if (tenant == NULL || place == NULL) {
        return NULL;
    }

    *place = tenant;
    tenant->name.len = name->len;
    tenant->name.data = ngx_pstrdup(cf->pool, name);
    tenant->zone = ngx_pcalloc(cf->pool, sizeof(ngx_commerce_zone_t));

    if (tenant->name.data == NULL || tenant->zone == NULL) {
        return NULL;
    }

    tenant->cycle = cf->cycle;
    tenant->log = &cf->cycle->new_log;
    tenant->file = cf->conf_file->file.name.data;
    tenant->line = cf->conf_file->line;

    return tenant;
}


ngx_commerce_tenant_t *
ngx_commerce_tenant_use(ngx_conf_t *cf, ngx_commerce_tenant_t *named,
    u_char *file, ngx_uint_t line)
{
    ngx_str_t               unnamed;
    ngx_commerce_tenant_t  *tenant;

    if (named) {
        return named;
    }

    ngx_str_null(&unnamed);

    tenant = ngx_commerce_tenant_add(cf, &unnamed);

    if (tenant && !tenant->defined) {
        tenant->file = file;
        tenant->line = line;
    }

    return tenant;
}


static char *
ngx_commerce_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                   *rv;
    ngx_str_t              *value, none;
    ngx_conf_t              save;
    ngx_commerce_conf_t    *ccf;
    ngx_commerce_tenant_t  *tenant;

    value = cf->args->elts;
    ngx_str_null(&none);

    tenant = ngx_commerce_tenant_add(cf, cf->args->nelts > 1 ? &value[1]
                                                             : &none);
    if (tenant == NULL) {
        return NGX_CONF_ERROR;
    }

    if (tenant->defined) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate commerce \"%V\"", &tenant->name);
        return NGX_CONF_ERROR;
    }

    tenant->defined = 1;
    tenant->file = cf->conf_file->file.name.data;
    tenant->line = cf->conf_file->line;

    ccf = (ngx_commerce_conf_t *) ngx_get_conf(cf->cycle->conf_ctx,
                                               ngx_commerce_module);

    ccf->modules = ngx_count_modules(cf->cycle, NGX_COMMERCE_MODULE);

    tenant->conf = ngx_pcalloc(cf->pool, ccf->modules * sizeof(void *));
    if (tenant->conf == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_commerce_block_confs(cf, tenant, 0) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    save = *cf;

    cf->ctx = &tenant->conf;
    cf->module_type = NGX_COMMERCE_MODULE;
    cf->cmd_type = NGX_COMMERCE_CONF;

    rv = ngx_conf_parse(cf, NULL);

    if (rv == NGX_CONF_OK) {
        rv = ngx_commerce_block_confs(cf, tenant, 1);
    }

    if (rv == NGX_CONF_OK) {
        rv = ngx_commerce_tenant_zone(cf, tenant);
    }

    if (rv == NGX_CONF_OK) {
        rv = ngx_commerce_seat_zone(cf, tenant);
    }

    *cf = save;

    return rv;
}


static char *
ngx_commerce_block_confs(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant,
    ngx_uint_t init)
{
    char                   *rv;
    void                  **conf;
    ngx_uint_t              i;
    ngx_module_t           *module;
    ngx_commerce_module_t  *ctx;

    for (i = 0; cf->cycle->modules[i]; i++) {
        module = cf->cycle->modules[i];

        if (module->type != NGX_COMMERCE_MODULE) {
            continue;
        }

        ctx = module->ctx;
        conf = &tenant->conf[module->ctx_index];

        if (init) {

            if (ctx->init_conf) {
                rv = ctx->init_conf(cf, tenant, *conf);
                if (rv != NGX_CONF_OK) {
                    return rv;
                }
            }

        } else if (ctx->create_conf) {
            *conf = ctx->create_conf(cf);
            if (*conf == NULL) {
                return NGX_CONF_ERROR;
            }
        }
    }

    return NGX_CONF_OK;
}


static void *
ngx_commerce_create_conf(ngx_cycle_t *cycle)
{
    ngx_commerce_conf_t  *ccf;

    ccf = ngx_pcalloc(cycle->pool, sizeof(ngx_commerce_conf_t));
    if (ccf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&ccf->tenants, cycle->pool, 1,
                       sizeof(ngx_commerce_tenant_t *))
        != NGX_OK
        || ngx_array_init(&ccf->parts, cycle->pool, 8,
                          sizeof(ngx_commerce_status_part_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return ccf;
}


/* all has been read: a tenant may stand after those who use it */

static char *
ngx_commerce_init_conf(ngx_cycle_t *cycle, void *conf)
{
    ngx_commerce_conf_t  *ccf = conf;

    ngx_uint_t               i;
    ngx_commerce_tenant_t  **tenant;

    tenant = ccf->tenants.elts;

    for (i = 0; i < ccf->tenants.nelts; i++) {

        if (!tenant[i]->defined) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "no \"commerce\" block \"%V\" is defined in %s:%ui",
                          &tenant[i]->name, tenant[i]->file, tenant[i]->line);
            return NGX_CONF_ERROR;
        }

        if (ngx_commerce_lacks_proofs(cycle, tenant[i])
            || ngx_commerce_shares_ledger(cycle, tenant, i))
        {
            return NGX_CONF_ERROR;
        }

        tenant[i]->ledger_inherited = ngx_commerce_inherits_ledger(cycle,
                                                                   tenant[i]);
    }

    return NGX_CONF_OK;
}


/* 1, logged, if proofs are taken that nothing of it can verify */

static ngx_uint_t
ngx_commerce_lacks_proofs(ngx_cycle_t *cycle, ngx_commerce_tenant_t *tenant)
{
    if (tenant->token_file && tenant->secrets == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "tokens are taken, but commerce \"%V\" has no "
                      "\"secret\" in %s:%ui", &tenant->name,
                      tenant->token_file, tenant->token_line);
        return 1;
    }

    if (tenant->jwt_file && tenant->jwt_keys == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "JWTs are taken, but commerce \"%V\" has no "
                      "\"jwks\" in %s:%ui", &tenant->name,
                      tenant->jwt_file, tenant->jwt_line);
        return 1;
    }

    if (tenant->url_file
        && !ngx_commerce_url_taken(tenant->signed_urls,
                                   NGX_COMMERCE_ACTION_PUBLISH))
    {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "signed URLs are taken, but commerce \"%V\" has no "
                      "\"signed_url ... push\" in %s:%ui",
                      &tenant->name, tenant->url_file, tenant->url_line);
        return 1;
    }

    return 0;
}


/* 1, logged, if one of those before the nth has the same ledger */

static ngx_uint_t
ngx_commerce_shares_ledger(ngx_cycle_t *cycle, ngx_commerce_tenant_t **tenant,
    ngx_uint_t n)
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {

        if (ngx_commerce_ledger_same(&tenant[n]->ledger_path,
                                     &tenant[i]->ledger_path))
        {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "commerce \"%V\" and \"%V\" have one ledger "
                          "\"%V\" in %s:%ui",
                          &tenant[i]->name, &tenant[n]->name,
                          &tenant[n]->ledger_path,
                          tenant[n]->ledger_file, tenant[n]->ledger_line);
            return 1;
        }
    }

    return 0;
}


/* 1 if those who use the ledger leave for this cycle to go on with it */

static ngx_uint_t
ngx_commerce_inherits_ledger(ngx_cycle_t *cycle, ngx_commerce_tenant_t *tenant)
{
    ngx_uint_t               i;
    ngx_array_t             *tenants;
    ngx_commerce_tenant_t  **former;

    if (ngx_is_init_cycle(cycle->old_cycle)) {
        return ngx_inherited;
    }

    tenants = ngx_commerce_tenants(cycle->old_cycle);

    if (tenants == NULL) {
        return 0;
    }

    former = tenants->elts;

    for (i = 0; i < tenants->nelts; i++) {
        if (ngx_commerce_ledger_same(&former[i]->ledger_path,
                                     &tenant->ledger_path))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_commerce_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t               i;
    ngx_array_t             *tenants;
    ngx_commerce_tenant_t  **tenant;

    if (ngx_process != NGX_PROCESS_WORKER
        && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    tenants = ngx_commerce_tenants(cycle);
    tenant = tenants->elts;

    for (i = 0; i < tenants->nelts; i++) {
        if (ngx_commerce_init_tenant(tenant[i], cycle) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_init_tenant(ngx_commerce_tenant_t *tenant, ngx_cycle_t *cycle)
{
    ngx_uint_t              i;
    ngx_module_t           *module;
    ngx_commerce_module_t  *ctx;

    tenant->log = cycle->log;

    if (ngx_commerce_cache_init_worker(tenant, cycle) != NGX_OK
        || ngx_commerce_tick_start(tenant, cycle) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; cycle->modules[i]; i++) {
        module = cycle->modules[i];

        if (module->type != NGX_COMMERCE_MODULE) {
            continue;
        }

        ctx = module->ctx;

        if (ctx->init_worker && ctx->init_worker(tenant, cycle) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * Modules leave in the reverse order, so that the flush still has its
 * connection.
 */

static void
ngx_commerce_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t               i, n;
    ngx_array_t             *tenants;
    ngx_module_t            *module;
    ngx_commerce_module_t   *ctx;
    ngx_commerce_tenant_t  **tenant;

    tenants = ngx_commerce_tenants(cycle);

    if (tenants == NULL) {
        return;
    }

    tenant = tenants->elts;

    for (i = 0; i < tenants->nelts; i++) {

        if (tenant[i]->cache == NULL) {
            continue;
        }

        for (n = cycle->modules_n; n > 0; n--) {
            module = cycle->modules[n - 1];

            if (module->type != NGX_COMMERCE_MODULE) {
                continue;
            }

            ctx = module->ctx;

            if (ctx->exit_worker) {
                ctx->exit_worker(tenant[i], cycle);
            }
        }

        ngx_commerce_load_exit_worker(tenant[i]);
        ngx_commerce_follow_exit_worker(tenant[i]);
        ngx_commerce_lease_release(tenant[i]);
    }
}


static ngx_int_t
ngx_commerce_tick_start(ngx_commerce_tenant_t *tenant, ngx_cycle_t *cycle)
{
    ngx_commerce_tick_t  *tick;

    tick = ngx_palloc(cycle->pool, sizeof(ngx_commerce_tick_t));
    if (tick == NULL) {
        return NGX_ERROR;
    }

    tick->tenant = tenant;
    ngx_commerce_timer_init(&tick->timer, cycle->log,
                            ngx_commerce_tick_handler, tick);

    ngx_commerce_tick(tenant);
    ngx_commerce_timer_start(&tick->timer, NGX_COMMERCE_TICK);

    return NGX_OK;
}


static void
ngx_commerce_tick_handler(void *data)
{
    ngx_commerce_tick_t *tick = data;

    ngx_commerce_tick(tick->tenant);
    ngx_commerce_timer_start(&tick->timer, NGX_COMMERCE_TICK);
}


static void
ngx_commerce_tick(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_lease_tick(tenant);
    ngx_commerce_ledger_tick(tenant->ledger);
}
