
/*
 * The body of a request.
 */


#ifndef _NGX_HTTP_COMMERCE_API_BODY_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_BODY_H_INCLUDED_


#include "ngx_http_commerce_api.h"


#define NGX_HTTP_COMMERCE_API_BODY_MAX   65536    /* bytes */


/*
 * Before it is read, whether the body may be what the route wants; then reads
 * it into api->body.  NGX_DECLINED: go on.
 */
ngx_int_t ngx_http_commerce_api_body_expect(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_body_parse(ngx_http_commerce_api_t *api);

/* answers that the body is too large, whoever found that */
ngx_int_t ngx_http_commerce_api_body_too_large(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_BODY_H_INCLUDED_ */
