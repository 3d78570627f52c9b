
/*
 * Answers other servers that ask who may publish and play, each in its form.
 */

#include "ngx_http_commerce_auth.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_args_module.h"
#include "ngx_http_commerce_body.h"
#include "ngx_http_commerce_challenge.h"
#include "ngx_http_commerce_handler.h"
#include "ngx_commerce_secret.h"
#include "ngx_commerce_status.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>


/* an HMAC-SHA1 as base64url, without padding */
#define NGX_HTTP_COMMERCE_AUTH_SIGNATURE  27


typedef struct {
    ngx_http_commerce_handler_conf_t   handler;
    ngx_http_commerce_auth_form_e      form;
    ngx_array_t                       *keys;      /* of oven's signatures */
} ngx_http_commerce_auth_conf_t;


typedef struct {
    ngx_str_t                          name;
    ngx_int_t                        (*answer)(ngx_http_request_t *r,
                                               ngx_commerce_reason_e reason);
} ngx_http_commerce_auth_type_t;


static ngx_int_t ngx_http_commerce_auth_request(ngx_http_request_t *r);
static void ngx_http_commerce_auth_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_auth_read(ngx_http_request_t *r);
static ngx_uint_t ngx_http_commerce_auth_signed(ngx_http_request_t *r,
    ngx_array_t *keys, ngx_str_t *body);
