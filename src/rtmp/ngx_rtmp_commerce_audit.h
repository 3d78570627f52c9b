
/*
 * The tenant's stream of events, which tells of what is published.
 */


#ifndef _NGX_RTMP_COMMERCE_AUDIT_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_AUDIT_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * An entry: "publish_started" and the like, with the client's address and
 * encoder.
 */
void ngx_rtmp_commerce_audit(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_commerce_reason_e reason);


#endif /* _NGX_RTMP_COMMERCE_AUDIT_H_INCLUDED_ */
