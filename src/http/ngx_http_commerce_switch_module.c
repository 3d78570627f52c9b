
#include "ngx_http_commerce_switch_module.h"
#include "ngx_http_commerce_module.h"


static void *ngx_http_commerce_switch_create_main_conf(ngx_conf_t *cf);
static ngx_int_t ngx_http_commerce_switch_check(ngx_conf_t *cf);


static ngx_http_module_t  ngx_http_commerce_switch_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_commerce_switch_check,        /* postconfiguration */

    ngx_http_commerce_switch_create_main_conf, /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_switch_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_switch_module_ctx,  /* module context */
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


void
ngx_http_commerce_switch_init(ngx_http_commerce_switch_t *conf)
{
    conf->on = NGX_CONF_UNSET;
    conf->switched = NULL;
}


char *
ngx_http_commerce_switch_merge(ngx_conf_t *cf,
    ngx_http_commerce_switch_t *prev, ngx_http_commerce_switch_t *conf)
{
    if (conf->on == NGX_CONF_UNSET) {
        conf->switched = prev->switched;
    }

    ngx_conf_merge_value(conf->on, prev->on, 0);

    if (!conf->on) {
        return NGX_CONF_OK;
    }

    if (ngx_http_commerce_use_tenant(cf) == NULL) {
        return NGX_CONF_ERROR;
    }

    conf->switched->room |= ngx_http_commerce_has_room(cf);

    return NGX_CONF_OK;
}


char *
ngx_http_commerce_switch(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    char                           *rv;
    ngx_array_t                    *switches;
    ngx_http_commerce_switch_t     *sw;
    ngx_http_commerce_switched_t  **switched;

    rv = ngx_conf_set_flag_slot(cf, cmd, conf);

    sw = (ngx_http_commerce_switch_t *) (p + cmd->offset);

    if (rv != NGX_CONF_OK || !sw->on) {
        return rv;
    }

    switches = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_commerce_switch_module);

    switched = ngx_array_push(switches);
    if (switched == NULL) {
        return NGX_CONF_ERROR;
    }

    *switched = ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_switched_t));
    if (*switched == NULL) {
        return NGX_CONF_ERROR;
    }

    (*switched)->name = &cmd->name;
    (*switched)->file = cf->conf_file->file.name.data;
    (*switched)->line = cf->conf_file->line;

    sw->switched = *switched;

    ngx_http_commerce_needs_tenant(cf);

    return NGX_CONF_OK;
}


static void *
ngx_http_commerce_switch_create_main_conf(ngx_conf_t *cf)
{
    return ngx_array_create(cf->pool, 4,
                            sizeof(ngx_http_commerce_switched_t *));
}


static ngx_int_t
ngx_http_commerce_switch_check(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_array_t                    *switches;
    ngx_http_commerce_switched_t  **switched;

    switches = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_commerce_switch_module);
    switched = switches->elts;

    for (i = 0; i < switches->nelts; i++) {

        if (!switched[i]->room) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"%V\" directive needs \"commerce_room\" in %s:%ui",
                          switched[i]->name, switched[i]->file,
                          switched[i]->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