static ngx_int_t ngx_http_commerce_auth_go_on(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_auth_refuse_body(ngx_http_request_t *r,
    ngx_uint_t status, const char *reason, const char *detail);
static ngx_int_t ngx_http_commerce_auth_answer_status(ngx_http_request_t *r,
    ngx_commerce_reason_e reason);
static ngx_int_t ngx_http_commerce_auth_refuse(ngx_http_request_t *r,
    ngx_commerce_reason_e reason);
static ngx_int_t ngx_http_commerce_auth_answer_srs(ngx_http_request_t *r,
    ngx_commerce_reason_e reason);
static ngx_int_t ngx_http_commerce_auth_answer_oven(ngx_http_request_t *r,
    ngx_commerce_reason_e reason);
static ngx_int_t ngx_http_commerce_auth_told(ngx_http_request_t *r);
static void ngx_http_commerce_auth_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static ngx_int_t ngx_http_commerce_auth_preconfiguration(ngx_conf_t *cf);
static void *ngx_http_commerce_auth_create_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_auth_merge_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_commerce_auth_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


static ngx_http_commerce_auth_type_t  ngx_http_commerce_auth_types[] = {
    [NGX_HTTP_COMMERCE_AUTH_NGINX_RTMP] =
        { ngx_string("nginx-rtmp"), ngx_http_commerce_auth_answer_status },
    [NGX_HTTP_COMMERCE_AUTH_SRS] =
        { ngx_string("srs"), ngx_http_commerce_auth_answer_srs },
    [NGX_HTTP_COMMERCE_AUTH_MEDIAMTX] =
        { ngx_string("mediamtx"), ngx_http_commerce_auth_answer_status },
    [NGX_HTTP_COMMERCE_AUTH_OVEN] =
        { ngx_string("ovenmediaengine"), ngx_http_commerce_auth_answer_oven },
    [NGX_HTTP_COMMERCE_AUTH_REQUEST] =
        { ngx_string("request"), ngx_http_commerce_auth_answer_status }
};


static ngx_command_t  ngx_http_commerce_auth_commands[] = {

    { ngx_string("commerce_auth"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_commerce_auth_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_commerce_auth_request },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_auth_module_ctx = {
    ngx_http_commerce_auth_preconfiguration, /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_auth_create_conf,    /* create location configuration */
    ngx_http_commerce_auth_merge_conf      /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_auth_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_auth_module_ctx,    /* module context */
    ngx_http_commerce_auth_commands,       /* module directives */
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


static ngx_commerce_status_part_t  ngx_http_commerce_auth_part = {
    "auth", ngx_http_commerce_auth_status
};


static ngx_int_t
ngx_http_commerce_auth_request(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_http_commerce_auth_t       *auth;
    ngx_http_commerce_auth_conf_t  *acf;

    static ngx_str_t  methods = ngx_string("POST");

    acf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_auth_module);

    auth = ngx_pcalloc(r->pool, sizeof(ngx_http_commerce_auth_t));
    if (auth == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_set_ctx(r, auth, ngx_http_commerce_auth_module);

    if (acf->form == NGX_HTTP_COMMERCE_AUTH_REQUEST) {

        rc = ngx_http_discard_request_body(r);

        return rc == NGX_OK ? ngx_http_commerce_auth_go_on(r) : rc;
    }

    if (r->method != NGX_HTTP_POST) {
        return ngx_http_commerce_not_allowed(r, &methods,
                                             "who asks sends a POST");
    }

    if (r->headers_in.content_length_n > NGX_HTTP_COMMERCE_AUTH_BODY_MAX) {
        return ngx_http_commerce_auth_refuse_body(r,
                                          NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                          "body_too_large", NULL);
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_commerce_auth_body);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


static void
ngx_http_commerce_auth_body(ngx_http_request_t *r)
{
    ngx_http_finalize_request(r, ngx_http_commerce_auth_read(r));
}


static ngx_int_t
ngx_http_commerce_auth_read(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_str_t                       body;
    const char                     *wrong;
    ngx_http_commerce_auth_t       *auth;
    ngx_http_commerce_auth_conf_t  *acf;

    acf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_auth_module);
    auth = ngx_http_get_module_ctx(r, ngx_http_commerce_auth_module);

    rc = ngx_http_commerce_body_collect(r, NGX_HTTP_COMMERCE_AUTH_BODY_MAX,
                                        &body);
    if (rc == NGX_DECLINED) {
        return ngx_http_commerce_auth_refuse_body(r,
                                          NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                          "body_too_large", NULL);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (acf->keys && !ngx_http_commerce_auth_signed(r, acf->keys, &body)) {
        return ngx_http_commerce_auth_refuse_body(r, NGX_HTTP_FORBIDDEN,
                                                  "signature_wrong",
                                                  "X-OME-Signature is not the "
                                                  "body's");
    }

    rc = ngx_http_commerce_auth_body_read(acf->form, &body, r->pool,
                                          &auth->asked, &wrong);
    if (rc == NGX_DECLINED) {
        return ngx_http_commerce_auth_refuse_body(r, NGX_HTTP_BAD_REQUEST,
                                                  "body_wrong", wrong);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return auth->asked.told ? ngx_http_commerce_auth_told(r)
                            : ngx_http_commerce_auth_go_on(r);
}


/* base64url of HMAC-SHA1(key, body), whether its padding is written or not */

static ngx_uint_t
ngx_http_commerce_auth_signed(ngx_http_request_t *r, ngx_array_t *keys,
    ngx_str_t *body)
{
    u_char             mac[EVP_MAX_MD_SIZE];
    u_char             buf[ngx_base64_encoded_length(EVP_MAX_MD_SIZE)];
    ngx_str_t         *key, given, expected, binary;
    ngx_uint_t         i, found;
    unsigned int       len;
    ngx_list_part_t   *part;
    ngx_table_elt_t   *h;

    static ngx_str_t  name = ngx_string("X-OME-Signature");

    ngx_str_null(&given);

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len == name.len
                && ngx_strncasecmp(h[i].key.data, name.data, name.len) == 0)
            {
                given = h[i].value;
            }
        }
    }

    if (given.len && given.data[given.len - 1] == '=') {
        given.len--;
    }

    if (given.len != NGX_HTTP_COMMERCE_AUTH_SIGNATURE) {
        return 0;
    }

    found = 0;
    key = keys->elts;

    for (i = 0; i < keys->nelts; i++) {

        if (HMAC(EVP_sha1(), key[i].data, (int) key[i].len, body->data,
                 body->len, mac, &len)
            == NULL)
        {
            return 0;
        }

        binary.data = mac;
        binary.len = len;
        expected.data = buf;

        ngx_encode_base64url(&expected, &binary);

        found |= (CRYPTO_memcmp(expected.data, given.data, given.len) == 0);
    }

    return found;
}


/* begins anew after each wait: what was waited for is known then */

static ngx_int_t
ngx_http_commerce_auth_go_on(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_commerce_reason_e           reason;
    ngx_commerce_tenant_t          *tenant;
    ngx_http_commerce_auth_t       *auth;
    ngx_http_commerce_viewer_t     *viewer;
    ngx_http_commerce_auth_conf_t  *acf;

    acf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_auth_module);
    auth = ngx_http_get_module_ctx(r, ngx_http_commerce_auth_module);
    tenant = ngx_http_commerce_tenant(r);

    if (acf->form == NGX_HTTP_COMMERCE_AUTH_REQUEST) {
        rc = ngx_http_commerce_viewer_judge(r, NGX_HTTP_COMMERCE_CONTENT,
                                            ngx_http_commerce_auth_go_on,
                                            &viewer);
        reason = (rc == NGX_OK) ? viewer->reason : NGX_COMMERCE_ALLOWED;

    } else {
        rc = ngx_http_commerce_auth_decide(r, auth,
                                           ngx_http_commerce_auth_go_on,
                                           &reason);
    }

    if (rc == NGX_AGAIN) {
        return NGX_DONE;
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    (void) ngx_atomic_fetch_add(&tenant->stats->auth[reason], 1);

    return ngx_http_commerce_auth_types[acf->form].answer(r, reason);
}


/* of what is no question, as a body that nobody understands */

static ngx_int_t
ngx_http_commerce_auth_refuse_body(ngx_http_request_t *r, ngx_uint_t status,
    const char *reason, const char *detail)
{
    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "commerce_auth does not understand what it is asked: "
                  "%s, %s", reason, detail ? detail : "");

    return ngx_http_commerce_problem(r, status, reason, detail, NULL);
}


static ngx_int_t
ngx_http_commerce_auth_answer_status(ngx_http_request_t *r,
    ngx_commerce_reason_e reason)
{
    if (reason != NGX_COMMERCE_ALLOWED) {
        return ngx_http_commerce_auth_refuse(r, reason);
    }

    ngx_http_commerce_set_reason(r, reason, NGX_LOG_DEBUG);

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->headers_out.content_length_n = 0;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


/* the room stands in the question, or is commerce_room */

static ngx_int_t
ngx_http_commerce_auth_refuse(ngx_http_request_t *r,
    ngx_commerce_reason_e reason)
{
    ngx_str_t                 *room, name;
    ngx_http_commerce_auth_t  *auth;

    auth = ngx_http_get_module_ctx(r, ngx_http_commerce_auth_module);
    room = &auth->asked.url.stream;

    if (room->len == 0
        && ngx_http_commerce_room_name(r, &name) == NGX_OK)
    {
        room = &name;
    }

    if (ngx_commerce_name_valid(NGX_COMMERCE_ROOM, room)
        && ngx_http_commerce_challenge(r, reason, room) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_refuse(r, reason, NULL);
}


/* SRS looks at the code, and lets nobody in on another status than 200 */

static ngx_int_t
ngx_http_commerce_auth_answer_srs(ngx_http_request_t *r,
    ngx_commerce_reason_e reason)
{
    json_t      *json;
    ngx_uint_t   code;

    ngx_http_commerce_set_reason(r, reason, NGX_LOG_INFO);

    if (reason == NGX_COMMERCE_ALLOWED) {
        return ngx_http_commerce_auth_told(r);
    }

    code = ngx_commerce_reason_passes(reason) ? NGX_HTTP_SERVICE_UNAVAILABLE
                                              : NGX_HTTP_FORBIDDEN;

    json = json_pack("{s:i, s:s}", "code", (int) code, "reason",
                     (char *) ngx_commerce_reason(reason)->data);

    return ngx_http_commerce_send_value(r, NGX_HTTP_OK, json);
}


static ngx_int_t
ngx_http_commerce_auth_answer_oven(ngx_http_request_t *r,
    ngx_commerce_reason_e reason)
{
    json_t  *json;

    ngx_http_commerce_set_reason(r, reason, NGX_LOG_INFO);

    json = json_pack("{s:b, s:s}", "allowed", reason == NGX_COMMERCE_ALLOWED,
                     "reason", (char *) ngx_commerce_reason(reason)->data);

    return ngx_http_commerce_send_value(r, NGX_HTTP_OK, json);
}


/* that it was heard */

static ngx_int_t
ngx_http_commerce_auth_told(ngx_http_request_t *r)
{
    ngx_http_commerce_auth_conf_t  *acf;

    acf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_auth_module);

    switch (acf->form) {

    case NGX_HTTP_COMMERCE_AUTH_SRS:
        return ngx_http_commerce_send_value(r, NGX_HTTP_OK,
                                            json_pack("{s:i}", "code", 0));

    case NGX_HTTP_COMMERCE_AUTH_OVEN:
        return ngx_http_commerce_send_value(r, NGX_HTTP_OK, json_object());

    default:
        return ngx_http_commerce_auth_answer_status(r, NGX_COMMERCE_ALLOWED);
    }
}


static void
ngx_http_commerce_auth_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_status_number(status, "allowed",
                               tenant->stats->auth[NGX_COMMERCE_ALLOWED]);
    ngx_commerce_status_reasons(status, "refused", tenant->stats->auth);
}


static ngx_int_t
ngx_http_commerce_auth_preconfiguration(ngx_conf_t *cf)
{
    return ngx_commerce_status_add(cf, &ngx_http_commerce_auth_part);
}


static void *
ngx_http_commerce_auth_create_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_auth_conf_t));
}


