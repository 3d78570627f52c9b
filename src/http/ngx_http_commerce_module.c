
#include "ngx_http_commerce_module.h"
#include "ngx_commerce_follow.h"


typedef struct {
    ngx_commerce_tenant_t        *named;      /* by commerce_tenant */
    ngx_http_complex_value_t     *room;

    ngx_commerce_tenant_t        *tenant;     /* NULL: no feature is on */
    u_char                       *file;       /* of the first directive that */
    ngx_uint_t                    line;       /* needs a tenant              */
} ngx_http_commerce_loc_conf_t;


typedef struct {
    ngx_str_t                     reason;
    ngx_commerce_wait_t           wait;
    ngx_http_commerce_where_e     where;
    ngx_http_handler_pt           handler;
} ngx_http_commerce_ctx_t;


static ngx_http_commerce_ctx_t *ngx_http_commerce_find_ctx(
    ngx_http_request_t *r);
static ngx_http_commerce_ctx_t *ngx_http_commerce_get_ctx(
    ngx_http_request_t *r);
static void ngx_http_commerce_cancel(void *data);
static ngx_int_t ngx_http_commerce_wait(ngx_http_request_t *r,
    ngx_http_commerce_ctx_t *ctx, ngx_http_commerce_where_e where,
    ngx_http_handler_pt handler);
static void ngx_http_commerce_resume(void *data);
static ngx_int_t ngx_http_commerce_reason_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_commerce_add_variables(ngx_conf_t *cf);
static void *ngx_http_commerce_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_commerce_set_tenant(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_command_t  ngx_http_commerce_commands[] = {

    { ngx_string("commerce_tenant"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_commerce_set_tenant,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("commerce_room"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_loc_conf_t, room),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_module_ctx = {
    ngx_http_commerce_add_variables,       /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_create_loc_conf,     /* create location configuration */
    ngx_http_commerce_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_module_ctx,         /* module context */
    ngx_http_commerce_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_variable_t  ngx_http_commerce_vars[] = {

    { ngx_string("commerce_reason"), NULL,
      ngx_http_commerce_reason_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


void
ngx_http_commerce_needs_tenant(ngx_conf_t *cf)
{
    ngx_http_commerce_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_commerce_module);

    if (clcf->file == NULL) {
        clcf->file = cf->conf_file->file.name.data;
        clcf->line = cf->conf_file->line;
    }
}


ngx_commerce_tenant_t *
ngx_http_commerce_use_tenant(ngx_conf_t *cf)
{
    ngx_http_commerce_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_commerce_module);

    clcf->tenant = ngx_commerce_tenant_use(cf, clcf->named, clcf->file,
                                           clcf->line);
    return clcf->tenant;
}


ngx_uint_t
ngx_http_commerce_has_room(ngx_conf_t *cf)
{
    ngx_http_commerce_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_commerce_module);

    return clcf->room != NULL;
}


ngx_commerce_tenant_t *
ngx_http_commerce_tenant(ngx_http_request_t *r)
{
    ngx_http_commerce_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_module);

    return clcf->tenant;
}


ngx_int_t
ngx_http_commerce_room_name(ngx_http_request_t *r, ngx_str_t *room)
{
    ngx_http_commerce_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_module);

    if (clcf->room == NULL) {
        return NGX_DECLINED;
    }

    if (ngx_http_complex_value(r, clcf->room, room) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, room)) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/*
 * An internal redirect clears contexts, but an error page and the log still
 * ask for the reason.
 */

static ngx_http_commerce_ctx_t *
ngx_http_commerce_find_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_commerce_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_module);

    if (ctx || (!r->internal && !r->filter_finalize)) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        ctx = cln->data;

        /* a subrequest shares the pool */

        if (cln->handler == ngx_http_commerce_cancel && ctx->wait.data == r) {
            ngx_http_set_ctx(r, ctx, ngx_http_commerce_module);
            return ctx;
        }
    }

    return NULL;
}


static ngx_http_commerce_ctx_t *
ngx_http_commerce_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_commerce_ctx_t  *ctx;

    ctx = ngx_http_commerce_find_ctx(r);

    if (ctx) {
        return ctx;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_commerce_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_commerce_ctx_t));

    ctx->wait.handler = ngx_http_commerce_resume;
    ctx->wait.data = r;
    cln->handler = ngx_http_commerce_cancel;

    ngx_http_set_ctx(r, ctx, ngx_http_commerce_module);

    return ctx;
}


static void
ngx_http_commerce_cancel(void *data)
{
    ngx_http_commerce_ctx_t *ctx = data;

    ngx_commerce_load_leave(&ctx->wait);
}


