
#include "ngx_http_commerce_handler.h"
#include "ngx_http_commerce_module.h"


static char *ngx_http_commerce_check_handler(ngx_conf_t *cf,
    ngx_http_commerce_handler_conf_t *hcf);
static void ngx_http_commerce_keep_handler(ngx_conf_t *cf,
    ngx_http_commerce_handler_conf_t *prev,
    ngx_http_commerce_handler_conf_t *conf);


char *
ngx_http_commerce_set_handler(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_commerce_handler_conf_t *hcf = conf;

    ngx_http_core_loc_conf_t  *clcf;

    if (hcf->handler) {
        return "is duplicate";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return "conflicts with another content handler of the location";
    }

    hcf->handler = (ngx_http_handler_pt) cmd->post;
    hcf->name = &cmd->name;
    hcf->file = cf->conf_file->file.name.data;
    hcf->line = cf->conf_file->line;

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

    if (conf->handler) {

        if (ngx_http_commerce_check_handler(cf, conf) != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }

    } else if (prev->handler) {
        ngx_http_commerce_keep_handler(cf, prev, conf);
    }

    if (conf->handler && ngx_http_commerce_use_tenant(cf) == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_commerce_merge_room_handler_conf(ngx_conf_t *cf, void *parent,
    void *child)
{
    ngx_http_commerce_handler_conf_t *conf = child;

    if (conf->handler && !ngx_http_commerce_has_room(cf)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%V\" directive needs \"commerce_room\" in %s:%ui",
                      conf->name, conf->file, conf->line);
        return NGX_CONF_ERROR;
    }

    return ngx_http_commerce_merge_handler_conf(cf, parent, child);
}


/* a directive further down may have taken the location over */

static char *
ngx_http_commerce_check_handler(ngx_conf_t *cf,
    ngx_http_commerce_handler_conf_t *hcf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == hcf->handler) {
        return NGX_CONF_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"%V\" directive conflicts with another content handler "
                  "of the location in %s:%ui",
                  hcf->name, hcf->file, hcf->line);

    return NGX_CONF_ERROR;
}


/*
 * In an "if" or "limit_except" of its location: "if" has the handler by
 * itself, "limit_except" is given it here.
 */

static void
ngx_http_commerce_keep_handler(ngx_conf_t *cf,
    ngx_http_commerce_handler_conf_t *prev,
    ngx_http_commerce_handler_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->lmt_excpt && clcf->handler == NULL) {
        clcf->handler = prev->handler;
    }

    if (clcf->noname) {
        *conf = *prev;
    }
}
