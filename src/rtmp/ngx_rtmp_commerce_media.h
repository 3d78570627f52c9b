
/*
 * What a live session sends.  nginx-rtmp puts H.264 into HLS and nothing else:
 * of HEVC by Enhanced RTMP, say, a room is live and nobody sees a picture.
 */


#ifndef _NGX_RTMP_COMMERCE_MEDIA_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_MEDIA_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * Looks at it from start to stop, which may be called any number of times.
 * Each message of audio or video is seen; data are those of an AMF0 data
 * message.
 */
void ngx_rtmp_commerce_media_start(ngx_rtmp_commerce_ctx_t *ctx);
void ngx_rtmp_commerce_media_stop(ngx_rtmp_commerce_ctx_t *ctx);
void ngx_rtmp_commerce_media_seen(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_header_t *h, ngx_chain_t *in);
void ngx_rtmp_commerce_media_data(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_chain_t *in);


#endif /* _NGX_RTMP_COMMERCE_MEDIA_H_INCLUDED_ */
