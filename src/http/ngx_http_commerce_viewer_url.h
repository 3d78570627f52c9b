
/*
 * Whoever comes from a URL that is signed as a cloud does it: the path with its
 * arguments is a proof by itself.
 */


#ifndef _NGX_HTTP_COMMERCE_VIEWER_URL_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_VIEWER_URL_H_INCLUDED_


#include "ngx_http_commerce_module.h"


/*
 * Sets *reason, and *claims if it is ALLOWED.  Such a URL doesn't say who comes,
 * nor when it was made: if the tenant has a secret, he gets a name of URL,
 * address and player, the same on all nodes, and was issued when this node saw
 * that name first.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_viewer_url(ngx_http_request_t *r,
    ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_claims_t *claims, ngx_commerce_reason_e *reason);


#endif /* _NGX_HTTP_COMMERCE_VIEWER_URL_H_INCLUDED_ */
