
/*
 * Counts what viewers do with a room's products.
 */

#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_address.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_handler.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_ledger.h"
#include "ngx_commerce_status.h"


/* what a kind ends in that counts those who watch a show later */
#define NGX_HTTP_COMMERCE_COUNT_REPLAY  "_replay"

#define NGX_HTTP_COMMERCE_COUNT_FIELD                                         \
    (NGX_COMMERCE_COUNT_KIND_MAX + 1 + NGX_COMMERCE_NAME_MAX)


typedef struct {
    ngx_http_commerce_handler_conf_t   handler;
    ngx_str_t                          kind;      /* with a field's ':' */
    ngx_http_complex_value_t          *product;
    ngx_str_t                          replayed;  /* kind, the same */
    ngx_http_complex_value_t          *replay;    /* show; NULL: none */
} ngx_http_commerce_count_conf_t;


static ngx_int_t ngx_http_commerce_count_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_count_answer(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_count_find(ngx_http_request_t *r,
    ngx_str_t *room, ngx_str_t *product, uint64_t *show,
    ngx_commerce_reason_e *reason);
static ngx_commerce_reason_e ngx_http_commerce_count_show(
    ngx_str_t *replay, uint64_t *show);
static ngx_commerce_reason_e ngx_http_commerce_count_add(
    ngx_http_request_t *r, ngx_str_t *room, uint64_t show,
    ngx_str_t *kind, ngx_str_t *product);
static ngx_int_t ngx_http_commerce_count_refuse(ngx_http_request_t *r,
    ngx_commerce_reason_e reason);
static ngx_int_t ngx_http_commerce_count_accept(ngx_http_request_t *r);
static void ngx_http_commerce_count_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static ngx_int_t ngx_http_commerce_count_preconfiguration(ngx_conf_t *cf);
static void *ngx_http_commerce_count_create_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_count_merge_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_commerce_count_replay(ngx_conf_t *cf,
    ngx_http_commerce_count_conf_t *ccf);
static ngx_http_complex_value_t *ngx_http_commerce_count_value(ngx_conf_t *cf,
    ngx_str_t *text);
static ngx_int_t ngx_http_commerce_count_kind(ngx_conf_t *cf, ngx_str_t *name,
    const char *ending, ngx_str_t *kind);
static char *ngx_http_commerce_count(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_command_t  ngx_http_commerce_count_commands[] = {

    { ngx_string("commerce_count"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE23,
      ngx_http_commerce_count,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_commerce_count_request },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_count_module_ctx = {
    ngx_http_commerce_count_preconfiguration, /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_count_create_conf,   /* create location configuration */
    ngx_http_commerce_count_merge_conf     /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_count_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_count_module_ctx,   /* module context */
    ngx_http_commerce_count_commands,      /* module directives */
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


static ngx_commerce_status_part_t  ngx_http_commerce_count_part = {
    "counts", ngx_http_commerce_count_status
};


static ngx_int_t
ngx_http_commerce_count_request(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    static ngx_str_t  methods = ngx_string("POST");

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "http commerce count handler");

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (r->method != NGX_HTTP_POST) {
        return ngx_http_commerce_not_allowed(r, &methods, "only POST counts");
    }

    return ngx_http_commerce_count_answer(r);
}


/* begins anew after each wait: what was waited for is known then */

static ngx_int_t
ngx_http_commerce_count_answer(ngx_http_request_t *r)
{
    uint64_t                         show;
    ngx_int_t                        rc;
    ngx_str_t                        room, product, replay;
    ngx_commerce_reason_e            reason;
    ngx_http_commerce_count_conf_t  *ccf;

    ccf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_count_module);

    rc = ngx_http_commerce_room_name(r, &room);

    if (rc == NGX_DECLINED) {
        return ngx_http_commerce_count_refuse(r, NGX_COMMERCE_BAD_NAME);
    }

    if (rc != NGX_OK
        || ngx_http_complex_value(r, ccf->product, &product) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_null(&replay);

    if (ccf->replay && ngx_http_complex_value(r, ccf->replay, &replay) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    show = 0;

    if (ngx_http_commerce_count_find(r, &room, &product, &show, &reason)
        == NGX_AGAIN)
    {
        return NGX_DONE;
    }

    if (reason == NGX_COMMERCE_ALLOWED && replay.len) {
        reason = ngx_http_commerce_count_show(&replay, &show);
    }

    if (reason == NGX_COMMERCE_ALLOWED) {
        reason = ngx_http_commerce_count_add(r, &room, show,
                                        replay.len ? &ccf->replayed : &ccf->kind,
                                             &product);
    }

    if (reason != NGX_COMMERCE_ALLOWED) {
        return ngx_http_commerce_count_refuse(r, reason);
    }

    return ngx_http_commerce_count_accept(r);
}


/* NGX_AGAIN, or else the reason is set, ALLOWED or another */

static ngx_int_t
ngx_http_commerce_count_find(ngx_http_request_t *r, ngx_str_t *room_name,
    ngx_str_t *product_name, uint64_t *show, ngx_commerce_reason_e *reason)
{
    ngx_int_t                rc;
    ngx_commerce_room_t     *room;
    ngx_commerce_product_t  *product;

    rc = ngx_http_commerce_get(r, NGX_COMMERCE_ROOM, room_name,
                               NGX_COMMERCE_FOR_VIEWERS, (void **) &room,
                               NGX_HTTP_COMMERCE_CONTENT,
                               ngx_http_commerce_count_answer);

    if (rc != NGX_OK) {
        *reason = ngx_commerce_decide_outcome(NGX_COMMERCE_ROOM, rc);
        return rc;
    }

    if (room->state == NGX_COMMERCE_ROOM_STATE_BANNED) {
        *reason = NGX_COMMERCE_ROOM_BANNED;
        return NGX_OK;
    }

    if (!ngx_commerce_room_has(room, product_name)) {

        *reason = ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, product_name)
                  ? NGX_COMMERCE_PRODUCT_NOT_ON_SHELF
                  : NGX_COMMERCE_BAD_NAME;

        return NGX_OK;
    }

    *show = room->show;

    rc = ngx_http_commerce_get(r, NGX_COMMERCE_PRODUCT, product_name,
                               NGX_COMMERCE_FOR_VIEWERS, (void **) &product,
                               NGX_HTTP_COMMERCE_CONTENT,
                               ngx_http_commerce_count_answer);

    if (rc != NGX_OK) {
        *reason = ngx_commerce_decide_outcome(NGX_COMMERCE_PRODUCT, rc);
        return rc;
    }

    *reason = product->state == NGX_COMMERCE_PRODUCT_STATE_APPROVED
              ? NGX_COMMERCE_ALLOWED
              : NGX_COMMERCE_PRODUCT_NOT_APPROVED;

    return NGX_OK;
}


/* the one that is watched again; show is the room's */

static ngx_commerce_reason_e
ngx_http_commerce_count_show(ngx_str_t *replay, uint64_t *show)
{
    int64_t  n;

    n = ngx_commerce_number(replay);

    if (n < 1 || (uint64_t) n > *show) {
        return NGX_COMMERCE_SHOW_UNKNOWN;
    }

    *show = (uint64_t) n;

    return NGX_COMMERCE_ALLOWED;
}


static ngx_commerce_reason_e
ngx_http_commerce_count_add(ngx_http_request_t *r, ngx_str_t *room,
    uint64_t show, ngx_str_t *kind, ngx_str_t *product)
{
    u_char                 *p;
    u_char                  text[NGX_HTTP_COMMERCE_COUNT_FIELD];
    ngx_str_t               field, owner;
    ngx_commerce_tenant_t  *tenant;

    tenant = ngx_http_commerce_tenant(r);

    if (kind->len + product->len > sizeof(text)) {
        return NGX_COMMERCE_BAD_NAME;
    }

    p = ngx_cpymem(text, kind->data, kind->len);
    p = ngx_cpymem(p, product->data, product->len);

    field.data = text;
    field.len = p - text;

    ngx_http_commerce_address(r, &owner);

    switch (ngx_commerce_ledger_add(tenant->ledger, room, show, &field, 1,
                                    &owner))
    {
    case NGX_OK:
        (void) ngx_atomic_fetch_add(&tenant->stats->counted, 1);
        return NGX_COMMERCE_ALLOWED;

    case NGX_BUSY:
        return NGX_COMMERCE_LEDGER_FULL;

    case NGX_DECLINED:
        return NGX_COMMERCE_TOO_MANY_COUNTS;

    default:
        return NGX_COMMERCE_LEDGER_LOST;
    }
}


static ngx_int_t
ngx_http_commerce_count_refuse(ngx_http_request_t *r,
    ngx_commerce_reason_e reason)
{
    ngx_commerce_tenant_t  *tenant;

    tenant = ngx_http_commerce_tenant(r);

    (void) ngx_atomic_fetch_add(&tenant->stats->count_refused[reason], 1);

    return ngx_http_commerce_refuse(r, reason, NULL);
}


static ngx_int_t
ngx_http_commerce_count_accept(ngx_http_request_t *r)
{
    if (ngx_http_commerce_no_store(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->headers_out.content_length_n = 0;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


static void
ngx_http_commerce_count_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_status_number(status, "accepted", tenant->stats->counted);
    ngx_commerce_status_reasons(status, "refused",
                                tenant->stats->count_refused);
}


static ngx_int_t
ngx_http_commerce_count_preconfiguration(ngx_conf_t *cf)
{
    return ngx_commerce_status_add(cf, &ngx_http_commerce_count_part);
}


static void *
ngx_http_commerce_count_create_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_count_conf_t));
}


static char *
ngx_http_commerce_count_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_count_conf_t *prev = parent;
    ngx_http_commerce_count_conf_t *conf = child;

    char  *rv;

    rv = ngx_http_commerce_merge_room_handler_conf(cf, &prev->handler,
                                                   &conf->handler);

    if (rv == NGX_CONF_OK && conf->product == NULL && conf->handler.handler) {
        conf->kind = prev->kind;
        conf->product = prev->product;
        conf->replayed = prev->replayed;
        conf->replay = prev->replay;
    }

    return rv;
}


static char *
ngx_http_commerce_count(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_commerce_count_conf_t *ccf = conf;

    char       *rv;
    ngx_str_t  *value;

    rv = ngx_http_commerce_set_handler(cf, cmd, &ccf->handler);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    value = cf->args->elts;

    if (!ngx_commerce_count_kind_valid(&value[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid kind \"%V\" in \"%V\" directive",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_commerce_count_kind(cf, &value[1], "", &ccf->kind) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ccf->product = ngx_http_commerce_count_value(cf, &value[2]);
    if (ccf->product == NULL) {
        return NGX_CONF_ERROR;
    }

    return cf->args->nelts > 3 ? ngx_http_commerce_count_replay(cf, ccf)
                               : NGX_CONF_OK;
}


static char *
ngx_http_commerce_count_replay(ngx_conf_t *cf,
    ngx_http_commerce_count_conf_t *ccf)
{
    ngx_str_t  *value, text;

    value = cf->args->elts;

    if (ngx_strncmp(value[3].data, "replay=", 7) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"%V\" directive",
                           &value[3], &value[0]);
        return NGX_CONF_ERROR;
    }

    if (value[1].len + sizeof(NGX_HTTP_COMMERCE_COUNT_REPLAY) - 1
        > NGX_COMMERCE_COUNT_KIND_MAX)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "kind \"%V\" in \"%V\" directive is too long "
                           "for \"replay\"", &value[1], &value[0]);
        return NGX_CONF_ERROR;
    }

    text.data = value[3].data + 7;
    text.len = value[3].len - 7;

    ccf->replay = ngx_http_commerce_count_value(cf, &text);

    if (ccf->replay == NULL
        || ngx_http_commerce_count_kind(cf, &value[1],
                                        NGX_HTTP_COMMERCE_COUNT_REPLAY,
                                        &ccf->replayed)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_http_complex_value_t *
ngx_http_commerce_count_value(ngx_conf_t *cf, ngx_str_t *text)
{
    ngx_http_complex_value_t          *complex_value;
    ngx_http_compile_complex_value_t   ccv;

    complex_value = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (complex_value == NULL) {
        return NULL;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = text;
    ccv.complex_value = complex_value;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? complex_value
                                                          : NULL;
}


/* with a field's ':' */

static ngx_int_t
ngx_http_commerce_count_kind(ngx_conf_t *cf, ngx_str_t *name,
    const char *ending, ngx_str_t *kind)
{
    kind->len = name->len + ngx_strlen(ending) + 1;

    kind->data = ngx_pnalloc(cf->pool, kind->len);
    if (kind->data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(kind->data, "%V%s:", name, ending);

    return NGX_OK;
}
