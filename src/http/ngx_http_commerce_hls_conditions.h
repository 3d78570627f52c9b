
/*
 * Conditional requests on what a filter makes.
 *
 * nginx answers If-None-Match and its like, and the origin does, before a
 * body filter knows what the body will be.  So these request headers are
 * taken out of the request before its content is produced, and judged here.
 *
 * Accept-Encoding goes with them: what is compressed can't be changed.  It is
 * back when nginx's own gzip looks at the response.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_CONDITIONS_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_CONDITIONS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef enum {
    NGX_HTTP_COMMERCE_HLS_IF_MATCH = 0,
    NGX_HTTP_COMMERCE_HLS_IF_UNMODIFIED_SINCE,
    NGX_HTTP_COMMERCE_HLS_IF_NONE_MATCH,
    NGX_HTTP_COMMERCE_HLS_IF_MODIFIED_SINCE,
    NGX_HTTP_COMMERCE_HLS_RANGE,
    NGX_HTTP_COMMERCE_HLS_IF_RANGE,
#if (NGX_HTTP_GZIP)
    NGX_HTTP_COMMERCE_HLS_ACCEPT_ENCODING,
#endif
    NGX_HTTP_COMMERCE_HLS_CONDITIONS
} ngx_http_commerce_hls_condition_e;


typedef struct {
    ngx_table_elt_t  *headers[NGX_HTTP_COMMERCE_HLS_CONDITIONS];
    ngx_list_t        list;         /* r->headers_in.headers as they came */
    ngx_str_t         method_name;  /* of a HEAD; else empty */
    unsigned          hidden:1;     /* headers are NULL in the request */
    unsigned          replaced:1;   /* the list has none of them */
} ngx_http_commerce_hls_conditions_t;


/*
 * Takes the conditions out of the request, so that neither nginx nor an
 * origin sees them, and turns a HEAD towards the origin into a GET.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_hls_hide(ngx_http_request_t *r,
    ngx_http_commerce_hls_conditions_t *conditions);

/* gives the request back what was taken; may be called again */
void ngx_http_commerce_hls_restore(ngx_http_request_t *r,
    ngx_http_commerce_hls_conditions_t *conditions);

/*
 * Judges the conditions by the response's ETag and Last-Modified (RFC 9110
 * 13.2.2) and makes the response header a 304 or 412 one if they say so.
 * NGX_OK: the body is to be sent; NGX_DONE: it is not.
 */
ngx_int_t ngx_http_commerce_hls_judge(ngx_http_request_t *r,
    ngx_http_commerce_hls_conditions_t *conditions);


#endif /* _NGX_HTTP_COMMERCE_HLS_CONDITIONS_H_INCLUDED_ */
