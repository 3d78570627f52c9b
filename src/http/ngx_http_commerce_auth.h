
/*
 * What other servers ask, decided: by what the edge's own doors ask, too.
 */


#ifndef _NGX_HTTP_COMMERCE_AUTH_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_AUTH_H_INCLUDED_


#include "ngx_http_commerce_auth_body.h"
#include "ngx_http_commerce_publisher.h"
#include "ngx_http_commerce_viewer.h"


/* lives as long as the request */

typedef struct {
    ngx_http_commerce_auth_asked_t   asked;
    ngx_http_commerce_publisher_t    publisher;
    ngx_http_commerce_viewer_t       viewer;
    unsigned                         collected:1;  /* proofs are in these */
} ngx_http_commerce_auth_t;


/*
 * NGX_OK: *reason is set; NGX_AGAIN: as with ngx_http_commerce_get() in a
 * content handler; NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_auth_decide(ngx_http_request_t *r,
    ngx_http_commerce_auth_t *auth, ngx_http_handler_pt handler,
    ngx_commerce_reason_e *reason);


#endif /* _NGX_HTTP_COMMERCE_AUTH_H_INCLUDED_ */
