
/*
 * What a player claims: the proofs that he brought, verified.
 */


#ifndef _NGX_RTMP_COMMERCE_VIEWER_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_VIEWER_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * Makes the player's claims to the session's room of what was presented, which
 * need not be kept.
 */
void ngx_rtmp_commerce_viewer_claims(ngx_rtmp_commerce_ctx_t *ctx);


#endif /* _NGX_RTMP_COMMERCE_VIEWER_H_INCLUDED_ */
