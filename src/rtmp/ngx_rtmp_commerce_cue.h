
/*
 * Cues that the encoder itself sends, as AMF0 data messages of the stream: it
 * pins a product of the room's shelf at a frame.
 */


#ifndef _NGX_RTMP_COMMERCE_CUE_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_CUE_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * A data message of a publish that goes on: 1 if it is a cue, which nobody else
 * has a use for.  nginx-rtmp would take what is said by @setDataFrame for the
 * stream's metadata.
 */
ngx_uint_t ngx_rtmp_commerce_cue_data(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_header_t *h, ngx_chain_t *in);

/* the publish is over: nothing is waited for any more */
void ngx_rtmp_commerce_cue_stop(ngx_rtmp_commerce_ctx_t *ctx);


#endif /* _NGX_RTMP_COMMERCE_CUE_H_INCLUDED_ */
