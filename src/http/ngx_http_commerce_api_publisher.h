
/*
 * Who publishes a room now: told to go, with his show or without.
 */


#ifndef _NGX_HTTP_COMMERCE_API_PUBLISHER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_PUBLISHER_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* handlers of routes */

ngx_int_t ngx_http_commerce_api_publisher_kick(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_publisher_end(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_PUBLISHER_H_INCLUDED_ */