static char *
ngx_http_commerce_auth_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_auth_conf_t *prev = parent;
    ngx_http_commerce_auth_conf_t *conf = child;

    char  *rv;

    rv = (conf->form == NGX_HTTP_COMMERCE_AUTH_REQUEST)
         ? ngx_http_commerce_merge_room_handler_conf(cf, &prev->handler,
                                                     &conf->handler)
         : ngx_http_commerce_merge_handler_conf(cf, &prev->handler,
                                                &conf->handler);

    /* an "if" in the location */

    if (rv == NGX_CONF_OK && conf->handler.handler && conf->handler.line
        && conf->handler.line == prev->handler.line)
    {
        conf->form = prev->form;
        conf->keys = prev->keys;
    }

    if (rv == NGX_CONF_OK && conf->handler.handler) {
        ngx_http_commerce_args_hide(cf);
    }

    return rv;
}


static char *
ngx_http_commerce_auth_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_commerce_auth_conf_t *acf = conf;

    char        *rv;
    ngx_str_t   *value, file;
    ngx_uint_t   i, n;

    rv = ngx_http_commerce_set_handler(cf, cmd, &acf->handler);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    value = cf->args->elts;
    n = sizeof(ngx_http_commerce_auth_types)
        / sizeof(ngx_http_commerce_auth_type_t);

    for (i = 0; i < n; i++) {

        if (value[1].len == ngx_http_commerce_auth_types[i].name.len
            && ngx_strcmp(value[1].data,
                          ngx_http_commerce_auth_types[i].name.data) == 0)
        {
            break;
        }
    }

    if (i == n) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    acf->form = i;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (acf->form != NGX_HTTP_COMMERCE_AUTH_OVEN
        || ngx_strncmp(value[2].data, "key_file=", 9) != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"%V\" directive",
                           &value[2], &cmd->name);
        return NGX_CONF_ERROR;
    }

    file.data = value[2].data + 9;
    file.len = value[2].len - 9;

    acf->keys = ngx_commerce_secret_read(cf, &file, 1);

    return acf->keys ? NGX_CONF_OK : NGX_CONF_ERROR;
}
