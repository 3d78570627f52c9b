
#include "ngx_rtmp_commerce_module.h"
#include "ngx_commerce_decide.h"


#define NGX_RTMP_COMMERCE_PUBLISH_OFF  0x8000


static ngx_int_t ngx_rtmp_commerce_publish(ngx_rtmp_session_t *s,
    ngx_rtmp_publish_t *v);
static ngx_rtmp_commerce_ctx_t *ngx_rtmp_commerce_create_ctx(
    ngx_rtmp_session_t *s, ngx_rtmp_commerce_app_conf_t *cacf);
static ngx_int_t ngx_rtmp_commerce_close_stream(ngx_rtmp_session_t *s,
    ngx_rtmp_close_stream_t *v);
static void ngx_rtmp_commerce_cleanup(void *data);

static void *ngx_rtmp_commerce_create_main_conf(ngx_conf_t *cf);
static void *ngx_rtmp_commerce_create_app_conf(ngx_conf_t *cf);
static char *ngx_rtmp_commerce_merge_app_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_rtmp_commerce_set_proofs(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_rtmp_commerce_set_window(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_rtmp_commerce_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_rtmp_commerce_init_module(ngx_cycle_t *cycle);


extern ngx_module_t  ngx_rtmp_module;


static ngx_conf_bitmask_t  ngx_rtmp_commerce_proofs[] = {
    { ngx_string("off"), NGX_RTMP_COMMERCE_PUBLISH_OFF },
    { ngx_string("key"), NGX_COMMERCE_PROOF_KEY },
    { ngx_string("token"), NGX_COMMERCE_PROOF_TOKEN },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_rtmp_commerce_commands[] = {

    { ngx_string("commerce_tenant"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_RTMP_APP_CONF_OFFSET,
      offsetof(ngx_rtmp_commerce_app_conf_t, name),
      NULL },

    { ngx_string("commerce_publish"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_1MORE,
      ngx_rtmp_commerce_set_proofs,
      NGX_RTMP_APP_CONF_OFFSET,
      offsetof(ngx_rtmp_commerce_app_conf_t, proofs),
      &ngx_rtmp_commerce_proofs },

    { ngx_string("commerce_reconnect_window"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_TAKE1,
      ngx_rtmp_commerce_set_window,
      NGX_RTMP_APP_CONF_OFFSET,
      offsetof(ngx_rtmp_commerce_app_conf_t, window),
      NULL },

      ngx_null_command
};


static ngx_rtmp_module_t  ngx_rtmp_commerce_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_rtmp_commerce_postconfiguration,   /* postconfiguration */

    ngx_rtmp_commerce_create_main_conf,    /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_rtmp_commerce_create_app_conf,     /* create app configuration */
    ngx_rtmp_commerce_merge_app_conf       /* merge app configuration */
};


ngx_module_t  ngx_rtmp_commerce_module = {
    NGX_MODULE_V1,
    &ngx_rtmp_commerce_module_ctx,         /* module context */
    ngx_rtmp_commerce_commands,            /* module directives */
    NGX_RTMP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_rtmp_commerce_init_module,         /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


ngx_rtmp_publish_pt              ngx_rtmp_commerce_next_publish;
static ngx_rtmp_close_stream_pt  ngx_rtmp_commerce_next_close_stream;


static ngx_int_t
ngx_rtmp_commerce_publish(ngx_rtmp_session_t *s, ngx_rtmp_publish_t *v)
{
    ngx_int_t                      rc;
    ngx_rtmp_commerce_ctx_t       *ctx;
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_commerce_asked(s);

    if (cacf == NULL) {
        return ngx_rtmp_commerce_next_publish(s, v);
    }

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_commerce_module);

    if (ctx == NULL) {
        ctx = ngx_rtmp_commerce_create_ctx(s, cacf);
        if (ctx == NULL) {
            return NGX_ERROR;
        }
    }

    /* a connection publishes one stream: whoever asks for two has none */

    switch (ctx->state) {

    case NGX_RTMP_COMMERCE_IDLE:
        break;

    case NGX_RTMP_COMMERCE_LIVE:
        ngx_rtmp_commerce_cut(ctx, NGX_COMMERCE_ROOM_TAKEN);
        return NGX_OK;

    case NGX_RTMP_COMMERCE_CLOSING:
        return NGX_OK;

    default:
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_ROOM_TAKEN);
        return NGX_OK;
    }

    /* v is used again for the next session's publish */

    ctx->publish = *v;
    ctx->state = NGX_RTMP_COMMERCE_LOOKUP;
    ctx->room.len = 0;
    ctx->host.len = 0;
    ctx->by_key = 0;
    ctx->refreshed = 0;

    rc = ngx_rtmp_commerce_args_read(&ctx->presented, ctx->publish.name,
                                     ctx->publish.args);
    if (rc != NGX_OK) {
        ngx_rtmp_commerce_refuse(ctx, NGX_COMMERCE_BAD_NAME);
        return NGX_OK;
    }

    ngx_rtmp_commerce_admit(ctx);

    return NGX_OK;
}


static ngx_rtmp_commerce_ctx_t *
ngx_rtmp_commerce_create_ctx(ngx_rtmp_session_t *s,
    ngx_rtmp_commerce_app_conf_t *cacf)
{
    ngx_pool_cleanup_t       *cln;
    ngx_rtmp_commerce_ctx_t  *ctx;

    ctx = ngx_pcalloc(s->connection->pool, sizeof(ngx_rtmp_commerce_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    /* close_stream is left out if another module's disconnect handler fails */

    cln = ngx_pool_cleanup_add(s->connection->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_rtmp_commerce_cleanup;
    cln->data = ctx;

    ctx->session = s;
    ctx->tenant = cacf->tenant;
    ctx->conf = cacf;
    ctx->room.data = ctx->room_name;
    ctx->host.data = ctx->host_name;

    ngx_rtmp_set_ctx(s, ctx, ngx_rtmp_commerce_module);

    return ctx;
}


/* the claim is given up only when the others have stopped writing */

static ngx_int_t
ngx_rtmp_commerce_close_stream(ngx_rtmp_session_t *s,
    ngx_rtmp_close_stream_t *v)
{
    ngx_int_t                 rc;
    ngx_rtmp_commerce_ctx_t  *ctx;

    rc = ngx_rtmp_commerce_next_close_stream(s, v);

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_commerce_module);

    if (ctx) {
        ngx_rtmp_commerce_closed(ctx);
    }

    return rc;
}


static void
ngx_rtmp_commerce_cleanup(void *data)
{
    ngx_rtmp_commerce_ctx_t  *ctx = data;

    ngx_rtmp_commerce_closed(ctx);

    if (ctx->event.timer_set) {
        ngx_del_timer(&ctx->event);
    }
}


ngx_rtmp_commerce_app_conf_t *
ngx_rtmp_commerce_asked(ngx_rtmp_session_t *s)
{
    ngx_rtmp_commerce_app_conf_t  *cacf;

    cacf = ngx_rtmp_get_module_app_conf(s, ngx_rtmp_commerce_module);

    if (cacf == NULL || cacf->tenant == NULL || s->auto_pushed || s->relay) {
        return NULL;
    }

    return cacf;
}


static void *
ngx_rtmp_commerce_create_main_conf(ngx_conf_t *cf)
{
    ngx_rtmp_commerce_main_conf_t  *conf;

    conf = ngx_palloc(cf->pool, sizeof(ngx_rtmp_commerce_main_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&conf->apps, cf->pool, 4, sizeof(void *)) != NGX_OK) {
        return NULL;
    }

    return conf;
}


static void *
ngx_rtmp_commerce_create_app_conf(ngx_conf_t *cf)
{
    ngx_rtmp_commerce_app_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_rtmp_commerce_app_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->name = { 0, NULL };
     *     conf->tenant = NULL;
     *     conf->proofs = 0;
     *     conf->file = NULL;
     *     conf->line = 0;
     */

    conf->window = NGX_CONF_UNSET_MSEC;

    return conf;
}


static char *
ngx_rtmp_commerce_merge_app_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_rtmp_commerce_app_conf_t *prev = parent;
    ngx_rtmp_commerce_app_conf_t *conf = child;

    ngx_rtmp_commerce_app_conf_t   **app;
    ngx_rtmp_commerce_main_conf_t   *cmcf;

    if (conf->proofs == 0) {
        conf->file = prev->file;
        conf->line = prev->line;
    }

    ngx_conf_merge_str_value(conf->name, prev->name, "");
    ngx_conf_merge_msec_value(conf->window, prev->window, 60000);
    ngx_conf_merge_bitmask_value(conf->proofs, prev->proofs,
                              (NGX_CONF_BITMASK_SET
                               |NGX_RTMP_COMMERCE_PUBLISH_OFF));

    if (conf->proofs & NGX_RTMP_COMMERCE_PUBLISH_OFF) {
        return NGX_CONF_OK;
    }

    conf->tenant = ngx_commerce_tenant_add(cf, &conf->name);
    if (conf->tenant == NULL) {
        return NGX_CONF_ERROR;
    }

    cmcf = ngx_rtmp_conf_get_module_main_conf(cf, ngx_rtmp_commerce_module);

    app = ngx_array_push(&cmcf->apps);
    if (app == NULL) {
        return NGX_CONF_ERROR;
    }

    *app = conf;

    return NGX_CONF_OK;
}


static char *
ngx_rtmp_commerce_set_proofs(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                          *rv;
    ngx_str_t                     *value;
    ngx_rtmp_commerce_app_conf_t  *cacf = conf;

    if (cacf->proofs) {
        return "is duplicate";
    }

    rv = ngx_conf_set_bitmask_slot(cf, cmd, conf);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if ((cacf->proofs & NGX_RTMP_COMMERCE_PUBLISH_OFF)
        && cf->args->nelts > 2)
    {
        value = cf->args->elts;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V %V\": \"off\" stands alone",
                           &value[1], &value[2]);
        return NGX_CONF_ERROR;
    }

    cacf->file = cf->conf_file->file.name.data;
    cacf->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


static char *
ngx_rtmp_commerce_set_window(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t                      window;
    ngx_str_t                     *value;
    ngx_rtmp_commerce_app_conf_t  *cacf = conf;

    if (cacf->window != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;
    window = ngx_parse_time(&value[1], 0);

    if (window == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    cacf->window = (ngx_msec_t) window;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_rtmp_commerce_postconfiguration(ngx_conf_t *cf)
{
    if (ngx_rtmp_commerce_gate(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_rtmp_commerce_next_publish = ngx_rtmp_publish;
    ngx_rtmp_publish = ngx_rtmp_commerce_publish;

    ngx_rtmp_commerce_next_close_stream = ngx_rtmp_close_stream;
    ngx_rtmp_close_stream = ngx_rtmp_commerce_close_stream;

    return NGX_OK;
}


/* a tenant may be configured after those who use it */

static ngx_int_t
ngx_rtmp_commerce_init_module(ngx_cycle_t *cycle)
{
    ngx_uint_t                       i;
    ngx_rtmp_conf_ctx_t             *ctx;
    ngx_rtmp_commerce_app_conf_t   **app;
    ngx_rtmp_commerce_main_conf_t   *cmcf;

    ctx = (ngx_rtmp_conf_ctx_t *) ngx_get_conf(cycle->conf_ctx,
                                               ngx_rtmp_module);
    if (ctx == NULL) {
        return NGX_OK;
    }

    cmcf = ctx->main_conf[ngx_rtmp_commerce_module.ctx_index];
    app = cmcf->apps.elts;

    for (i = 0; i < cmcf->apps.nelts; i++) {

        if ((app[i]->proofs & NGX_COMMERCE_PROOF_TOKEN)
            && app[i]->tenant->secrets == NULL)
        {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "\"commerce_publish\" takes tokens, but commerce "
                          "\"%V\" has no \"secret\" in %s:%ui",
                          &app[i]->tenant->name, app[i]->file, app[i]->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
