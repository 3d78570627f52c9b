
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_json.h"


typedef struct {
    ngx_str_t                     tenant_name;
    ngx_http_complex_value_t     *room;
    ngx_commerce_tenant_t        *tenant;
} ngx_http_commerce_loc_conf_t;


typedef struct {
    ngx_str_t                     reason;
    ngx_commerce_wait_t           wait;
    ngx_http_commerce_where_e     where;
    ngx_http_handler_pt           handler;
} ngx_http_commerce_ctx_t;


typedef struct {
    ngx_uint_t                    status;
    ngx_uint_t                    level;
} ngx_http_commerce_refusal_t;


typedef struct {
    ngx_uint_t                    status;
    const char                   *phrase;
} ngx_http_commerce_phrase_t;


static ngx_http_commerce_ctx_t *ngx_http_commerce_get_ctx(
    ngx_http_request_t *r);
static void ngx_http_commerce_cancel(void *data);
static void ngx_http_commerce_resume(void *data);
static const char *ngx_http_commerce_phrase(ngx_uint_t status);
static ngx_int_t ngx_http_commerce_reason_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_commerce_add_variables(ngx_conf_t *cf);
static void *ngx_http_commerce_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);


static ngx_command_t  ngx_http_commerce_commands[] = {

    { ngx_string("commerce_tenant"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_loc_conf_t, tenant_name),
      NULL },

    { ngx_string("commerce_room"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_commerce_loc_conf_t, room),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_module_ctx = {
    ngx_http_commerce_add_variables,       /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_create_loc_conf,     /* create location configuration */
    ngx_http_commerce_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_module_ctx,         /* module context */
    ngx_http_commerce_commands,            /* module directives */
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


static ngx_http_variable_t  ngx_http_commerce_vars[] = {

    { ngx_string("commerce_reason"), NULL,
      ngx_http_commerce_reason_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


/* what the client's own doing is told at info, what the operator's at warn */

static ngx_http_commerce_refusal_t
    ngx_http_commerce_refusals[NGX_COMMERCE_REASONS] =
{
    [NGX_COMMERCE_ALLOWED]              = { NGX_HTTP_OK, NGX_LOG_DEBUG },
    [NGX_COMMERCE_BAD_NAME]             = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_STORE_AWAY]           = { 503, NGX_LOG_WARN },
    [NGX_COMMERCE_TOO_MANY_UNKNOWN]     = { 429, NGX_LOG_WARN },
    [NGX_COMMERCE_ROOM_UNKNOWN]         = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_ROOM_SCHEDULED]       = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_ROOM_CLOSED]          = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_ROOM_BANNED]          = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_HOST_UNKNOWN]         = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_HOST_APPLIED]         = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_HOST_SUSPENDED]       = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_HOST_BANNED]          = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_PROOF_MISSING]        = { 401, NGX_LOG_INFO },
    [NGX_COMMERCE_PROOF_WRONG]          = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_PROOF_EXPIRED]        = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_ROOM_TAKEN]           = { 409, NGX_LOG_INFO },
    [NGX_COMMERCE_REPLACED]             = { 409, NGX_LOG_INFO },
    [NGX_COMMERCE_PRODUCT_UNKNOWN]      = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_PRODUCT_NOT_ON_SHELF] = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_PRODUCT_NOT_APPROVED] = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_LEDGER_FULL]          = { 503, NGX_LOG_WARN }
};


/* RFC 9457, 4.2.1: with about:blank the title is the status's phrase */

static ngx_http_commerce_phrase_t  ngx_http_commerce_phrases[] = {
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 409, "Conflict" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 422, "Unprocessable Content" },
    { 429, "Too Many Requests" },
    { 500, "Internal Server Error" },
    { 502, "Bad Gateway" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 0, "Error" }
};


ngx_commerce_tenant_t *
ngx_http_commerce_use_tenant(ngx_conf_t *cf)
{
    ngx_http_commerce_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_commerce_module);

    if (clcf->tenant == NULL) {
        clcf->tenant = ngx_commerce_tenant_add(cf, &clcf->tenant_name);
    }

    return clcf->tenant;
}


ngx_commerce_tenant_t *
ngx_http_commerce_tenant(ngx_http_request_t *r)
{
    ngx_http_commerce_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_module);

    return clcf->tenant;
}


ngx_int_t
ngx_http_commerce_room_name(ngx_http_request_t *r, ngx_str_t *room)
{
    ngx_http_commerce_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_module);

    if (clcf->room == NULL) {
        return NGX_DECLINED;
    }

    if (ngx_http_complex_value(r, clcf->room, room) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, room)) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_http_commerce_ctx_t *
ngx_http_commerce_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_commerce_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_module);

    if (ctx) {
        return ctx;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_commerce_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_commerce_ctx_t));

    ctx->wait.handler = ngx_http_commerce_resume;
    ctx->wait.data = r;
    cln->handler = ngx_http_commerce_cancel;

    ngx_http_set_ctx(r, ctx, ngx_http_commerce_module);

    return ctx;
}


static void
ngx_http_commerce_cancel(void *data)
{
    ngx_http_commerce_ctx_t *ctx = data;

    ngx_commerce_store_cancel(&ctx->wait);
}


