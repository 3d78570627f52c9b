
/*
 * The spotlight: what is pinned now, or will be.
 */


#ifndef _NGX_HTTP_COMMERCE_API_PIN_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_PIN_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* handlers of routes */

ngx_int_t ngx_http_commerce_api_pin(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_pin_clear(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_pin_read(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_pin_cancel(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_PIN_H_INCLUDED_ */
