
/*
 * The products on a room's shelf.
 */


#ifndef _NGX_HTTP_COMMERCE_API_SHELF_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_SHELF_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* handlers of routes */

ngx_int_t ngx_http_commerce_api_shelf_add(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_shelf_remove(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_SHELF_H_INCLUDED_ */
