
/*
 * A session from its first publish or play to its end.
 */


#ifndef _NGX_RTMP_COMMERCE_SESSION_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_SESSION_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * Learns of closed streams before those modules that were configured, when all
 * have been.
 */
void ngx_rtmp_commerce_session_hook(void);

/*
 * The session's conf if its publishing has to be approved, else NULL: streams
 * that nginx-rtmp fetches or hands from worker to worker itself are not.
 */
ngx_rtmp_commerce_app_conf_t *ngx_rtmp_commerce_session_conf(
    ngx_rtmp_session_t *s);

/* the session's context, made if there is none; NULL: no memory */
ngx_rtmp_commerce_ctx_t *ngx_rtmp_commerce_session_ctx(ngx_rtmp_session_t *s,
    ngx_rtmp_commerce_app_conf_t *cacf);

/* the session waits for nothing any more, and has no claim */
void ngx_rtmp_commerce_session_leave(ngx_rtmp_commerce_ctx_t *ctx);

/*
 * The session publishes or plays no more, or never did: nothing is left of its
 * claim nor of what it waited for.  May be called any number of times.
 */
void ngx_rtmp_commerce_session_end(ngx_rtmp_commerce_ctx_t *ctx);


#endif /* _NGX_RTMP_COMMERCE_SESSION_H_INCLUDED_ */
