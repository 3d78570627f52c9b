
/*
 * Lets viewers into a room.
 *
 * Whoever brings a proof that suffices gets the session that goes on with it.
 * Else a code that he posts is asked for; what it lets in is somebody who has
 * proved the room just now, under the name that he has brought, or else under
 * one that is made for him.  The decision is one and the same for all of them,
 * so that who is banned gets nothing, whatever he knows.
 */

#include "ngx_http_commerce_enter.h"
#include "ngx_http_commerce_address.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_args_module.h"
#include "ngx_commerce_code.h"
#include "ngx_commerce_status.h"


static ngx_int_t ngx_http_commerce_enter_request(ngx_http_request_t *r);
static void ngx_http_commerce_enter_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_enter_judge(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_enter_newcomer(
    ngx_http_commerce_enter_t *enter, ngx_str_t *room,
    ngx_commerce_claims_t *claims);
static ngx_int_t ngx_http_commerce_enter_decide(ngx_http_request_t *r);
static ngx_uint_t ngx_http_commerce_enter_admitted(
    ngx_commerce_reason_e reason);
static ngx_uint_t ngx_http_commerce_enter_code_helps(
    ngx_commerce_reason_e reason);
static ngx_uint_t ngx_http_commerce_enter_is_anonymous(
    ngx_commerce_claims_t *claims);
static ngx_int_t ngx_http_commerce_enter_by_code(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *brought);
static ngx_int_t ngx_http_commerce_enter_named(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_enter_code_answered(ngx_http_request_t *r,
    ngx_int_t rc);
static ngx_int_t ngx_http_commerce_enter_wrong(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_enter_subject(
    ngx_http_commerce_enter_t *enter, ngx_str_t *room, ngx_str_t *subject);
static ngx_int_t ngx_http_commerce_enter_refuse(ngx_http_request_t *r,
    ngx_commerce_reason_e reason);
static void ngx_http_commerce_enter_cleanup(void *data);
static void ngx_http_commerce_enter_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static ngx_int_t ngx_http_commerce_enter_preconfiguration(ngx_conf_t *cf);
static void *ngx_http_commerce_enter_create_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_enter_merge_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_commerce_enter(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_command_t  ngx_http_commerce_enter_commands[] = {

    { ngx_string("commerce_enter"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_commerce_enter,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_commerce_enter_request },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_enter_module_ctx = {
    ngx_http_commerce_enter_preconfiguration, /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_enter_create_conf,   /* create location configuration */
    ngx_http_commerce_enter_merge_conf     /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_enter_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_enter_module_ctx,   /* module context */
    ngx_http_commerce_enter_commands,      /* module directives */
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


static ngx_commerce_status_part_t  ngx_http_commerce_enter_part = {
    "entries", ngx_http_commerce_enter_status
};


static ngx_int_t
ngx_http_commerce_enter_request(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_pool_cleanup_t         *cln;
    ngx_http_commerce_enter_t  *enter;

    static ngx_str_t  methods = ngx_string("POST");

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "http commerce enter handler");

    if (r->method != NGX_HTTP_POST) {
        return ngx_http_commerce_not_allowed(r, &methods,
                                             "one enters by POST");
    }

    rc = ngx_http_commerce_enter_body_expect(r);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_commerce_enter_t));
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    enter = cln->data;
    ngx_memzero(enter, sizeof(ngx_http_commerce_enter_t));

    cln->handler = ngx_http_commerce_enter_cleanup;

    enter->request = r;
    enter->tenant = ngx_http_commerce_tenant(r);

    ngx_http_set_ctx(r, enter, ngx_http_commerce_enter_module);

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_commerce_enter_body);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


static void
ngx_http_commerce_enter_body(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_commerce_enter_t  *enter;

    enter = ngx_http_get_module_ctx(r, ngx_http_commerce_enter_module);

    rc = ngx_http_commerce_enter_body_read(enter);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_commerce_enter_judge(r);
    }

    ngx_http_finalize_request(r, rc);
}


/*
 * By what he has brought.  Begins anew after each wait.
 *
 * Who has no name yet, and may come in without one, gets it, and is decided
 * about under it: a name that was made of his id may be known.  An anonymous
 * viewer who was signed out may come back to where anybody may.
 */

static ngx_int_t
ngx_http_commerce_enter_judge(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_commerce_claims_t        claims;
    ngx_http_commerce_enter_t   *enter;
    ngx_http_commerce_viewer_t  *viewer;

    rc = ngx_http_commerce_viewer_judge(r, NGX_HTTP_COMMERCE_CONTENT,
                                        ngx_http_commerce_enter_judge,
                                        &viewer);
    if (rc != NGX_OK) {
        return rc == NGX_AGAIN ? NGX_DONE : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    enter = ngx_http_get_module_ctx(r, ngx_http_commerce_enter_module);

    if (ngx_http_commerce_enter_admitted(viewer->reason)) {

        if (viewer->best && viewer->best->subject.len
            && viewer->best->issued)
        {
            return ngx_http_commerce_enter_session_answer(enter, &viewer->name,
                                                          viewer->best);
        }

        ngx_memzero(&claims, sizeof(ngx_commerce_claims_t));

        if (viewer->best) {
            claims = *viewer->best;
        }

        return ngx_http_commerce_enter_newcomer(enter, &viewer->name, &claims);
    }

    if (enter->code.len && ngx_http_commerce_enter_code_helps(viewer->reason))
    {
        return ngx_http_commerce_enter_by_code(r, viewer);
    }

    if (viewer->reason == NGX_COMMERCE_VIEWER_SIGNED_OUT
        && ngx_http_commerce_enter_is_anonymous(viewer->best))
    {
        claims = *viewer->best;
        ngx_str_null(&claims.room);
        enter->otherwise = viewer->reason;

        return ngx_http_commerce_enter_newcomer(enter, &viewer->name, &claims);
    }

    return ngx_http_commerce_enter_refuse(r, viewer->reason);
}


/* he enters now, under a name that he has or is given */

static ngx_int_t
ngx_http_commerce_enter_newcomer(ngx_http_commerce_enter_t *enter,
    ngx_str_t *room, ngx_commerce_claims_t *claims)
{
    ngx_http_request_t     *r;
    ngx_commerce_claims_t  *claim;

    r = enter->request;

    ngx_http_commerce_viewer_init(r, &enter->viewer, room);

    claim = &enter->viewer.claims[0];
    *claim = *claims;

    if (claim->subject.len == 0
        && ngx_http_commerce_enter_subject(enter, room, &claim->subject)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    claim->proof = NGX_COMMERCE_PROOF_TOKEN;
    claim->action = NGX_COMMERCE_ACTION_VIEW;
    claim->issued = ngx_commerce_now(enter->tenant);
    claim->expires = claim->issued + (int64_t) enter->tenant->session;
    claim->session = 1;

    enter->viewer.nclaims = 1;
    enter->enters = 1;

    return ngx_http_commerce_enter_decide(r);
}


/* begins anew after each wait */

static ngx_int_t
ngx_http_commerce_enter_decide(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_http_commerce_enter_t   *enter;
    ngx_http_commerce_viewer_t  *viewer;

    enter = ngx_http_get_module_ctx(r, ngx_http_commerce_enter_module);
    viewer = &enter->viewer;

    rc = ngx_http_commerce_viewer_decide(r, viewer, NGX_HTTP_COMMERCE_CONTENT,
                                         ngx_http_commerce_enter_decide);
    if (rc != NGX_OK) {
        return rc == NGX_AGAIN ? NGX_DONE : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_commerce_enter_admitted(viewer->reason)) {
        return ngx_http_commerce_enter_session_answer(enter, &viewer->name,
                                                      &viewer->claims[0]);
    }

    return ngx_http_commerce_enter_refuse(r,
                                 enter->otherwise != NGX_COMMERCE_ALLOWED
                                 ? enter->otherwise : viewer->reason);
}


/* who comes before the show may wait inside */

static ngx_uint_t
ngx_http_commerce_enter_admitted(ngx_commerce_reason_e reason)
{
    return reason == NGX_COMMERCE_ALLOWED
           || reason == NGX_COMMERCE_ROOM_SCHEDULED;
}


/* a room that is not there has no code, but that is not told */

static ngx_uint_t
ngx_http_commerce_enter_code_helps(ngx_commerce_reason_e reason)
{
    switch (reason) {

    case NGX_COMMERCE_ROOM_UNKNOWN:
    case NGX_COMMERCE_PROOF_MISSING:
    case NGX_COMMERCE_PROOF_WRONG:
    case NGX_COMMERCE_PROOF_EXPIRED:
    case NGX_COMMERCE_PROOF_EARLY:
    case NGX_COMMERCE_PROOF_TOO_LONG:
    case NGX_COMMERCE_PROOF_OTHER_ACTION:
    case NGX_COMMERCE_PROOF_OTHER_ROOM:
    case NGX_COMMERCE_PROOF_INSUFFICIENT:
    case NGX_COMMERCE_NOT_FOLLOWING:
    case NGX_COMMERCE_VIEWER_SIGNED_OUT:
        return 1;

    default:
        return 0;
    }
}


static ngx_uint_t
ngx_http_commerce_enter_is_anonymous(ngx_commerce_claims_t *claims)
{
    return claims && claims->subject.len && claims->subject.data[0] == '~';
}


/*
 * Who has brought a name, with what is not enough, enters under it.  Whether it
 * was signed out is asked as if the room had been proved already: nobody else
 * is told.
 */

static ngx_int_t
ngx_http_commerce_enter_by_code(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *brought)
{
    ngx_http_commerce_enter_t   *enter;
    ngx_http_commerce_viewer_t  *viewer;

    enter = ngx_http_get_module_ctx(r, ngx_http_commerce_enter_module);
    viewer = &enter->viewer;

    ngx_http_commerce_viewer_init(r, viewer, &brought->name);

    if (brought->best && brought->best->subject.len) {
        viewer->claims[0] = *brought->best;
        viewer->nclaims = 1;
    }

    viewer->claims[0].room = viewer->name;

    return ngx_http_commerce_enter_named(r);
}


/*
 * Begins anew after each wait.  A name that was signed out is its platform's to
 * give anew: whoever has it still enters as nobody in particular.
 */

static ngx_int_t
ngx_http_commerce_enter_named(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_commerce_claims_t       *claim;
    ngx_http_commerce_enter_t   *enter;
    ngx_http_commerce_viewer_t  *viewer;

    enter = ngx_http_get_module_ctx(r, ngx_http_commerce_enter_module);
    viewer = &enter->viewer;
    claim = &viewer->claims[0];

    if (viewer->nclaims) {
        rc = ngx_http_commerce_viewer_decide(r, viewer,
                                             NGX_HTTP_COMMERCE_CONTENT,
                                             ngx_http_commerce_enter_named);
        if (rc != NGX_OK) {
            return rc == NGX_AGAIN ? NGX_DONE : NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (viewer->reason == NGX_COMMERCE_VIEWER_SIGNED_OUT
            && !ngx_http_commerce_enter_is_anonymous(claim))
        {
            claim->subject.len = 0;
        }
    }

    if (claim->subject.len == 0
        && ngx_http_commerce_enter_subject(enter, &viewer->name,
                                           &claim->subject)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_commerce_enter_code_ask(enter, &viewer->name,
                                        &claim->subject,
                                        ngx_http_commerce_enter_code_answered);

    return rc == NGX_DONE ? rc
                          : ngx_http_commerce_enter_refuse(r,
                                                      NGX_COMMERCE_STORE_AWAY);
}


static ngx_int_t
ngx_http_commerce_enter_code_answered(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_str_t                   room;
    ngx_commerce_claims_t       claims;
    ngx_http_commerce_enter_t  *enter;

    enter = ngx_http_get_module_ctx(r, ngx_http_commerce_enter_module);

    switch (rc) {

    case NGX_OK:
        room = enter->viewer.name;
        claims = enter->viewer.claims[0];

        return ngx_http_commerce_enter_newcomer(enter, &room, &claims);

    case NGX_DECLINED:
        return ngx_http_commerce_enter_wrong(r);

    default: /* NGX_ERROR */
        return ngx_http_commerce_enter_refuse(r, NGX_COMMERCE_STORE_AWAY);
    }
}


/* of all that an address may guess, only what is wrong counts */

static ngx_int_t
ngx_http_commerce_enter_wrong(ngx_http_request_t *r)
{
    u_char                 *p;
    ngx_str_t               address, later;
    ngx_msec_t              ms;
    ngx_commerce_tenant_t  *tenant;

    tenant = ngx_http_commerce_tenant(r);

    ngx_http_commerce_address(r, &address);

    ms = ngx_commerce_guess_wrong(tenant->stats->guesses, &address,
                                  ngx_current_msec);
    if (ms == 0) {
        return ngx_http_commerce_enter_refuse(r, NGX_COMMERCE_CODE_WRONG);
    }

    p = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    later.data = p;
    later.len = ngx_sprintf(p, "%M", (ms + 999) / 1000) - p;

    if (ngx_http_commerce_add_header(r, "Retry-After", &later) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_enter_refuse(r, NGX_COMMERCE_TOO_MANY_GUESSES);
}


static ngx_int_t
ngx_http_commerce_enter_subject(ngx_http_commerce_enter_t *enter,
    ngx_str_t *room, ngx_str_t *subject)
{
    subject->data = enter->subject;
    subject->len = NGX_COMMERCE_VIEWER_ANONYMOUS;

    if (enter->id.len == 0) {
        return ngx_commerce_viewer_anonymous(subject->data);
    }

    return ngx_commerce_code_subject(enter->tenant->secrets->elts, room,
                                     &enter->id, subject->data);
}


static ngx_int_t
ngx_http_commerce_enter_refuse(ngx_http_request_t *r,
    ngx_commerce_reason_e reason)
{
    ngx_commerce_tenant_t  *tenant;

    tenant = ngx_http_commerce_tenant(r);

    (void) ngx_atomic_fetch_add(&tenant->stats->entered[reason], 1);

    return ngx_http_commerce_refuse(r, reason, NULL);
}


static void
ngx_http_commerce_enter_cleanup(void *data)
{
    ngx_http_commerce_enter_t  *enter = data;

    if (enter->call) {
        ngx_commerce_redis_cancel(enter->call);
        enter->call = NULL;
    }
}


static void
ngx_http_commerce_enter_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_status_number(status, "accepted",
                               tenant->stats->entered[NGX_COMMERCE_ALLOWED]);
    ngx_commerce_status_reasons(status, "refused", tenant->stats->entered);
}


static ngx_int_t
ngx_http_commerce_enter_preconfiguration(ngx_conf_t *cf)
{
    return ngx_commerce_status_add(cf, &ngx_http_commerce_enter_part);
}


static void *
ngx_http_commerce_enter_create_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_enter_conf_t));
}


static char *
ngx_http_commerce_enter_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_enter_conf_t *prev = parent;
    ngx_http_commerce_enter_conf_t *conf = child;

    char                   *rv;
    ngx_commerce_tenant_t  *tenant;

    rv = ngx_http_commerce_merge_room_handler_conf(cf, &prev->handler,
                                                   &conf->handler);

    if (rv != NGX_CONF_OK || conf->handler.handler == NULL) {
        return rv;
    }

    if (conf->attributes.len == 0) {
        conf->attributes = prev->attributes;
        conf->secure = prev->secure;
    }

    /* sessions are signed */

    tenant = ngx_http_commerce_use_tenant(cf);
    if (tenant == NULL) {
        return NGX_CONF_ERROR;
    }

    tenant->token_file = conf->handler.file;
    tenant->token_line = conf->handler.line;

    ngx_http_commerce_args_hide(cf);

    return NGX_CONF_OK;
}


static char *
ngx_http_commerce_enter(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_commerce_enter_conf_t *ecf = conf;

    char  *rv;

    rv = ngx_http_commerce_set_handler(cf, cmd, &ecf->handler);

    return rv == NGX_CONF_OK ? ngx_http_commerce_enter_cookie_conf(cf, ecf)
                             : rv;
}
