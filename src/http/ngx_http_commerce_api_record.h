
/*
 * Records: read, written as a whole, written in part.
 */


#ifndef _NGX_HTTP_COMMERCE_API_RECORD_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_RECORD_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/*
 * Asks for api->product; step gives the answer to the second one.
 * NGX_DECLINED: go on with the product.
 */
ngx_int_t ngx_http_commerce_api_record_ask_product(
    ngx_http_commerce_api_t *api, ngx_http_commerce_api_step_pt step);
ngx_int_t ngx_http_commerce_api_record_read_product(
    ngx_http_commerce_api_t *api, redisReply *reply,
    ngx_commerce_product_t *product);


/* handlers of routes */

ngx_int_t ngx_http_commerce_api_record_read(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_record_put(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_record_patch(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_RECORD_H_INCLUDED_ */
