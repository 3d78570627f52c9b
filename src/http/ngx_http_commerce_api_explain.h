
/*
 * Why somebody is let in, or not.
 */


#ifndef _NGX_HTTP_COMMERCE_API_EXPLAIN_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_EXPLAIN_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* the handler of the route */
ngx_int_t ngx_http_commerce_api_explain(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_EXPLAIN_H_INCLUDED_ */
