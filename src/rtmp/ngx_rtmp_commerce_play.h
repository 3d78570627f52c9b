
/*
 * Players: from a play that a client asks for to one that later modules see,
 * and to its end.
 */


#ifndef _NGX_RTMP_COMMERCE_PLAY_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_PLAY_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * Looks up, decides, watches, and hands the play on to those modules that were
 * configured, when all have been.
 */
void ngx_rtmp_commerce_play_hook(void);

/*
 * The session's conf if its playing has to be approved, else NULL: what
 * nginx-rtmp plays in order to push it, or hands from worker to worker, is not.
 */
ngx_rtmp_commerce_app_conf_t *ngx_rtmp_commerce_play_conf(
    ngx_rtmp_session_t *s);


#endif /* _NGX_RTMP_COMMERCE_PLAY_H_INCLUDED_ */
