
/*
 * Lets in who may watch a room, whatever the location serves.
 */

#include "ngx_http_commerce_viewer.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_challenge.h"
#include "ngx_http_commerce_args_module.h"
#include "ngx_http_commerce_switch_module.h"
#include "ngx_commerce_redis.h"
#include "ngx_commerce_status.h"
#include "ngx_commerce_viewer.h"


typedef struct {
    ngx_uint_t                    on;         /* 1: somewhere */
} ngx_http_commerce_access_main_conf_t;


typedef struct {
    ngx_http_commerce_switch_t    access;
    ngx_flag_t                    dry_run;
} ngx_http_commerce_access_loc_conf_t;


static ngx_int_t ngx_http_commerce_access_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_http_commerce_access_preflight(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_access_admit(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer);
static ngx_int_t ngx_http_commerce_access_session(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer);
static ngx_int_t ngx_http_commerce_access_dry_run(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer);
static void ngx_http_commerce_access_tell(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_uint_t dry_run);
static ngx_int_t ngx_http_commerce_access_refuse(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer);
static ngx_int_t ngx_http_commerce_access_leave(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer);
static ngx_int_t ngx_http_commerce_access_satisfied(ngx_http_request_t *r);
static void ngx_http_commerce_access_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static ngx_int_t ngx_http_commerce_access_preconfiguration(ngx_conf_t *cf);
static void *ngx_http_commerce_access_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_commerce_access_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_access_merge_loc_conf(ngx_conf_t *cf,
    void *parent, void *child);
static ngx_int_t ngx_http_commerce_access_init(ngx_conf_t *cf);


static ngx_command_t  ngx_http_commerce_access_commands[] = {

    { ngx_string("commerce_access"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_http_commerce_switch,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_access_loc_conf_t, access),
      NULL },

    { ngx_string("commerce_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_access_loc_conf_t, dry_run),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_access_module_ctx = {
    ngx_http_commerce_access_preconfiguration, /* preconfiguration */
    ngx_http_commerce_access_init,         /* postconfiguration */

    ngx_http_commerce_access_create_main_conf, /* create main conf */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_access_create_loc_conf, /* create location conf */
    ngx_http_commerce_access_merge_loc_conf /* merge location conf */
};


ngx_module_t  ngx_http_commerce_access_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_access_module_ctx,  /* module context */
    ngx_http_commerce_access_commands,     /* module directives */
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


static ngx_commerce_status_part_t  ngx_http_commerce_access_part = {
    "access", ngx_http_commerce_access_status
};


static ngx_int_t
ngx_http_commerce_access_handler(ngx_http_request_t *r)
{
    ngx_int_t                             rc;
    ngx_http_commerce_viewer_t           *viewer;
    ngx_http_commerce_access_loc_conf_t  *alcf;

    alcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_access_module);

    if (!alcf->access.on) {
        return NGX_DECLINED;
    }

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "http commerce access handler");

    if (ngx_http_commerce_access_preflight(r)) {
        return NGX_DECLINED;
    }

    rc = ngx_http_commerce_viewer_judge(r, NGX_HTTP_COMMERCE_PHASE, NULL,
                                        &viewer);

    if (rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (viewer->reason == NGX_COMMERCE_ALLOWED) {
        return ngx_http_commerce_access_admit(r, viewer);
    }

    if (alcf->dry_run) {
        return ngx_http_commerce_access_dry_run(r, viewer);
    }

    return ngx_http_commerce_access_refuse(r, viewer);
}


/*
 * A browser asks this before a request of another origin, and never brings a
 * proof; what is behind the location says what it thinks of it.
 */

static ngx_uint_t
ngx_http_commerce_access_preflight(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    static ngx_str_t  name = ngx_string("access-control-request-method");

    if (r->method != NGX_HTTP_OPTIONS) {
        return 0;
    }

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (header[i].key.len == name.len
                && ngx_strncmp(header[i].lowcase_key, name.data, name.len)
                   == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_commerce_access_admit(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer)
{
    if (!viewer->told) {
        viewer->told = 1;
        (void) ngx_atomic_fetch_add(&viewer->tenant->stats->admitted, 1);

        if (viewer->followed
            && ngx_http_commerce_access_session(r, viewer) != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * Who follows the host gets a session, so that it isn't asked again.  No cache
 * may keep it for others.
 */

static ngx_int_t
ngx_http_commerce_access_session(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer)
{
    u_char                 *p, buf[NGX_COMMERCE_VIEWER_TOKEN];
    int64_t                 lasts;
    ngx_str_t               token, cookie;
    ngx_uint_t              secure;
    ngx_commerce_tenant_t  *tenant;

    tenant = viewer->tenant;
    token.data = buf;

    lasts = viewer->claim->issued + (int64_t) tenant->session
            - ngx_commerce_now(tenant);

    if (lasts < 1000
        || ngx_commerce_viewer_mint(tenant->secrets, &viewer->name,
                                    viewer->claim, tenant->session, &token)
           != NGX_OK)
    {
        return NGX_OK;
    }

    secure = 0;

#if (NGX_HTTP_SSL)
    secure = (r->connection->ssl != NULL);
#endif

    p = ngx_pnalloc(r->pool, sizeof(NGX_HTTP_COMMERCE_VIEWER_COOKIE "=; Path=/"
                                    "; Max-Age=; HttpOnly; SameSite=Lax"
                                    "; Secure")
                             + viewer->name.len + token.len + NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    cookie.data = p;
    cookie.len = ngx_sprintf(p, "%s%V=%V; Path=/; Max-Age=%L; HttpOnly"
                             "; SameSite=Lax%s",
                             NGX_HTTP_COMMERCE_VIEWER_COOKIE, &viewer->name,
                             &token, lasts / 1000, secure ? "; Secure" : "")
                 - p;

    if (ngx_http_commerce_add_header(r, "Set-Cookie", &cookie) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_commerce_no_store(r);
}


/* the other checks of the location still say what they think */

static ngx_int_t
ngx_http_commerce_access_dry_run(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer)
{
    ngx_commerce_stats_t  *stats;

    stats = viewer->tenant->stats;

    if (!viewer->told) {
        viewer->told = 1;
        (void) ngx_atomic_fetch_add(&stats->access_dry_run[viewer->reason], 1);
        ngx_http_commerce_access_tell(r, viewer, 1);

        ngx_http_commerce_set_reason_text(r,
                        (char *) ngx_commerce_reason(viewer->reason)->data);

        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "commerce: a request would have been refused: %V",
                      ngx_commerce_reason(viewer->reason));
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_commerce_access_refuse(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer)
{
    json_t                    *more;
    ngx_commerce_stats_t      *stats;
    ngx_http_core_loc_conf_t  *clcf;

    stats = viewer->tenant->stats;

    if (!viewer->told) {
        viewer->told = 1;
        (void) ngx_atomic_fetch_add(&stats->access_refused[viewer->reason], 1);
        ngx_http_commerce_access_tell(r, viewer, 0);
    }

    if (ngx_http_commerce_challenge(r, viewer->reason, &viewer->name)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->satisfy == NGX_HTTP_SATISFY_ANY) {
        return ngx_http_commerce_access_leave(r, viewer);
    }

    more = NULL;

    if (viewer->reason == NGX_COMMERCE_ROOM_SCHEDULED && viewer->starts) {
        more = json_pack("{s:I}", "starts", (json_int_t) viewer->starts);
    }

    return ngx_http_commerce_refuse_phase(r, viewer->reason, more);
}


/*
 * For the audit.  That somebody brings no proof is how a player asks whether he
 * needs one.
 */

static void
ngx_http_commerce_access_tell(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_uint_t dry_run)
{
    ngx_str_t   fields[10];
    ngx_uint_t  n;

    if (viewer->reason == NGX_COMMERCE_PROOF_MISSING) {
        return;
    }

    ngx_str_set(&fields[0], "type");
    ngx_str_set(&fields[1], "view_refused");
    ngx_str_set(&fields[2], "room");
    fields[3] = viewer->name;
    ngx_str_set(&fields[4], "client");
    fields[5] = r->connection->addr_text;
    n = 6;

    if (viewer->best && viewer->best->subject.len) {
        ngx_str_set(&fields[n], "viewer");
        fields[n + 1] = viewer->best->subject;
        n += 2;
    }

    if (dry_run) {
        ngx_str_set(&fields[n], "dry_run");
        ngx_str_set(&fields[n + 1], "1");
        n += 2;
    }

    ngx_commerce_redis_event_refused(viewer->tenant, viewer->reason, fields,
                                     n);
}


/*
 * With "satisfy any" the other checks may still let the request in; if they
 * don't, nginx answers with this status.
 */

static ngx_int_t
ngx_http_commerce_access_leave(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    h->hash = 1;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif
    ngx_str_set(&h->key, "Cache-Control");
    ngx_str_set(&h->value, "no-store");

    ngx_http_set_ctx(r, h, ngx_http_commerce_access_module);

    ngx_http_commerce_set_reason(r, viewer->reason, NGX_LOG_INFO);

    r->access_code = ngx_http_commerce_refusal_status(viewer->reason);

    return NGX_DECLINED;
}


/* they did: what was said for the refusal is taken back */

static ngx_int_t
ngx_http_commerce_access_satisfied(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_http_get_module_ctx(r, ngx_http_commerce_access_module);

    if (h) {
        h->hash = 0;
    }

    return NGX_DECLINED;
}


static void
ngx_http_commerce_access_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_status_number(status, "allowed", tenant->stats->admitted);
    ngx_commerce_status_reasons(status, "refused",
                                tenant->stats->access_refused);
    ngx_commerce_status_reasons(status, "dry_run",
                                tenant->stats->access_dry_run);
}


static ngx_int_t
ngx_http_commerce_access_preconfiguration(ngx_conf_t *cf)
{
    return ngx_commerce_status_add(cf, &ngx_http_commerce_access_part);
}


static void *
ngx_http_commerce_access_create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool,
                       sizeof(ngx_http_commerce_access_main_conf_t));
}


static void *
ngx_http_commerce_access_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_commerce_access_loc_conf_t  *conf;

    conf = ngx_palloc(cf->pool, sizeof(ngx_http_commerce_access_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    ngx_http_commerce_switch_init(&conf->access);
    conf->dry_run = NGX_CONF_UNSET;

    return conf;
}


static char *
ngx_http_commerce_access_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child)
{
    ngx_http_commerce_access_loc_conf_t *prev = parent;
    ngx_http_commerce_access_loc_conf_t *conf = child;

    ngx_http_commerce_access_main_conf_t  *amcf;

    ngx_conf_merge_value(conf->dry_run, prev->dry_run, 0);

    if (ngx_http_commerce_switch_merge(cf, &prev->access, &conf->access)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->access.on) {
        amcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_commerce_access_module);
        amcf->on = 1;

        ngx_http_commerce_args_hide(cf);
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_commerce_access_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt                   *h;
    ngx_http_core_main_conf_t             *cmcf;
    ngx_http_commerce_access_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_commerce_access_module);

    if (!amcf->on) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_ACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_commerce_access_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_commerce_access_satisfied;

    return NGX_OK;
}
