
/*
 * What the header of a response says of a body that a filter has made.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_VALIDATORS_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_VALIDATORS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_commerce_hls_hash.h"


/*
 * Sets Content-Length, a strong ETag made of the body's hash alone, and takes
 * out what the body's source said of it: Last-Modified, Accept-Ranges,
 * digests.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_hls_validate(ngx_http_request_t *r, size_t len,
    u_char *hash);


#endif /* _NGX_HTTP_COMMERCE_HLS_VALIDATORS_H_INCLUDED_ */