ngx_int_t
ngx_http_commerce_get(ngx_http_request_t *r, ngx_commerce_kind_e kind,
    ngx_str_t *name, ngx_commerce_purpose_e purpose, void **record,
    ngx_http_commerce_where_e where, ngx_http_handler_pt handler)
{
    ngx_int_t                 rc;
    ngx_commerce_tenant_t    *tenant;
    ngx_http_commerce_ctx_t  *ctx;

    tenant = ngx_http_commerce_tenant(r);
    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_module);

    if (ctx == NULL) {
        /* the usual case takes no context: nothing is waited for */

        rc = ngx_commerce_store_peek(tenant, kind, name, record);

        if (rc == NGX_OK) {
            return NGX_OK;
        }

        ctx = ngx_http_commerce_get_ctx(r);
        if (ctx == NULL) {
            return NGX_ERROR;
        }
    }

    if (ctx->wait.pending) {
        /* a write event runs the phases of a request that waits, too */
        return NGX_AGAIN;
    }

    rc = ngx_commerce_store_get(tenant, kind, name, purpose, record,
                                &ctx->wait);

    return rc == NGX_AGAIN ? ngx_http_commerce_wait(r, ctx, where, handler)
                           : rc;
}


ngx_int_t
ngx_http_commerce_follows(ngx_http_request_t *r, ngx_str_t *host,
    ngx_str_t *subject, ngx_http_commerce_where_e where,
    ngx_http_handler_pt handler)
{
    ngx_int_t                 rc;
    ngx_http_commerce_ctx_t  *ctx;

    ctx = ngx_http_commerce_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->wait.pending) {
        return NGX_AGAIN;
    }

    rc = ngx_commerce_follow_get(ngx_http_commerce_tenant(r), host, subject,
                                 &ctx->wait);

    return rc == NGX_AGAIN ? ngx_http_commerce_wait(r, ctx, where, handler)
                           : rc;
}


/* NGX_AGAIN */

static ngx_int_t
ngx_http_commerce_wait(ngx_http_request_t *r, ngx_http_commerce_ctx_t *ctx,
    ngx_http_commerce_where_e where, ngx_http_handler_pt handler)
{
    ctx->where = where;
    ctx->handler = handler;

    /*
     * a client that goes away meanwhile ends the request; the handler that
     * discards a body sees to that, too
     */

    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }

    if (where == NGX_HTTP_COMMERCE_CONTENT) {
        r->main->count++;
    }

    return NGX_AGAIN;
}


static void
ngx_http_commerce_resume(void *data)
{
    ngx_http_request_t *r = data;

    ngx_connection_t         *c;
    ngx_http_commerce_ctx_t  *ctx;

    c = r->connection;
    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_module);

    ngx_http_set_log_request(c->log, r);

    if (!r->discard_body) {
        r->read_event_handler = ngx_http_block_reading;
    }

    if (ctx->where == NGX_HTTP_COMMERCE_CONTENT) {
        ngx_http_finalize_request(r, ctx->handler(r));

    } else {
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
    }

    ngx_http_run_posted_requests(c);
}


void
ngx_http_commerce_set_reason(ngx_http_request_t *r,
    ngx_commerce_reason_e reason, ngx_uint_t level)
{
    ngx_str_t  *text;

    text = ngx_commerce_reason(reason);
    ngx_http_commerce_set_reason_text(r, (char *) text->data);

    if (reason != NGX_COMMERCE_ALLOWED) {
        ngx_log_error(level, r->connection->log, 0,
                      "commerce refused a request: %V", text);
    }
}


void
ngx_http_commerce_set_reason_text(ngx_http_request_t *r, const char *reason)
{
    ngx_http_commerce_ctx_t  *ctx;

    ctx = ngx_http_commerce_get_ctx(r);

    if (ctx) {
        ctx->reason.data = (u_char *) reason;
        ctx->reason.len = ngx_strlen(reason);
    }
}


static ngx_int_t
ngx_http_commerce_reason_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_commerce_ctx_t  *ctx;

    ctx = ngx_http_commerce_find_ctx(r);

    if (ctx == NULL || ctx->reason.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->len = ctx->reason.len;
    v->data = ctx->reason.data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_commerce_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static void *
ngx_http_commerce_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_commerce_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->room = NGX_CONF_UNSET_PTR;

    return conf;
}


static char *
ngx_http_commerce_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_loc_conf_t *prev = parent;
    ngx_http_commerce_loc_conf_t *conf = child;

    if (conf->named == NULL) {
        conf->named = prev->named;
    }

    if (conf->file == NULL) {
        conf->file = prev->file;
        conf->line = prev->line;
    }

    ngx_conf_merge_ptr_value(conf->room, prev->room, NULL);

    return NGX_CONF_OK;
}


static char *
ngx_http_commerce_set_tenant(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_commerce_loc_conf_t *clcf = conf;

    ngx_str_t  *value;

    if (clcf->named) {
        return "is duplicate";
    }

    value = cf->args->elts;
    clcf->named = ngx_commerce_tenant_add(cf, &value[1]);

    return clcf->named ? NGX_CONF_OK : NGX_CONF_ERROR;
}
