
/*
 * The tenant's stream of events, which tells of what is published, and of what
 * is not played.
 */


#ifndef _NGX_RTMP_COMMERCE_AUDIT_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_AUDIT_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * An entry: "publish_started" and the like, with the client's address and what
 * he calls his encoder or player; at the end of a publish, also how long it was
 * and how much came.
 */
void ngx_rtmp_commerce_audit(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_commerce_reason_e reason);


/*
 * The same of what is refused to many, of which it tells of some: see
 * ngx_commerce_redis_event_refused().
 */
void ngx_rtmp_commerce_audit_refusal(ngx_rtmp_commerce_ctx_t *ctx,
    const char *type, ngx_commerce_reason_e reason);

/*
 * What the encoder has pinned, or with an empty product unpinned: by a cue's ID
 * and its instant.
 */
void ngx_rtmp_commerce_audit_pin(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_str_t *product, ngx_str_t *cue, ngx_str_t *at);


#endif /* _NGX_RTMP_COMMERCE_AUDIT_H_INCLUDED_ */
