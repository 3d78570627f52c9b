
/*
 * The session of whoever was let in, as it goes into his playlists.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_SESSION_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_SESSION_H_INCLUDED_


#include "ngx_http_commerce_module.h"


/*
 * The argument, "viewer=TOKEN", that goes on with the request's claims: the
 * same in each of their playlists.  Who has no name or time of issue gets them
 * here: a name made of what his URL was signed with, his address and player,
 * and the time when this node first saw it.
 * NGX_OK; NGX_DECLINED: the request is nobody's; NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_hls_session(ngx_http_request_t *r,
    ngx_str_t *argument);

/*
 * Has the response kept by no cache, whatever its source said of that.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_hls_private(ngx_http_request_t *r);


#endif /* _NGX_HTTP_COMMERCE_HLS_SESSION_H_INCLUDED_ */
