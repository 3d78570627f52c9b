
/*
 * How HTTP features answer: JSON, and refusals as problem details.
 */


#ifndef _NGX_HTTP_COMMERCE_ANSWER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_ANSWER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>
#include "ngx_commerce.h"


/*
 * Answers with application/problem+json (RFC 9457) and Cache-Control:
 * no-store; sets and logs the reason.  detail may be NULL; it may hold any
 * bytes.  Returns what a content handler returns.
 */
ngx_int_t ngx_http_commerce_refuse(ngx_http_request_t *r,
    ngx_commerce_reason_e reason, const char *detail);

/*
 * The same for a phase handler, with more members, which are freed; returns
 * what it returns.  Where the location has an error_page for the status, that
 * is what is shown.
 */
ngx_int_t ngx_http_commerce_refuse_phase(ngx_http_request_t *r,
    ngx_commerce_reason_e reason, json_t *more);

/* the status of a refusal */
ngx_uint_t ngx_http_commerce_refusal_status(ngx_commerce_reason_e reason);

/*
 * The same with a status and a free, static reason (the API's own errors), and
 * more members, which are freed; more may be NULL.
 */
ngx_int_t ngx_http_commerce_problem(ngx_http_request_t *r, ngx_uint_t status,
    const char *reason, const char *detail, json_t *more);

/* answers 405; methods, for the Allow header, are static */
ngx_int_t ngx_http_commerce_not_allowed(ngx_http_request_t *r,
    ngx_str_t *methods, const char *detail);

/* sends a whole JSON text from the request's pool; no_store adds the header */
ngx_int_t ngx_http_commerce_send_json(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *type, ngx_str_t *text,
    ngx_uint_t no_store);

/* adds Cache-Control: no-store */
ngx_int_t ngx_http_commerce_no_store(ngx_http_request_t *r);

/* the response's ETag, for nginx to judge conditions by; it is not copied */
ngx_int_t ngx_http_commerce_set_etag(ngx_http_request_t *r, ngx_str_t *etag);

/*
 * Sends a JSON value with Cache-Control: no-store; frees the value.  Returns
 * what a content handler returns.
 */
ngx_int_t ngx_http_commerce_send_value(ngx_http_request_t *r,
    ngx_uint_t status, json_t *json);

/* adds a response header; value and name are not copied */
ngx_int_t ngx_http_commerce_add_header(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);


#endif /* _NGX_HTTP_COMMERCE_ANSWER_H_INCLUDED_ */
