
/*
 * The body of a request, in memory.
 */


#ifndef _NGX_HTTP_COMMERCE_BODY_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_BODY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The whole body, once it has been read, wherever nginx has put it: from the
 * request's pool, with a NUL behind it that does not count.  NGX_OK;
 * NGX_DECLINED if it has more than max bytes, which is not known beforehand of
 * a chunked one; NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_body_collect(ngx_http_request_t *r, size_t max,
    ngx_str_t *text);

/* 1 if the body is of this media type, whatever its parameters are */
ngx_uint_t ngx_http_commerce_body_is(ngx_http_request_t *r, const char *type);


#endif /* _NGX_HTTP_COMMERCE_BODY_H_INCLUDED_ */
