
#include "ngx_http_commerce_api.h"
#include "ngx_http_commerce_handler.h"


static ngx_int_t ngx_http_commerce_api_request(ngx_http_request_t *r);
static void ngx_http_commerce_api_body_handler(ngx_http_request_t *r);
static void ngx_http_commerce_api_cleanup(void *data);
static char *ngx_http_commerce_api(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_commerce_api_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_commerce_api_error_page(ngx_conf_t *cf);


static ngx_command_t  ngx_http_commerce_api_commands[] = {

    { ngx_string("commerce_api"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_commerce_api,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_commerce_api_request },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_api_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_create_handler_conf, /* create location configuration */
    ngx_http_commerce_api_merge_loc_conf   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_api_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_api_module_ctx,     /* module context */
    ngx_http_commerce_api_commands,        /* module directives */
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


static ngx_int_t
ngx_http_commerce_api_request(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_pool_cleanup_t       *cln;
    ngx_http_commerce_api_t  *api;

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "http commerce api handler");

    api = ngx_pcalloc(r->pool, sizeof(ngx_http_commerce_api_t));
    if (api == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_commerce_api_cleanup;
    cln->data = api;

    api->request = r;
    api->tenant = ngx_http_commerce_tenant(r);

    ngx_http_set_ctx(r, api, ngx_http_commerce_api_module);

    /* conditions are judged where the record is */
    r->disable_not_modified = 1;

    if (r->internal && r->err_status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        /* see ngx_http_commerce_api_error_page() */
        return ngx_http_commerce_api_too_large(api);
    }

    rc = ngx_http_commerce_api_find_route(api);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_commerce_api_read_conditions(api);
    }

    if (rc == NGX_DECLINED) {
        rc = ngx_http_commerce_api_expect_body(api);
    }

    if (rc != NGX_DECLINED) {
        return rc;
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r,
                                          ngx_http_commerce_api_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_commerce_api_body_handler(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_commerce_api_t  *api;

    api = ngx_http_get_module_ctx(r, ngx_http_commerce_api_module);

    rc = ngx_http_commerce_api_parse_body(api);

    if (rc == NGX_DECLINED) {
        rc = api->route->handler(api);
    }

    /* while Redis is asked, the request keeps the reference of its body */

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static void
ngx_http_commerce_api_cleanup(void *data)
{
    ngx_http_commerce_api_t  *api = data;

    if (api->call) {
        ngx_commerce_redis_cancel(api->call);
        api->call = NULL;
    }

    json_decref(api->body);
    json_decref(api->answer);
}


static char *
ngx_http_commerce_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* what follows the location's prefix is the route */

    if (clcf->named
#if (NGX_PCRE)
        || clcf->regex
#endif
       )
    {
        return "cannot be used in a named location or in one given by "
               "a regular expression";
    }

    return ngx_http_commerce_set_handler(cf, cmd, conf);
}


static char *
ngx_http_commerce_api_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_handler_conf_t *conf = child;

    if (ngx_http_commerce_merge_handler_conf(cf, parent, child)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return conf->handler ? ngx_http_commerce_api_error_page(cf) : NGX_CONF_OK;
}


/*
 * A body above client_max_body_size is refused by nginx itself, most often
 * before there is a handler.  What it answers then comes from the location
 * once more, unless another page was configured.
 */

static char *
ngx_http_commerce_api_error_page(ngx_conf_t *cf)
{
    ngx_uint_t                 i;
    ngx_array_t               *pages;
    ngx_http_err_page_t       *page, *old;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* the array may be that of the level above */

    pages = ngx_array_create(cf->pool, 4, sizeof(ngx_http_err_page_t));
    if (pages == NULL) {
        return NGX_CONF_ERROR;
    }

    old = clcf->error_pages ? clcf->error_pages->elts : NULL;

    for (i = 0; clcf->error_pages && i < clcf->error_pages->nelts; i++) {

        if (old[i].status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
            return NGX_CONF_OK;
        }

        page = ngx_array_push(pages);
        if (page == NULL) {
            return NGX_CONF_ERROR;
        }

        *page = old[i];
    }

    page = ngx_array_push(pages);
    if (page == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(page, sizeof(ngx_http_err_page_t));

    page->status = NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    page->overwrite = -1;
    page->value.value = clcf->name;

    clcf->error_pages = pages;

    return NGX_CONF_OK;
}
