
/*
 * Whether somebody may play: when he comes, and whenever something of it has
 * changed.
 */


#ifndef _NGX_RTMP_COMMERCE_PLAY_ASK_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_PLAY_ASK_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * Fills in the question, its records, and the reason; ctx->host is whose the
 * room is.
 * NGX_OK; NGX_AGAIN: something is waited for, by one of the session's or the
 * player's waits, and then this is called again.
 */
ngx_int_t ngx_rtmp_commerce_play_ask(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_commerce_question_t *q, ngx_commerce_reason_e *reason);


#endif /* _NGX_RTMP_COMMERCE_PLAY_ASK_H_INCLUDED_ */
