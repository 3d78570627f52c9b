
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_json.h"


/* seconds: what is wrong is looked at more often than that */
#define NGX_HTTP_COMMERCE_RETRY_AFTER  "2"


typedef struct {
    ngx_uint_t                    status;
    ngx_uint_t                    level;
} ngx_http_commerce_refusal_t;


typedef struct {
    ngx_uint_t                    status;
    const char                   *phrase;
} ngx_http_commerce_phrase_t;


static ngx_uint_t ngx_http_commerce_has_error_page(ngx_http_request_t *r,
    ngx_uint_t status);
static ngx_int_t ngx_http_commerce_add_later(ngx_http_request_t *r,
    ngx_uint_t status);
static const char *ngx_http_commerce_phrase(ngx_uint_t status);


/*
 * What the client's own doing is told at info, what the operator's at warn.
 * What passes by itself is a 503.
 */

static ngx_http_commerce_refusal_t
    ngx_http_commerce_refusals[NGX_COMMERCE_REASONS] =
{
    [NGX_COMMERCE_ALLOWED]              = { NGX_HTTP_OK, NGX_LOG_DEBUG },
    [NGX_COMMERCE_BAD_NAME]             = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_STORE_AWAY]           = { 503, NGX_LOG_WARN },
    [NGX_COMMERCE_TOO_MANY_UNKNOWN]     = { 503, NGX_LOG_WARN },
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
    [NGX_COMMERCE_PROOF_EARLY]          = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_PROOF_TOO_LONG]       = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_PROOF_OTHER_ACTION]   = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_PROOF_OTHER_ROOM]     = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_PROOF_INSUFFICIENT]   = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_NOT_FOLLOWING]        = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_VIEWER_BANNED]        = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_VIEWER_SIGNED_OUT]    = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_CODE_WRONG]           = { 403, NGX_LOG_INFO },
    [NGX_COMMERCE_TOO_MANY_GUESSES]     = { 429, NGX_LOG_INFO },
    [NGX_COMMERCE_ROOM_TAKEN]           = { 409, NGX_LOG_INFO },
    [NGX_COMMERCE_REPLACED]             = { 409, NGX_LOG_INFO },
    [NGX_COMMERCE_KICKED]               = { 409, NGX_LOG_INFO },
    [NGX_COMMERCE_SHOW_ENDED]           = { 409, NGX_LOG_INFO },
    [NGX_COMMERCE_NO_VIDEO]             = { 409, NGX_LOG_INFO },
    [NGX_COMMERCE_PRODUCT_UNKNOWN]      = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_SHOW_UNKNOWN]         = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_PRODUCT_NOT_ON_SHELF] = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_PRODUCT_NOT_APPROVED] = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_LEDGER_FULL]          = { 503, NGX_LOG_WARN },
    [NGX_COMMERCE_TOO_MANY_COUNTS]      = { 429, NGX_LOG_INFO },
    [NGX_COMMERCE_CLIP_UNKNOWN]         = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_NO_CHAPTERS]          = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_CLIP_INCOMPLETE]      = { 404, NGX_LOG_INFO },
    [NGX_COMMERCE_LEDGER_LOST]          = { 503, NGX_LOG_WARN }
};


/* RFC 9457, 4.2.1: with about:blank the title is the status's phrase */

static ngx_http_commerce_phrase_t  ngx_http_commerce_phrases[] = {
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 409, "Conflict" },
    { 412, "Precondition Failed" },
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


ngx_int_t
ngx_http_commerce_refuse(ngx_http_request_t *r, ngx_commerce_reason_e reason,
    const char *detail)
{
    ngx_http_commerce_set_reason(r, reason,
                                 ngx_http_commerce_refusals[reason].level);

    return ngx_http_commerce_problem(r,
                          ngx_http_commerce_refusals[reason].status,
                          (char *) ngx_commerce_reason(reason)->data, detail,
                          NULL);
}


