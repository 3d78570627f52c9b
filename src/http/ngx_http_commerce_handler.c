
/*
 * How a directive gives a location its content handler.
 */

#include "ngx_http_commerce_module.h"


char *
ngx_http_commerce_set_handler(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_commerce_handler_conf_t *hcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    if (hcf->handler) {
        return "is duplicate";
    }

    hcf->handler = (ngx_http_handler_pt) cmd->post;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = hcf->handler;

    ngx_http_commerce_needs_tenant(cf);

    return NGX_CONF_OK;
}


void *
ngx_http_commerce_create_handler_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_handler_conf_t));
}


char *
ngx_http_commerce_merge_handler_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_handler_conf_t *prev = parent;
    ngx_http_commerce_handler_conf_t *conf = child;

    if (prev->handler && ngx_http_commerce_keep_handler(cf, prev->handler)) {
        conf->handler = prev->handler;
    }

    if (conf->handler && ngx_http_commerce_use_tenant(cf) == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_commerce_keep_handler(ngx_conf_t *cf, ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->lmt_excpt && clcf->handler == NULL) {
        clcf->handler = handler;
    }

    return clcf->noname;
}
