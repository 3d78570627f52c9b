
/*
 * A playlist with a viewer's token is his alone: this filter comes after
 * nginx's own headers, as those of "expires", so that it has the last word.
 */


#include "ngx_http_commerce_hls_filter.h"
#include "ngx_http_commerce_hls_session.h"


static ngx_int_t ngx_http_commerce_hls_private_header_filter(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_hls_private_init(ngx_conf_t *cf);


static ngx_http_module_t  ngx_http_commerce_hls_private_filter_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_commerce_hls_private_init,    /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_hls_private_filter_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_hls_private_filter_module_ctx, /* module context */
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


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


static ngx_int_t
ngx_http_commerce_hls_private_header_filter(ngx_http_request_t *r)
{
    ngx_http_commerce_hls_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_hls_filter_module);

    if (ctx && ctx->personal && ngx_http_commerce_hls_private(r) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_commerce_hls_private_init(ngx_conf_t *cf)
{
    ngx_http_commerce_hls_main_conf_t  *hmcf;

    hmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_commerce_hls_filter_module);

    if (hmcf->tokens) {
        ngx_http_next_header_filter = ngx_http_top_header_filter;
        ngx_http_top_header_filter =
                                  ngx_http_commerce_hls_private_header_filter;
    }

    return NGX_OK;
}
