
/*
 * Who follows a host.
 */


#ifndef _NGX_HTTP_COMMERCE_API_FOLLOWER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_FOLLOWER_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* the handlers of the routes */
ngx_int_t ngx_http_commerce_api_follower_add(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_follower_remove(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_FOLLOWER_H_INCLUDED_ */
