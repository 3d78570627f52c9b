
/*
 * Refuses a session that asks to publish or to play; cuts one that does.  The
 * client is told why, and the connection is closed once it had time to read
 * that.  In a dry run it is counted and logged, and the session goes on.
 */


#ifndef _NGX_RTMP_COMMERCE_REFUSE_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_REFUSE_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


void ngx_rtmp_commerce_refuse(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);
void ngx_rtmp_commerce_cut(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);

/* the one or the other, of a session that asks for more than it may */
void ngx_rtmp_commerce_turn_away(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_reason_e reason);

/* closes the connection when what was sent has been read */
void ngx_rtmp_commerce_close(ngx_rtmp_commerce_ctx_t *ctx);


#endif /* _NGX_RTMP_COMMERCE_REFUSE_H_INCLUDED_ */
