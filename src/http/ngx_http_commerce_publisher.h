
/*
 * Who publishes elsewhere: whether his proofs let him, for those who ask by
 * HTTP.  Nothing is claimed: one publisher a room is theirs to see to.
 */


#ifndef _NGX_HTTP_COMMERCE_PUBLISHER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_PUBLISHER_H_INCLUDED_


#include "ngx_http_commerce_module.h"


/* lives as long as the request; zeroed, and the room set, before it is used */

typedef struct {
    ngx_str_t                 room;

    ngx_str_t                 key;       /* empty: none */
    ngx_str_t                 token;
    ngx_str_t                 jwt;
    ngx_commerce_url_t        url;       /* args empty: none */

    ngx_commerce_grant_t      grant;
} ngx_http_commerce_publisher_t;


/*
 * A proof that doesn't say what it is: a token or a JWT if it has the form of
 * one, else a stream key.  Of several of a kind the first counts.  It is not copied.
 */
void ngx_http_commerce_publisher_prove(
    ngx_http_commerce_publisher_t *publisher, ngx_str_t *proof);

/*
 * NGX_OK: *reason is set; NGX_AGAIN: as with ngx_http_commerce_get() in a
 * content handler; then it is called again, from handler.
 */
ngx_int_t ngx_http_commerce_publisher_decide(ngx_http_request_t *r,
    ngx_http_commerce_publisher_t *publisher, ngx_http_handler_pt handler,
    ngx_commerce_reason_e *reason);


#endif /* _NGX_HTTP_COMMERCE_PUBLISHER_H_INCLUDED_ */
