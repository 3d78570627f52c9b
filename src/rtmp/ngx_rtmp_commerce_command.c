
#include "ngx_rtmp_commerce_command.h"
#include "ngx_rtmp_commerce_login.h"
#include "ngx_rtmp_commerce_play.h"
#include "ngx_rtmp_commerce_session.h"


static ngx_int_t ngx_rtmp_commerce_command_refuse(ngx_rtmp_session_t *s);
static ngx_int_t ngx_rtmp_commerce_command_connect(ngx_rtmp_session_t *s,
    ngx_rtmp_header_t *h, ngx_chain_t *in);
static ngx_rtmp_commerce_app_conf_t *ngx_rtmp_commerce_command_app(
    ngx_rtmp_session_t *s, u_char *app);
static ngx_int_t ngx_rtmp_commerce_command_proofs(ngx_rtmp_session_t *s,
    ngx_rtmp_connect_t *v, ngx_rtmp_commerce_app_conf_t *cacf);
static ngx_int_t ngx_rtmp_commerce_command_publish(ngx_rtmp_session_t *s,
    ngx_rtmp_header_t *h, ngx_chain_t *in);
static ngx_int_t ngx_rtmp_commerce_command_play(ngx_rtmp_session_t *s,
    ngx_rtmp_header_t *h, ngx_chain_t *in);
static ngx_int_t ngx_rtmp_commerce_command_play2(ngx_rtmp_session_t *s,
    ngx_rtmp_header_t *h, ngx_chain_t *in);


static struct {
    ngx_str_t            name;
    ngx_rtmp_handler_pt  handler;
} ngx_rtmp_commerce_commands[] = {
    { ngx_string("connect"), ngx_rtmp_commerce_command_connect },
    { ngx_string("publish"), ngx_rtmp_commerce_command_publish },
    { ngx_string("play"), ngx_rtmp_commerce_command_play },
    { ngx_string("play2"), ngx_rtmp_commerce_command_play2 },
    { ngx_null_string, NULL }
};


/* a handler has to come before nginx-rtmp's own to keep the command from it */

ngx_int_t
ngx_rtmp_commerce_command(ngx_conf_t *cf)
{
    ngx_uint_t                  i;
    ngx_array_t                *handlers;
    ngx_rtmp_amf_handler_t     *h;
    ngx_rtmp_core_main_conf_t  *cmcf;

    cmcf = ngx_rtmp_conf_get_module_main_conf(cf, ngx_rtmp_core_module);
    handlers = &cmcf->amf;

    for (i = 0; ngx_rtmp_commerce_commands[i].name.len; i++) {

        if (ngx_array_push(handlers) == NULL) {
            return NGX_ERROR;
        }

        h = handlers->elts;
        ngx_memmove(h + 1, h, (handlers->nelts - 1) * sizeof(*h));

        h->name = ngx_rtmp_commerce_commands[i].name;
        h->handler = ngx_rtmp_commerce_commands[i].handler;
    }

    return NGX_OK;
}


/*
 * nginx-rtmp obeys whatever command comes in on a connection, though it
 * opened the connection itself, to push or to pull: a connect would choose
 * another application, a publish or play another room.
 */

static ngx_int_t
ngx_rtmp_commerce_command_refuse(ngx_rtmp_session_t *s)
{
    ngx_log_error(NGX_LOG_WARN, s->connection->log, 0,
                  "commerce: a command of clients was refused: it came from "
                  "where streams are pushed to or pulled from");

    return NGX_ERROR;
}


