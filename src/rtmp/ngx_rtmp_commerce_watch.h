
/*
 * From its start to its end a publish is cut as soon as its room or host may
 * no longer, or its proof holds no more.
 */


#ifndef _NGX_RTMP_COMMERCE_WATCH_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_WATCH_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/* NGX_OK; NGX_ERROR: out of memory */
ngx_int_t ngx_rtmp_commerce_watch(ngx_rtmp_commerce_ctx_t *ctx);
void ngx_rtmp_commerce_unwatch(ngx_rtmp_commerce_ctx_t *ctx);


#endif /* _NGX_RTMP_COMMERCE_WATCH_H_INCLUDED_ */
