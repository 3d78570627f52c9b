
/*
 * Adobe's authentication of publishers, at the connect.  A client that has a
 * user and a password says nothing of it until it is refused; so it is told
 * to, and comes again with his name, is told what to answer to, and comes a
 * third time.  The answer is judged as any proof is, when it publishes.
 */


#ifndef _NGX_RTMP_COMMERCE_LOGIN_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_LOGIN_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * Asks a client that connects and brought no proof for a user and a password,
 * where these are taken.  NGX_OK: there is nothing to ask; NGX_DONE: it is
 * asked, and will connect again; NGX_ERROR.
 */
ngx_int_t ngx_rtmp_commerce_login(ngx_rtmp_session_t *s, double trans,
    ngx_rtmp_commerce_app_conf_t *cacf, ngx_rtmp_commerce_args_t *brought);


#endif /* _NGX_RTMP_COMMERCE_LOGIN_H_INCLUDED_ */
