
/*
 * WWW-Authenticate: which proof would help.
 */


#ifndef _NGX_HTTP_COMMERCE_CHALLENGE_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_CHALLENGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_commerce.h"


/*
 * Adds the header (RFC 6750, 3) to an answer that refuses for the reason,
 * unless it is one that no other proof of the same viewer would change.  realm
 * is a room's name, which needs no quoting.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_challenge(ngx_http_request_t *r,
    ngx_commerce_reason_e reason, ngx_str_t *realm);


#endif /* _NGX_HTTP_COMMERCE_CHALLENGE_H_INCLUDED_ */
