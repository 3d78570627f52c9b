
/*
 * Codes that open a room.
 */


#ifndef _NGX_HTTP_COMMERCE_API_CODE_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_CODE_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* the handlers of the routes */
ngx_int_t ngx_http_commerce_api_code_add(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_code_read(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_code_remove(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_CODE_H_INCLUDED_ */
