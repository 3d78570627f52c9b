
#include "ngx_http_commerce_actor.h"
#include "ngx_commerce_text.h"


#define NGX_HTTP_COMMERCE_ACTOR_MAX  128    /* bytes */


typedef struct {
    ngx_http_complex_value_t  *actor;
} ngx_http_commerce_actor_conf_t;


static ngx_int_t ngx_http_commerce_actor_text(ngx_http_request_t *r,
    ngx_str_t *text);
static size_t ngx_http_commerce_actor_cut(ngx_str_t *text);
static void *ngx_http_commerce_actor_create_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_actor_merge_conf(ngx_conf_t *cf, void *parent,
    void *child);


static ngx_command_t  ngx_http_commerce_actor_commands[] = {

    { ngx_string("commerce_actor"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_actor_conf_t, actor),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_actor_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_actor_create_conf,   /* create location configuration */
    ngx_http_commerce_actor_merge_conf     /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_actor_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_actor_module_ctx,   /* module context */
    ngx_http_commerce_actor_commands,      /* module directives */
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


ngx_str_t
ngx_http_commerce_actor(ngx_http_request_t *r)
{
    ngx_str_t  text, actor;

    ngx_str_null(&actor);

    if (ngx_http_commerce_actor_text(r, &text) != NGX_OK) {
        return actor;
    }

    actor = ngx_commerce_text_clean(r->pool, &text);

    actor.len = actor.data ? ngx_http_commerce_actor_cut(&actor) : 0;

    return actor;
}


/* NGX_OK; NGX_DECLINED: nobody says who it is; NGX_ERROR */

static ngx_int_t
ngx_http_commerce_actor_text(ngx_http_request_t *r, ngx_str_t *text)
{
    ngx_int_t                        rc;
    ngx_http_commerce_actor_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_actor_module);

    if (conf->actor) {
        return ngx_http_complex_value(r, conf->actor, text);
    }

    rc = ngx_http_auth_basic_user(r);

    if (rc == NGX_OK) {
        *text = r->headers_in.user;
    }

    return rc;
}


/* its length without what is too long, between characters */

static size_t
ngx_http_commerce_actor_cut(ngx_str_t *text)
{
    size_t   n;
    u_char  *p, *last;

    p = text->data;
    last = p + ngx_min(text->len, NGX_HTTP_COMMERCE_ACTOR_MAX);

    while (p < last) {
        n = ngx_commerce_utf8_len(p, last);

        if (n == 0) {
            break;
        }

        p += n;
    }

    return p - text->data;
}


static void *
ngx_http_commerce_actor_create_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_actor_conf_t));
}


static char *
ngx_http_commerce_actor_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_actor_conf_t *prev = parent;
    ngx_http_commerce_actor_conf_t *conf = child;

    if (conf->actor == NULL) {
        conf->actor = prev->actor;
    }

    return NGX_CONF_OK;
}
