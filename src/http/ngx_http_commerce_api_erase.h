
/*
 * A viewer is forgotten.
 */


#ifndef _NGX_HTTP_COMMERCE_API_ERASE_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_ERASE_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* the route's handler */

ngx_int_t ngx_http_commerce_api_erase(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_ERASE_H_INCLUDED_ */
