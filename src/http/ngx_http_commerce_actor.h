
/*
 * Who asks, as the configuration can tell, for the audit.
 */


#ifndef _NGX_HTTP_COMMERCE_ACTOR_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_ACTOR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * What commerce_actor says of a request, or else the user's name: UTF-8 without
 * control characters, of 128 bytes at most, from the request's pool.  It is
 * empty if nobody says who it is, or if out of memory.
 */
ngx_str_t ngx_http_commerce_actor(ngx_http_request_t *r);


#endif /* _NGX_HTTP_COMMERCE_ACTOR_H_INCLUDED_ */
