
/*
 * By which address clients are told apart, where one is to have no more than
 * his share.
 */


#ifndef _NGX_HTTP_COMMERCE_ADDRESS_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_ADDRESS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The client's address, of IPv6 the /64, since one customer has as many as he
 * likes of these; all who come by unix sockets are one.  The bytes are the
 * connection's.
 */
void ngx_http_commerce_address(ngx_http_request_t *r, ngx_str_t *address);


#endif /* _NGX_HTTP_COMMERCE_ADDRESS_H_INCLUDED_ */