ngx_int_t
ngx_http_commerce_get(ngx_http_request_t *r, ngx_commerce_kind_e kind,
    ngx_str_t *name, ngx_commerce_purpose_e purpose, void **record,
    ngx_http_commerce_where_e where, ngx_http_handler_pt handler)
{
    ngx_int_t                 rc;
    ngx_commerce_tenant_t    *tenant;
    ngx_http_commerce_ctx_t  *ctx;

    tenant = ngx_http_commerce_tenant(r);
    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_module);

    if (ctx == NULL) {
        /* the usual case takes no context: nothing is waited for */

        rc = ngx_commerce_store_peek(tenant, kind, name, record);

        if (rc == NGX_OK) {
            return NGX_OK;
        }

        ctx = ngx_http_commerce_get_ctx(r);
        if (ctx == NULL) {
            return NGX_ERROR;
        }
    }

    rc = ngx_commerce_store_get(tenant, kind, name, purpose, record,
                                &ctx->wait);

    if (rc != NGX_AGAIN) {
        return rc;
    }

    ctx->where = where;
    ctx->handler = handler;

    /* a client that goes away meanwhile ends the request */
    r->read_event_handler = ngx_http_test_reading;

    if (where == NGX_HTTP_COMMERCE_CONTENT) {
        r->main->count++;
    }

    return NGX_AGAIN;
}


static void
ngx_http_commerce_resume(void *data)
{
    ngx_http_request_t *r = data;

    ngx_connection_t         *c;
    ngx_http_commerce_ctx_t  *ctx;

    c = r->connection;
    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_module);

    ngx_http_set_log_request(c->log, r);

    r->read_event_handler = ngx_http_block_reading;

    if (ctx->where == NGX_HTTP_COMMERCE_CONTENT) {
        ngx_http_finalize_request(r, ctx->handler(r));

    } else {
        r->write_event_handler = ngx_http_core_run_phases;
        ngx_http_core_run_phases(r);
    }

    ngx_http_run_posted_requests(c);
}


void
ngx_http_commerce_set_reason(ngx_http_request_t *r,
    ngx_commerce_reason_e reason, ngx_uint_t level)
{
    ngx_http_commerce_ctx_t  *ctx;

    ctx = ngx_http_commerce_get_ctx(r);

    if (ctx) {
        ctx->reason = *ngx_commerce_reason(reason);
    }

    if (reason != NGX_COMMERCE_ALLOWED) {
        ngx_log_error(level, r->connection->log, 0,
                      "commerce refused a request: %V",
                      ngx_commerce_reason(reason));
    }
}


ngx_uint_t
ngx_http_commerce_status_of(ngx_commerce_reason_e reason)
{
    return ngx_http_commerce_refusals[reason].status;
}


ngx_int_t
ngx_http_commerce_refuse(ngx_http_request_t *r, ngx_commerce_reason_e reason,
    const char *detail)
{
    ngx_http_commerce_set_reason(r, reason,
                                 ngx_http_commerce_refusals[reason].level);

    return ngx_http_commerce_problem(r,
                          ngx_http_commerce_refusals[reason].status,
                          (char *) ngx_commerce_reason(reason)->data, detail);
}


ngx_int_t
ngx_http_commerce_problem(ngx_http_request_t *r, ngx_uint_t status,
    const char *reason, const char *detail)
{
    json_t                   *problem;
    ngx_str_t                 text, words;
    ngx_http_commerce_ctx_t  *ctx;

    static ngx_str_t  type = ngx_string("application/problem+json");

    ctx = ngx_http_commerce_get_ctx(r);

    if (ctx) {
        ctx->reason.data = (u_char *) reason;
        ctx->reason.len = ngx_strlen(reason);
    }

    problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank",
                        "title", ngx_http_commerce_phrase(status),
                        "status", (int) status, "reason", reason);

    if (problem && detail) {
        words.data = (u_char *) detail;
        words.len = ngx_strlen(detail);
        ngx_http_commerce_json_add(problem, "detail", &words);
    }

    if (ngx_http_commerce_json_text(r->pool, problem, &text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_send_json(r, status, &type, &text, 1);
}


static const char *
ngx_http_commerce_phrase(ngx_uint_t status)
{
    ngx_http_commerce_phrase_t  *phrase;

    for (phrase = ngx_http_commerce_phrases; phrase->status; phrase++) {
        if (phrase->status == status) {
            break;
        }
    }

    return phrase->phrase;
}


ngx_int_t
ngx_http_commerce_send_json(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, ngx_str_t *text, ngx_uint_t no_store)
{
    ngx_int_t    rc;
    ngx_buf_t   *b;
    ngx_chain_t  out;

    static ngx_str_t  value = ngx_string("no-store");

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (no_store
        && ngx_http_commerce_add_header(r, "Cache-Control", &value) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = status;
    r->headers_out.content_length_n = text->len;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = text->data;
    b->last = text->data + text->len;
    b->memory = text->len ? 1 : 0;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;
    b->sync = (b->last_buf || b->memory) ? 0 : 1;

    out.buf = b;
    out.next = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_commerce_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

#if (nginx_version >= 1023000)
    h->next = NULL;
#endif

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_reason_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_commerce_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_module);

    if (ctx == NULL || ctx->reason.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->len = ctx->reason.len;
    v->data = ctx->reason.data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_commerce_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static void *
ngx_http_commerce_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_commerce_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->room = NGX_CONF_UNSET_PTR;

    return conf;
}


static char *
ngx_http_commerce_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_loc_conf_t *prev = parent;
    ngx_http_commerce_loc_conf_t *conf = child;

    ngx_conf_merge_str_value(conf->tenant_name, prev->tenant_name, "");
    ngx_conf_merge_ptr_value(conf->room, prev->room, NULL);

    return NGX_CONF_OK;
}
