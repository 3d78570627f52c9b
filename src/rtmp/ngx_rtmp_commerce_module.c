
/*
 * What commerce_publish, commerce_play and the directives beside them set.
 */

#include "ngx_rtmp_commerce_module.h"
#include "ngx_rtmp_commerce_command.h"
#include "ngx_rtmp_commerce_cue_point.h"
#include "ngx_rtmp_commerce_gate.h"
#include "ngx_rtmp_commerce_period.h"
#include "ngx_rtmp_commerce_play.h"
#include "ngx_rtmp_commerce_publish.h"
#include "ngx_rtmp_commerce_session.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_stats.h"
#include "ngx_commerce_status.h"


#define NGX_RTMP_COMMERCE_PUBLISH_OFF  0x8000


static void ngx_rtmp_commerce_status_publish(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static void ngx_rtmp_commerce_status_play(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static ngx_int_t ngx_rtmp_commerce_preconfiguration(ngx_conf_t *cf);
static void *ngx_rtmp_commerce_create_app_conf(ngx_conf_t *cf);
static char *ngx_rtmp_commerce_merge_app_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_rtmp_commerce_set_tenant(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_rtmp_commerce_set_proofs(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_rtmp_commerce_set_play(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_rtmp_commerce_set_window(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_rtmp_commerce_set_video(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_rtmp_commerce_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_rtmp_commerce_use_tenants(ngx_conf_t *cf);
static ngx_int_t ngx_rtmp_commerce_use_tenant(ngx_conf_t *cf,
    ngx_rtmp_commerce_app_conf_t *cacf);


static ngx_conf_bitmask_t  ngx_rtmp_commerce_proofs[] = {
    { ngx_string("off"), NGX_RTMP_COMMERCE_PUBLISH_OFF },
    { ngx_string("key"), NGX_COMMERCE_PROOF_KEY },
    { ngx_string("token"), NGX_COMMERCE_PROOF_TOKEN },
    { ngx_string("jwt"), NGX_COMMERCE_PROOF_JWT },
    { ngx_string("login"), NGX_COMMERCE_PROOF_LOGIN },
    { ngx_string("url"), NGX_COMMERCE_PROOF_URL },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_rtmp_commerce_commands[] = {

    { ngx_string("commerce_tenant"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_TAKE1,
      ngx_rtmp_commerce_set_tenant,
      NGX_RTMP_APP_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("commerce_publish"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_1MORE,
      ngx_rtmp_commerce_set_proofs,
      NGX_RTMP_APP_CONF_OFFSET,
      offsetof(ngx_rtmp_commerce_app_conf_t, proofs),
      &ngx_rtmp_commerce_proofs },

    { ngx_string("commerce_play"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_FLAG,
      ngx_rtmp_commerce_set_play,
      NGX_RTMP_APP_CONF_OFFSET,
      offsetof(ngx_rtmp_commerce_app_conf_t, play),
      NULL },

    { ngx_string("commerce_dry_run"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_RTMP_APP_CONF_OFFSET,
      offsetof(ngx_rtmp_commerce_app_conf_t, dry_run),
      NULL },

    { ngx_string("commerce_reconnect_window"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_TAKE1,
      ngx_rtmp_commerce_set_window,
      NGX_RTMP_APP_CONF_OFFSET,
      offsetof(ngx_rtmp_commerce_app_conf_t, window),
      NULL },

    { ngx_string("commerce_publish_video"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_TAKE12,
      ngx_rtmp_commerce_set_video,
      NGX_RTMP_APP_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("commerce_cue_point"),
      NGX_RTMP_MAIN_CONF|NGX_RTMP_SRV_CONF|NGX_RTMP_APP_CONF|NGX_CONF_1MORE,
      ngx_rtmp_commerce_cue_point_set,
      NGX_RTMP_APP_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_rtmp_module_t  ngx_rtmp_commerce_module_ctx = {
    ngx_rtmp_commerce_preconfiguration,    /* preconfiguration */
    ngx_rtmp_commerce_postconfiguration,   /* postconfiguration */

    NULL,                                  /* create main configuration */
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
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_commerce_status_part_t  ngx_rtmp_commerce_parts[] = {
    { "publish", ngx_rtmp_commerce_status_publish },
    { "play", ngx_rtmp_commerce_status_play }
};


static void
ngx_rtmp_commerce_status_publish(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_stats_t  *stats;

    stats = tenant->stats;

    ngx_commerce_status_number(status, "admitted",
                               stats->published[NGX_COMMERCE_ALLOWED]);
    ngx_commerce_status_reasons(status, "refused", stats->published);
    ngx_commerce_status_number(status, "ended",
                               stats->publish_ended[NGX_COMMERCE_ALLOWED]);
    ngx_commerce_status_reasons(status, "cut", stats->publish_ended);
    ngx_commerce_status_reasons(status, "dry_run", stats->publish_dry_run);
    ngx_commerce_status_number(status, "no_video", stats->no_video);
}


static void
ngx_rtmp_commerce_status_play(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_stats_t  *stats;

    stats = tenant->stats;

    ngx_commerce_status_number(status, "admitted",
                               stats->played[NGX_COMMERCE_ALLOWED]);
    ngx_commerce_status_reasons(status, "refused", stats->played);
    ngx_commerce_status_number(status, "ended",
                               stats->play_ended[NGX_COMMERCE_ALLOWED]);
    ngx_commerce_status_reasons(status, "cut", stats->play_ended);
    ngx_commerce_status_reasons(status, "dry_run", stats->play_dry_run);
}


static ngx_int_t
ngx_rtmp_commerce_preconfiguration(ngx_conf_t *cf)
{
    if (ngx_commerce_status_add(cf, &ngx_rtmp_commerce_parts[0]) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_commerce_status_add(cf, &ngx_rtmp_commerce_parts[1]);
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
     *     conf->named = NULL;
     *     conf->tenant = NULL;
     *     conf->proofs = 0;
     *     conf->file = NULL;
     *     conf->line = 0;
     *     conf->play_file = NULL;
     *     conf->play_line = 0;
     */

    conf->play = NGX_CONF_UNSET;
    conf->dry_run = NGX_CONF_UNSET;
    conf->window = NGX_CONF_UNSET_MSEC;
    conf->video = NGX_CONF_UNSET_MSEC;
    conf->video_refuse = NGX_CONF_UNSET_UINT;
    conf->cue_points = NGX_CONF_UNSET_PTR;

    return conf;
}


static char *
ngx_rtmp_commerce_merge_app_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_rtmp_commerce_app_conf_t *prev = parent;
    ngx_rtmp_commerce_app_conf_t *conf = child;

    if (conf->proofs == 0) {
        conf->file = prev->file;
        conf->line = prev->line;
    }

    if (conf->play == NGX_CONF_UNSET) {
        conf->play_file = prev->play_file;
        conf->play_line = prev->play_line;
    }

    if (conf->named == NULL) {
        conf->named = prev->named;
    }

    ngx_conf_merge_value(conf->play, prev->play, 0);
    ngx_conf_merge_value(conf->dry_run, prev->dry_run, 0);

    ngx_conf_merge_msec_value(conf->window, prev->window, 60000);
    ngx_conf_merge_uint_value(conf->video_refuse, prev->video_refuse, 0);
    ngx_conf_merge_msec_value(conf->video, prev->video, 10000);
    ngx_conf_merge_ptr_value(conf->cue_points, prev->cue_points, NULL);
    ngx_conf_merge_bitmask_value(conf->proofs, prev->proofs,
                              (NGX_CONF_BITMASK_SET
                               |NGX_RTMP_COMMERCE_PUBLISH_OFF));

    return NGX_CONF_OK;
}


static char *
ngx_rtmp_commerce_set_tenant(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                     *value;
    ngx_rtmp_commerce_app_conf_t  *cacf = conf;

    if (cacf->named) {
        return "is duplicate";
    }

    value = cf->args->elts;
    cacf->named = ngx_commerce_tenant_add(cf, &value[1]);

    return cacf->named ? NGX_CONF_OK : NGX_CONF_ERROR;
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
                           "invalid value \"%V %V\" in \"%V\" directive: "
                           "\"off\" stands alone",
                           &value[1], &value[2], &cmd->name);
        return NGX_CONF_ERROR;
    }

    cacf->file = cf->conf_file->file.name.data;
    cacf->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


static char *
ngx_rtmp_commerce_set_play(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_rtmp_commerce_app_conf_t  *cacf = conf;

    cacf->play_file = cf->conf_file->file.name.data;
    cacf->play_line = cf->conf_file->line;

    return ngx_conf_set_flag_slot(cf, cmd, conf);
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
                           "invalid value \"%V\" in \"%V\" directive",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    cacf->window = (ngx_msec_t) window;

    return NGX_CONF_OK;
}


static char *
ngx_rtmp_commerce_set_video(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t                      time;
    ngx_str_t                     *value, *wrong;
    ngx_rtmp_commerce_app_conf_t  *cacf = conf;

    if (cacf->video != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;
    wrong = NULL;

    cacf->video_refuse = 0;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        time = 0;

        if (cf->args->nelts > 2) {
            wrong = &value[2];
        }

    } else {
        time = ngx_parse_time(&value[1], 0);

        if (time == NGX_ERROR || time == 0) {
            wrong = &value[1];

        } else if (cf->args->nelts > 2) {
            cacf->video_refuse = 1;

            if (ngx_strcmp(value[2].data, "refuse") != 0) {
                wrong = &value[2];
            }
        }
    }

    if (wrong) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\"", wrong);
        return NGX_CONF_ERROR;
    }

    cacf->video = (ngx_msec_t) time;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_rtmp_commerce_postconfiguration(ngx_conf_t *cf)
{
    if (ngx_rtmp_commerce_use_tenants(cf) != NGX_OK
        || ngx_rtmp_commerce_gate(cf) != NGX_OK
        || ngx_rtmp_commerce_command(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_rtmp_commerce_session_hook();
    ngx_rtmp_commerce_publish_hook();
    ngx_rtmp_commerce_play_hook();

    return NGX_OK;
}


/* of rtmp and server no tenant is asked: they only pass on what they have */

static ngx_int_t
ngx_rtmp_commerce_use_tenants(ngx_conf_t *cf)
{
    ngx_uint_t                      i, j;
    ngx_rtmp_core_app_conf_t      **app;
    ngx_rtmp_core_srv_conf_t      **server;
    ngx_rtmp_core_main_conf_t      *cmcf;
    ngx_rtmp_commerce_app_conf_t   *cacf;

    cmcf = ngx_rtmp_conf_get_module_main_conf(cf, ngx_rtmp_core_module);
    server = cmcf->servers.elts;

    for (i = 0; i < cmcf->servers.nelts; i++) {
        app = server[i]->applications.elts;

        for (j = 0; j < server[i]->applications.nelts; j++) {

            cacf = app[j]->app_conf[ngx_rtmp_commerce_module.ctx_index];

            if (ngx_rtmp_commerce_use_tenant(cf, cacf) != NGX_OK) {
                return NGX_ERROR;
            }

            ngx_rtmp_commerce_period_cuts(cf, app[j]->app_conf, &cacf->cuts);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_rtmp_commerce_use_tenant(ngx_conf_t *cf,
    ngx_rtmp_commerce_app_conf_t *cacf)
{
    ngx_uint_t   line;
    u_char      *file;

    file = cacf->file;
    line = cacf->line;

    if (cacf->proofs & NGX_RTMP_COMMERCE_PUBLISH_OFF) {
        cacf->proofs = 0;

        file = cacf->play_file;
        line = cacf->play_line;

        if (!cacf->play) {
            return NGX_OK;
        }
    }

    cacf->tenant = ngx_commerce_tenant_use(cf, cacf->named, file, line);
    if (cacf->tenant == NULL) {
        return NGX_ERROR;
    }

    if (cacf->proofs & NGX_COMMERCE_PROOF_TOKEN) {
        cacf->tenant->token_file = cacf->file;
        cacf->tenant->token_line = cacf->line;
    }

    if (cacf->proofs & NGX_COMMERCE_PROOF_JWT) {
        cacf->tenant->jwt_file = cacf->file;
        cacf->tenant->jwt_line = cacf->line;
    }

    if (cacf->proofs & NGX_COMMERCE_PROOF_URL) {
        cacf->tenant->url_file = cacf->file;
        cacf->tenant->url_line = cacf->line;
    }

    return NGX_OK;
}