ngx_uint_t
ngx_http_commerce_refusal_status(ngx_commerce_reason_e reason)
{
    return ngx_http_commerce_refusals[reason].status;
}


ngx_int_t
ngx_http_commerce_refuse_phase(ngx_http_request_t *r,
    ngx_commerce_reason_e reason, json_t *more)
{
    ngx_int_t   rc;
    ngx_uint_t  status;

    ngx_http_commerce_set_reason(r, reason,
                                 ngx_http_commerce_refusals[reason].level);

    status = ngx_http_commerce_refusals[reason].status;

    if (ngx_http_commerce_has_error_page(r, status)) {
        json_decref(more);

        return (ngx_http_commerce_add_later(r, status) == NGX_OK
                && ngx_http_commerce_no_store(r) == NGX_OK)
               ? (ngx_int_t) status
               : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_commerce_problem(r, status,
                              (char *) ngx_commerce_reason(reason)->data, NULL,
                              more);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* as ngx_http_special_response_handler() looks for one */

static ngx_uint_t
ngx_http_commerce_has_error_page(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_uint_t                 i;
    ngx_http_err_page_t       *page;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (r->error_page || clcf->error_pages == NULL || r->uri_changes == 0) {
        return 0;
    }

    page = clcf->error_pages->elts;

    for (i = 0; i < clcf->error_pages->nelts; i++) {
        if (page[i].status == (ngx_int_t) status) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_commerce_add_later(ngx_http_request_t *r, ngx_uint_t status)
{
    static ngx_str_t  later = ngx_string(NGX_HTTP_COMMERCE_RETRY_AFTER);

    return status == NGX_HTTP_SERVICE_UNAVAILABLE
           ? ngx_http_commerce_add_header(r, "Retry-After", &later)
           : NGX_OK;
}


ngx_int_t
ngx_http_commerce_problem(ngx_http_request_t *r, ngx_uint_t status,
    const char *reason, const char *detail, json_t *more)
{
    json_t     *problem;
    ngx_str_t   text, words;

    static ngx_str_t  type = ngx_string("application/problem+json");

    ngx_http_commerce_set_reason_text(r, reason);

    if (ngx_http_commerce_add_later(r, status) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank",
                        "title", ngx_http_commerce_phrase(status),
                        "status", (int) status, "reason", reason);

    if (problem && detail) {
        words.data = (u_char *) detail;
        words.len = ngx_strlen(detail);
        ngx_http_commerce_json_add(problem, "detail", &words);
    }

    if (more) {
        (void) json_object_update(problem, more);
        json_decref(more);
    }

    if (ngx_http_commerce_json_text(r->pool, problem, &text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_send_json(r, status, &type, &text, 1);
}


ngx_int_t
ngx_http_commerce_not_allowed(ngx_http_request_t *r, ngx_str_t *methods,
    const char *detail)
{
    if (ngx_http_commerce_add_header(r, "Allow", methods) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_problem(r, NGX_HTTP_NOT_ALLOWED,
                                     "method_not_allowed", detail, NULL);
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

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (no_store && ngx_http_commerce_no_store(r) != NGX_OK) {
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
ngx_http_commerce_no_store(ngx_http_request_t *r)
{
    static ngx_str_t  value = ngx_string("no-store");

    return ngx_http_commerce_add_header(r, "Cache-Control", &value);
}


ngx_int_t
ngx_http_commerce_set_etag(ngx_http_request_t *r, ngx_str_t *etag)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif
    ngx_str_set(&h->key, "ETag");
    h->value = *etag;

    r->headers_out.etag = h;

    return NGX_OK;
}


ngx_int_t
ngx_http_commerce_send_value(ngx_http_request_t *r, ngx_uint_t status,
    json_t *json)
{
    ngx_str_t  text;

    static ngx_str_t  type = ngx_string("application/json");

    if (ngx_http_commerce_json_text(r->pool, json, &text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_send_json(r, status, &type, &text, 1);
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
