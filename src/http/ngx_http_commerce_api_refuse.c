
/*
 * What the API says of a request that it refuses: once in the log, and to the
 * client as problem details.
 */

#include "ngx_http_commerce_api.h"
#include "ngx_http_commerce_answer.h"


static ngx_int_t ngx_http_commerce_api_problem(ngx_http_commerce_api_t *api,
    ngx_uint_t status, const char *reason, json_t *more, const char *fmt,
    va_list args);


ngx_int_t
ngx_http_commerce_api_refuse(ngx_http_commerce_api_t *api, ngx_uint_t status,
    const char *reason, const char *fmt, ...)
{
    va_list    args;
    ngx_int_t  rc;

    va_start(args, fmt);
    rc = ngx_http_commerce_api_problem(api, status, reason, NULL, fmt, args);
    va_end(args);

    return rc;
}


ngx_int_t
ngx_http_commerce_api_refuse_with(ngx_http_commerce_api_t *api,
    ngx_uint_t status, const char *reason, json_t *more, const char *fmt, ...)
{
    va_list    args;
    ngx_int_t  rc;

    va_start(args, fmt);
    rc = ngx_http_commerce_api_problem(api, status, reason, more, fmt, args);
    va_end(args);

    return rc;
}


static ngx_int_t
ngx_http_commerce_api_problem(ngx_http_commerce_api_t *api, ngx_uint_t status,
    const char *reason, json_t *more, const char *fmt, va_list args)
{
    u_char     *last, detail[NGX_MAX_ERROR_STR], buf[NGX_MAX_ERROR_STR];
    ngx_str_t   text;

    last = ngx_vslprintf(detail, detail + sizeof(detail) - 1, fmt, args);

    *last = '\0';

    text = ngx_commerce_text_log((char *) detail, last - detail, buf,
                                 sizeof(buf));

    ngx_log_error(NGX_LOG_INFO, api->request->connection->log, 0,
                  "commerce_api refused a request: %s: %V", reason, &text);

    return ngx_http_commerce_problem(api->request, status, reason,
                                     (char *) detail, more);
}
