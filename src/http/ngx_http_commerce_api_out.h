
/*
 * Who is put out of a room: banned, or signed out.
 */


#ifndef _NGX_HTTP_COMMERCE_API_OUT_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_OUT_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* ms that a viewer's proof may last at most, by whatever clock it is judged */
int64_t ngx_http_commerce_api_out_lasts(ngx_commerce_tenant_t *tenant);


/* handlers of routes */

ngx_int_t ngx_http_commerce_api_out_list(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_out_read(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_out_ban(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_out_lift(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_out_sign_out(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_OUT_H_INCLUDED_ */
