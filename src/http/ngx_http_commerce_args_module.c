
#include "ngx_http_commerce_args_module.h"


typedef struct {
    ngx_uint_t                  hide;       /* 1: somewhere */
} ngx_http_commerce_args_main_conf_t;


typedef struct {
    ngx_uint_t                  hide;       /* 1: in this server */
} ngx_http_commerce_args_srv_conf_t;


typedef struct {
    ngx_uint_t                  drop;       /* bits, beside proofs */
} ngx_http_commerce_args_loc_conf_t;


typedef struct {
    ngx_str_t                   args;       /* as they came */
    u_char                     *blanked;    /* what became of them */
} ngx_http_commerce_args_ctx_t;


static ngx_int_t ngx_http_commerce_args_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_args_log_handler(ngx_http_request_t *r);
static void ngx_http_commerce_args_hide_all(ngx_http_request_t *r);
static ngx_uint_t ngx_http_commerce_args_within(ngx_str_t *part,
    ngx_str_t *text);
static ngx_http_commerce_args_ctx_t *ngx_http_commerce_args_create_ctx(
    ngx_http_request_t *r);
static void ngx_http_commerce_args_cleanup(void *data);
static ngx_http_commerce_args_ctx_t *ngx_http_commerce_args_get_ctx(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_args_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_args_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_commerce_args_add_variables(ngx_conf_t *cf);
static void *ngx_http_commerce_args_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_commerce_args_create_srv_conf(ngx_conf_t *cf);
static void *ngx_http_commerce_args_create_loc_conf(ngx_conf_t *cf);
static ngx_int_t ngx_http_commerce_args_init(ngx_conf_t *cf);


static ngx_http_module_t  ngx_http_commerce_args_module_ctx = {
    ngx_http_commerce_args_add_variables,  /* preconfiguration */
    ngx_http_commerce_args_init,           /* postconfiguration */

    ngx_http_commerce_args_create_main_conf, /* create main configuration */
    NULL,                                  /* init main configuration */

    ngx_http_commerce_args_create_srv_conf, /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_args_create_loc_conf, /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_args_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_args_module_ctx,    /* module context */
    NULL,                                  /* module directives */
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


static ngx_http_variable_t  ngx_http_commerce_args_vars[] = {

    { ngx_string("commerce_args"), NULL,
      ngx_http_commerce_args_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("commerce_is_args"), NULL,
      ngx_http_commerce_args_variable, 1, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


/* in the phase after the request's header was read */

static ngx_int_t
ngx_http_commerce_args_handler(ngx_http_request_t *r)
{
    ngx_http_commerce_args_ctx_t       *ctx;
    ngx_http_commerce_args_srv_conf_t  *ascf;

    ascf = ngx_http_get_module_srv_conf(r, ngx_http_commerce_args_module);

    if (!ascf->hide) {
        return NGX_DECLINED;
    }

    if (ngx_http_commerce_args_secret(&r->args)) {

        ctx = ngx_http_commerce_args_create_ctx(r);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->args.data = ngx_pstrdup(r->pool, &r->args);
        if (ctx->args.data == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ctx->args.len = r->args.len;
        ctx->blanked = r->args.data;
    }

    ngx_http_commerce_args_hide_all(r);

    return NGX_DECLINED;
}


/*
 * A request that is refused while its header is read is logged, too, maybe
 * after it was redirected to an error page.
 */

static ngx_int_t
ngx_http_commerce_args_log_handler(ngx_http_request_t *r)
{
    ngx_http_commerce_args_srv_conf_t  *ascf;

    ascf = ngx_http_get_module_srv_conf(r, ngx_http_commerce_args_module);

    if (ascf->hide && r == r->main && (r->phase_handler == 0 || r->internal)) {
        ngx_http_commerce_args_hide_all(r);
    }

    return NGX_OK;
}


/* in HTTP/1 all are in the request line, in HTTP/2 and 3 that is made up */

static void
ngx_http_commerce_args_hide_all(ngx_http_request_t *r)
{
    ngx_table_elt_t  *referer;

    ngx_http_commerce_args_blank_uri(&r->request_line);

    if (!ngx_http_commerce_args_within(&r->unparsed_uri, &r->request_line)) {
        ngx_http_commerce_args_blank_uri(&r->unparsed_uri);
    }

    if (!ngx_http_commerce_args_within(&r->args, &r->unparsed_uri)) {
        ngx_http_commerce_args_blank(&r->args);
    }

    referer = r->headers_in.referer;

#if (nginx_version >= 1023000)

    for ( /* void */ ; referer; referer = referer->next) {
        ngx_http_commerce_args_blank_uri(&referer->value);
    }

#else

    if (referer) {
        ngx_http_commerce_args_blank_uri(&referer->value);
    }

#endif
}


static ngx_uint_t
ngx_http_commerce_args_within(ngx_str_t *part, ngx_str_t *text)
{
    return part->data >= text->data
           && part->data + part->len <= text->data + text->len;
}


static ngx_http_commerce_args_ctx_t *
ngx_http_commerce_args_create_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t            *cln;
    ngx_http_commerce_args_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_commerce_args_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_commerce_args_cleanup;
    ctx = cln->data;

    ngx_http_set_ctx(r, ctx, ngx_http_commerce_args_module);

    return ctx;
}


static void
ngx_http_commerce_args_cleanup(void *data)
{
    /* a mark, by which a context is found again after an internal redirect */
}


/* the main request's, or NULL: nothing was blanked */

static ngx_http_commerce_args_ctx_t *
ngx_http_commerce_args_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t            *cln;
    ngx_http_commerce_args_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_commerce_args_module);

    if (ctx || !r->main->internal) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_commerce_args_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


void
ngx_http_commerce_args_hide(ngx_conf_t *cf)
{
    ngx_http_commerce_args_srv_conf_t   *ascf;
    ngx_http_commerce_args_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_commerce_args_module);
    ascf = ngx_http_conf_get_module_srv_conf(cf,
                                             ngx_http_commerce_args_module);

    amcf->hide = 1;
    ascf->hide = 1;
}


void
ngx_http_commerce_args_drop(ngx_conf_t *cf, ngx_uint_t bits)
{
    ngx_http_commerce_args_loc_conf_t  *alcf;

    alcf = ngx_http_conf_get_module_loc_conf(cf,
                                             ngx_http_commerce_args_module);
    alcf->drop |= bits;
}


ngx_int_t
ngx_http_commerce_args_get(ngx_http_request_t *r, ngx_str_t *args)
{
    ngx_http_commerce_args_ctx_t  *ctx;

    *args = r->args;

    ctx = ngx_http_commerce_args_get_ctx(r);

    if (ctx && r->args.data == ctx->blanked && r->args.len == ctx->args.len) {
        /* nothing has rewritten them */
        *args = ctx->args;
        return NGX_OK;
    }

    if (ctx == NULL || !ngx_http_commerce_args_secret(&r->args)) {
        return NGX_OK;
    }

    args->data = ngx_pstrdup(r->pool, &r->args);
    if (args->data == NULL) {
        return NGX_ERROR;
    }

    ngx_http_commerce_args_restore(args, &ctx->args);

    return NGX_OK;
}


/*
 * nginx's own redirects, as to HTTPS or to a folder, give the viewer back what
 * was his.
 */

static ngx_int_t
ngx_http_commerce_args_header_filter(ngx_http_request_t *r)
{
    u_char                        *p;
    ngx_str_t                     *location, args;
    ngx_http_commerce_args_ctx_t  *ctx;

    if (r->headers_out.location == NULL || r->upstream || r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_commerce_args_get_ctx(r);

    if (ctx == NULL) {
        return ngx_http_next_header_filter(r);
    }

    location = &r->headers_out.location->value;

    p = ngx_pstrdup(r->pool, location);
    if (p == NULL) {
        return NGX_ERROR;
    }

    location->data = p;

    p = ngx_strlchr(p, p + location->len, '?');

    if (p) {
        args.data = p + 1;
        args.len = location->data + location->len - args.data;

        ngx_http_commerce_args_restore(&args, &ctx->args);
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_commerce_args_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_commerce_args_loc_conf_t  *alcf;

    alcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_args_module);

    v->data = ngx_pnalloc(r->pool, r->args.len);
    if (v->data == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_http_commerce_args_strip(&r->args, v->data, alcf->drop)
             - v->data;

    if (data && v->len) {
        /* $commerce_is_args */
        v->len = 1;
        v->data[0] = '?';
    }

    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_args_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_commerce_args_vars; v->name.len; v++) {
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
ngx_http_commerce_args_create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_args_main_conf_t));
}


static void *
ngx_http_commerce_args_create_srv_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_args_srv_conf_t));
}


static void *
ngx_http_commerce_args_create_loc_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_args_loc_conf_t));
}


static ngx_int_t
ngx_http_commerce_args_init(ngx_conf_t *cf)
{
    ngx_array_t                         *log;
    ngx_http_handler_pt                 *h;
    ngx_http_core_main_conf_t           *cmcf;
    ngx_http_commerce_args_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_commerce_args_module);

    if (!amcf->hide) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_commerce_args_handler;

    /* before those that log */

    log = &cmcf->phases[NGX_HTTP_LOG_PHASE].handlers;

    if (ngx_array_push(log) == NULL) {
        return NGX_ERROR;
    }

    h = log->elts;
    ngx_memmove(h + 1, h, (log->nelts - 1) * sizeof(ngx_http_handler_pt));
    *h = ngx_http_commerce_args_log_handler;

    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_commerce_args_header_filter;

    return NGX_OK;
}
