
/*
 * Says where requests carry proofs of who watches.
 */

#include "ngx_http_commerce_viewer.h"


typedef struct {
    ngx_array_t                  *places;
} ngx_http_commerce_viewer_loc_conf_t;


static void *ngx_http_commerce_viewer_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_viewer_merge_loc_conf(ngx_conf_t *cf,
    void *parent, void *child);


static ngx_command_t  ngx_http_commerce_viewer_commands[] = {

    { ngx_string("commerce_viewer"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_commerce_viewer_places,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_viewer_loc_conf_t, places),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_viewer_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_viewer_create_loc_conf, /* create location conf */
    ngx_http_commerce_viewer_merge_loc_conf /* merge location conf */
};


ngx_module_t  ngx_http_commerce_viewer_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_viewer_module_ctx,  /* module context */
    ngx_http_commerce_viewer_commands,     /* module directives */
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


ngx_array_t *
ngx_http_commerce_viewer_conf(ngx_http_request_t *r)
{
    ngx_http_commerce_viewer_loc_conf_t  *vlcf;

    vlcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_viewer_module);

    return vlcf->places;
}


static void *
ngx_http_commerce_viewer_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_commerce_viewer_loc_conf_t  *conf;

    conf = ngx_palloc(cf->pool, sizeof(ngx_http_commerce_viewer_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->places = NGX_CONF_UNSET_PTR;

    return conf;
}


static char *
ngx_http_commerce_viewer_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child)
{
    ngx_http_commerce_viewer_loc_conf_t *prev = parent;
    ngx_http_commerce_viewer_loc_conf_t *conf = child;

    if (conf->places != NGX_CONF_UNSET_PTR) {
        return NGX_CONF_OK;
    }

    /* the usual ones are made where nothing is to be inherited, and once */

    if (prev->places == NGX_CONF_UNSET_PTR) {
        prev->places = ngx_http_commerce_viewer_places_usual(cf);
    }

    conf->places = prev->places;

    return conf->places ? NGX_CONF_OK : NGX_CONF_ERROR;
}