static ngx_int_t
ngx_rtmp_commerce_command_connect(ngx_rtmp_session_t *s, ngx_rtmp_header_t *h,
    ngx_chain_t *in)
{
    size_t                         len;
    ngx_int_t                      rc;
    ngx_rtmp_commerce_app_conf_t  *cacf;

    static ngx_rtmp_connect_t  v;

    static ngx_rtmp_amf_elt_t  object[] = {
        { NGX_RTMP_AMF_STRING, ngx_string("app"), v.app, sizeof(v.app) },
        { NGX_RTMP_AMF_STRING, ngx_string("flashVer"),
          v.flashver, sizeof(v.flashver) },
        { NGX_RTMP_AMF_STRING, ngx_string("swfUrl"),
          v.swf_url, sizeof(v.swf_url) },
        { NGX_RTMP_AMF_STRING, ngx_string("tcUrl"),
          v.tc_url, sizeof(v.tc_url) },
        { NGX_RTMP_AMF_STRING, ngx_string("pageUrl"),
          v.page_url, sizeof(v.page_url) },
        { NGX_RTMP_AMF_NUMBER, ngx_string("audioCodecs"), &v.acodecs, 0 },
        { NGX_RTMP_AMF_NUMBER, ngx_string("videoCodecs"), &v.vcodecs, 0 },
        { NGX_RTMP_AMF_NUMBER, ngx_string("objectEncoding"),
          &v.object_encoding, 0 }
    };

    static ngx_rtmp_amf_elt_t  elts[] = {
        { NGX_RTMP_AMF_NUMBER, ngx_null_string, &v.trans, 0 },
        { NGX_RTMP_AMF_OBJECT, ngx_null_string, object, sizeof(object) }
    };

    if (s->relay) {
        return ngx_rtmp_commerce_command_refuse(s);
    }

    ngx_memzero(&v, sizeof(ngx_rtmp_connect_t));

    if (ngx_rtmp_receive_amf(s, in, elts, sizeof(elts) / sizeof(elts[0]))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    len = ngx_strlen(v.app);

    if (len && v.app[len - 1] == '/') {
        v.app[len - 1] = '\0';
    }

    ngx_rtmp_cmd_fill_args(v.app, v.args);

    cacf = ngx_rtmp_commerce_command_app(s, v.app);

    if (cacf == NULL || cacf->tenant == NULL) {
        return NGX_OK;
    }

    rc = ngx_rtmp_commerce_command_proofs(s, &v, cacf);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_log_error(NGX_LOG_INFO, s->connection->log, 0,
                  "commerce: connect: app=\"%s\" args=\"%s\" flashver=\"%s\" "
                  "tc_url=\"%s\"", v.app, v.args, v.flashver, v.tc_url);

    return ngx_rtmp_connect(s, &v) == NGX_OK ? NGX_DONE : NGX_ERROR;
}


/* app without what nginx-rtmp ignores at its end, too; NULL: no such one */

static ngx_rtmp_commerce_app_conf_t *
ngx_rtmp_commerce_command_app(ngx_rtmp_session_t *s, u_char *app)
{
    size_t                      len;
    ngx_uint_t                  i;
    ngx_rtmp_core_app_conf_t  **application;
    ngx_rtmp_core_srv_conf_t   *cscf;

    static ngx_str_t  instance = ngx_string("/_definst_");

    len = ngx_strlen(app);

    if (len > instance.len
        && ngx_memcmp(app + len - instance.len, instance.data, instance.len)
           == 0)
    {
        len -= instance.len;

    } else if (len && app[len - 1] == '/') {
        len--;
    }

    app[len] = '\0';

    cscf = ngx_rtmp_get_module_srv_conf(s, ngx_rtmp_core_module);
    application = cscf->applications.elts;

    for (i = 0; i < cscf->applications.nelts; i++) {

        if (application[i]->name.len == len
            && ngx_memcmp(application[i]->name.data, app, len) == 0)
        {
            return application[i]->app_conf
                                      [ngx_rtmp_commerce_module.ctx_index];
        }
    }

    return NULL;
}


/* NGX_DONE: the client has been asked for one */

static ngx_int_t
ngx_rtmp_commerce_command_proofs(ngx_rtmp_session_t *s, ngx_rtmp_connect_t *v,
    ngx_rtmp_commerce_app_conf_t *cacf)
{
    ngx_int_t                  rc;
    ngx_array_t               *urls;
    ngx_rtmp_commerce_ctx_t   *ctx;
    ngx_rtmp_commerce_args_t   brought;

    ngx_memzero(&brought, sizeof(ngx_rtmp_commerce_args_t));

    if (ngx_strstr(v->args, "authmod=")) {
        ngx_rtmp_commerce_args_take_login(&brought, v->args);
        ngx_rtmp_commerce_args_take_login(&brought, v->tc_url);
        ngx_rtmp_commerce_args_take_login(&brought, v->swf_url);
        ngx_rtmp_commerce_args_take_login(&brought, v->page_url);
    }

    urls = ngx_rtmp_commerce_signed_urls(cacf);

    ngx_rtmp_commerce_args_take(&brought, urls, v->args);
    ngx_rtmp_commerce_args_take_url(&brought, urls, v->tc_url);
    ngx_rtmp_commerce_args_take_url(&brought, urls, v->swf_url);
    ngx_rtmp_commerce_args_take_url(&brought, urls, v->page_url);

    rc = ngx_rtmp_commerce_login(s, v->trans, cacf, &brought);

    if (rc != NGX_OK || !ngx_rtmp_commerce_args_any(&brought)) {
        return rc;
    }

    ctx = ngx_rtmp_commerce_session_ctx(s, cacf);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_rtmp_commerce_args_copy(&ctx->brought, &brought);
    ngx_rtmp_commerce_args_wipe(&brought);

    return NGX_OK;
}


static ngx_int_t
ngx_rtmp_commerce_command_publish(ngx_rtmp_session_t *s, ngx_rtmp_header_t *h,
    ngx_chain_t *in)
{
    static ngx_rtmp_publish_t  v;

    static ngx_rtmp_amf_elt_t  elts[] = {
        { NGX_RTMP_AMF_NUMBER, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_NULL, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_STRING, ngx_null_string, v.name, sizeof(v.name) },
        { NGX_RTMP_AMF_OPTIONAL|NGX_RTMP_AMF_STRING, ngx_null_string,
          v.type, sizeof(v.type) }
    };

    if (s->relay) {
        return ngx_rtmp_commerce_command_refuse(s);
    }

    if (ngx_rtmp_commerce_session_conf(s) == NULL) {
        return NGX_OK;
    }

    ngx_memzero(&v, sizeof(ngx_rtmp_publish_t));

    if (ngx_rtmp_receive_amf(s, in, elts, sizeof(elts) / sizeof(elts[0]))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_rtmp_cmd_fill_args(v.name, v.args);

    return ngx_rtmp_publish(s, &v) == NGX_OK ? NGX_DONE : NGX_ERROR;
}


static ngx_int_t
ngx_rtmp_commerce_command_play(ngx_rtmp_session_t *s, ngx_rtmp_header_t *h,
    ngx_chain_t *in)
{
    static ngx_rtmp_play_t  v;

    static ngx_rtmp_amf_elt_t  elts[] = {
        { NGX_RTMP_AMF_NUMBER, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_NULL, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_STRING, ngx_null_string, v.name, sizeof(v.name) },
        { NGX_RTMP_AMF_OPTIONAL|NGX_RTMP_AMF_NUMBER, ngx_null_string,
          &v.start, 0 },
        { NGX_RTMP_AMF_OPTIONAL|NGX_RTMP_AMF_NUMBER, ngx_null_string,
          &v.duration, 0 },
        { NGX_RTMP_AMF_OPTIONAL|NGX_RTMP_AMF_BOOLEAN, ngx_null_string,
          &v.reset, 0 }
    };

    if (s->relay) {
        return ngx_rtmp_commerce_command_refuse(s);
    }

    if (ngx_rtmp_commerce_play_conf(s) == NULL) {
        return NGX_OK;
    }

    ngx_memzero(&v, sizeof(ngx_rtmp_play_t));

    if (ngx_rtmp_receive_amf(s, in, elts, sizeof(elts) / sizeof(elts[0]))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_rtmp_cmd_fill_args(v.name, v.args);

    return ngx_rtmp_play(s, &v) == NGX_OK ? NGX_DONE : NGX_ERROR;
}


/* another stream in place of the one that is played, from where that is on */

static ngx_int_t
ngx_rtmp_commerce_command_play2(ngx_rtmp_session_t *s, ngx_rtmp_header_t *h,
    ngx_chain_t *in)
{
    static ngx_rtmp_play_t          v;
    static ngx_rtmp_close_stream_t  close;

    static ngx_rtmp_amf_elt_t  object[] = {
        { NGX_RTMP_AMF_NUMBER, ngx_string("start"), &v.start, 0 },
        { NGX_RTMP_AMF_STRING, ngx_string("streamName"),
          v.name, sizeof(v.name) }
    };

    static ngx_rtmp_amf_elt_t  elts[] = {
        { NGX_RTMP_AMF_NUMBER, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_NULL, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_OBJECT, ngx_null_string, object, sizeof(object) }
    };

    if (s->relay) {
        return ngx_rtmp_commerce_command_refuse(s);
    }

    if (ngx_rtmp_commerce_play_conf(s) == NULL) {
        return NGX_OK;
    }

    ngx_memzero(&v, sizeof(ngx_rtmp_play_t));

    if (ngx_rtmp_receive_amf(s, in, elts, sizeof(elts) / sizeof(elts[0]))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_rtmp_cmd_fill_args(v.name, v.args);

    if (v.start < 0) {
        v.start = s->current_time;
    }

    ngx_memzero(&close, sizeof(ngx_rtmp_close_stream_t));
    ngx_rtmp_close_stream(s, &close);

    return ngx_rtmp_play(s, &v) == NGX_OK ? NGX_DONE : NGX_ERROR;
}
