
#include "ngx_http_commerce_hls_filter.h"
#include "ngx_http_commerce_args_module.h"
#include "ngx_commerce_hls_daterange.h"
#include "ngx_commerce_hls_inject.h"
#include "ngx_commerce_link.h"


static void *ngx_http_commerce_hls_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_commerce_hls_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_hls_merge_loc_conf(ngx_conf_t *cf,
    void *parent, void *child);
static char *ngx_http_commerce_hls_token(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_commerce_hls_switch(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_commerce_hls_attributes(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static ngx_int_t ngx_http_commerce_hls_init(ngx_conf_t *cf);


static ngx_command_t  ngx_http_commerce_hls_commands[] = {

    { ngx_string("commerce_hls"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_commerce_hls_switch,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, cues),
      NULL },

    { ngx_string("commerce_hls_clock"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_commerce_hls_clock_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, clock),
      NULL },

    { ngx_string("commerce_hls_offset"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_commerce_hls_clock_offset,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, offset),
      NULL },

    { ngx_string("commerce_hls_attributes"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_commerce_hls_attributes,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("commerce_hls_max_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, max_size),
      NULL },

    { ngx_string("commerce_hls_delta"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, delta),
      NULL },

    { ngx_string("commerce_hls_clip"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, clip),
      NULL },

    { ngx_string("commerce_hls_chapters"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, chapters),
      NULL },

    { ngx_string("commerce_hls_session_data"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_commerce_hls_data_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, data),
      NULL },

    { ngx_string("commerce_hls_token"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_http_commerce_hls_token,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, token),
      NULL },

    { ngx_string("commerce_hls_token_hosts"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_commerce_link_hosts,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_hls_loc_conf_t, token_hosts),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_hls_filter_module_ctx = {
    ngx_http_commerce_hls_outcome_add,     /* preconfiguration */
    ngx_http_commerce_hls_init,            /* postconfiguration */

    ngx_http_commerce_hls_create_main_conf, /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_hls_create_loc_conf, /* create location configuration */
    ngx_http_commerce_hls_merge_loc_conf   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_hls_filter_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_hls_filter_module_ctx, /* module context */
    ngx_http_commerce_hls_commands,        /* module directives */
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


static void *
ngx_http_commerce_hls_create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_hls_main_conf_t));
}


static void *
ngx_http_commerce_hls_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_commerce_hls_loc_conf_t  *conf;

    conf = ngx_palloc(cf->pool, sizeof(ngx_http_commerce_hls_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    ngx_http_commerce_switch_init(&conf->cues);
    conf->dates = NGX_CONF_UNSET;
    conf->clock = NULL;
    conf->offset = NGX_CONF_UNSET;
    conf->attributes = NGX_CONF_UNSET_UINT;
    conf->max_size = NGX_CONF_UNSET_SIZE;
    conf->delta = NGX_CONF_UNSET;
    conf->clip = NGX_CONF_UNSET;
    conf->chapters = NGX_CONF_UNSET;
    conf->data = NULL;
    conf->token = NGX_CONF_UNSET;
    conf->token_file = NULL;
    conf->token_line = 0;
    conf->token_hosts = NULL;

    return conf;
}


static char *
ngx_http_commerce_hls_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_hls_loc_conf_t *prev = parent;
    ngx_http_commerce_hls_loc_conf_t *conf = child;

    ngx_commerce_tenant_t              *tenant;
    ngx_http_commerce_hls_main_conf_t  *hmcf;

    if (ngx_http_commerce_switch_merge(cf, &prev->cues, &conf->cues)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_conf_merge_value(conf->dates, prev->dates, 0);
    ngx_conf_merge_value(conf->offset, prev->offset, 0);

    if (conf->clock == NULL) {
        conf->clock = prev->clock;
    }

    ngx_conf_merge_uint_value(conf->attributes, prev->attributes,
                              NGX_COMMERCE_HLS_ATTRIBUTE_PRODUCT
                              |NGX_COMMERCE_HLS_ATTRIBUTE_LINK);

    ngx_conf_merge_size_value(conf->max_size, prev->max_size, 1024 * 1024);

    ngx_conf_merge_value(conf->delta, prev->delta, 0);

    if (conf->cues.on && !conf->delta) {
        ngx_http_commerce_args_drop(cf, NGX_HTTP_COMMERCE_ARGS_SKIP);
    }

    ngx_conf_merge_value(conf->clip, prev->clip, 0);

    if (conf->cues.on && conf->clip) {
        ngx_http_commerce_args_drop(cf, NGX_HTTP_COMMERCE_ARGS_CLIP);
    }

    ngx_conf_merge_value(conf->chapters, prev->chapters, 0);

    if (conf->cues.on && conf->chapters) {
        ngx_http_commerce_args_drop(cf, NGX_HTTP_COMMERCE_ARGS_CHAPTERS);
    }

    if (conf->data == NULL) {
        conf->data = prev->data;
    }

    if (conf->token == NGX_CONF_UNSET) {
        conf->token_file = prev->token_file;
        conf->token_line = prev->token_line;
    }

    ngx_conf_merge_value(conf->token, prev->token, 0);

    if (conf->token_hosts == NULL) {
        conf->token_hosts = prev->token_hosts;
    }

    if (!conf->cues.on && !conf->token) {
        return NGX_CONF_OK;
    }

    hmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_commerce_hls_filter_module);

    if (conf->token) {
        tenant = ngx_http_commerce_use_tenant(cf);
        if (tenant == NULL) {
            return NGX_CONF_ERROR;
        }

        hmcf->tokens = 1;

        /* sessions are signed */
        tenant->token_file = conf->token_file;
        tenant->token_line = conf->token_line;

        ngx_http_commerce_args_hide(cf);
    }

    if (hmcf->cache == NULL) {
        hmcf->cache = ngx_commerce_hls_cache_create(cf->pool);
        hmcf->files = ngx_commerce_hls_files_create(cf->pool);
    }

    return hmcf->cache && hmcf->files ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_commerce_hls_token(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_commerce_hls_loc_conf_t *hlcf = conf;

    char  *rv;

    rv = ngx_conf_set_flag_slot(cf, cmd, conf);

    if (rv == NGX_CONF_OK && hlcf->token) {
        hlcf->token_file = cf->conf_file->file.name.data;
        hlcf->token_line = cf->conf_file->line;

        ngx_http_commerce_needs_tenant(cf);
    }

    return rv;
}


/* a switch that has a third position */

static char *
ngx_http_commerce_hls_switch(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_commerce_hls_loc_conf_t *hlcf = conf;

    ngx_str_t  *value;

    if (hlcf->dates != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;
    hlcf->dates = 0;

    if (value[1].len == 5 && ngx_strncmp(value[1].data, "dates", 5) == 0) {
        hlcf->dates = 1;
        ngx_str_set(&value[1], "on");

    } else if (ngx_strcasecmp(value[1].data, (u_char *) "on") != 0
               && ngx_strcasecmp(value[1].data, (u_char *) "off") != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive, "
                           "it must be \"on\", \"dates\" or \"off\"",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    return ngx_http_commerce_switch(cf, cmd, conf);
}


static char *
ngx_http_commerce_hls_attributes(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_commerce_hls_loc_conf_t *hlcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   i, bit;

    if (hlcf->attributes != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    hlcf->attributes = 0;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        bit = ngx_commerce_hls_daterange_field(&value[i]);

        if (bit == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid value \"%V\" of \"%V\" directive",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }

        if (hlcf->attributes & bit) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate value \"%V\" of \"%V\" directive",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }

        hlcf->attributes |= bit;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_commerce_hls_init(ngx_conf_t *cf)
{
    ngx_uint_t                          i;
    ngx_http_handler_pt                *h;
    ngx_http_core_main_conf_t          *cmcf;
    ngx_http_commerce_hls_main_conf_t  *hmcf;

    static struct {
        ngx_http_phases                 phase;
        ngx_http_handler_pt             handler;
    } handlers[] = {
        { NGX_HTTP_SERVER_REWRITE_PHASE, ngx_http_commerce_hls_redirected },
        { NGX_HTTP_REWRITE_PHASE, ngx_http_commerce_hls_redirected },
        { NGX_HTTP_PRECONTENT_PHASE, ngx_http_commerce_hls_handler }
    };

    hmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_commerce_hls_filter_module);

    if (hmcf->cache == NULL) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {

        h = ngx_array_push(&cmcf->phases[handlers[i].phase].handlers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = handlers[i].handler;
    }

    ngx_http_commerce_hls_filter_init();

    return NGX_OK;
}
