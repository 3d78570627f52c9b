
/*
 * Which codec a message of audio or video is of, by its first bytes: of the
 * FLV specification 10.1, annex E.4, or by the FourCC of Enhanced RTMP.
 */


#ifndef _NGX_RTMP_COMMERCE_CODEC_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_CODEC_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_RTMP_COMMERCE_CODEC_BYTES  5     /* are enough */


/* copies as many of a message, or all it has; returns how many */
size_t ngx_rtmp_commerce_codec_bytes(ngx_chain_t *in, u_char *bytes);

/* texts as "h264", "hvc1" or "15"; static memory, or that of the bytes */

ngx_str_t ngx_rtmp_commerce_codec_video(u_char *bytes, size_t len);
ngx_str_t ngx_rtmp_commerce_codec_audio(u_char *bytes, size_t len);

/* 1 if it is a picture of H.264; and if that can be shown without others */
ngx_uint_t ngx_rtmp_commerce_codec_is_picture(u_char *bytes, size_t len);
ngx_uint_t ngx_rtmp_commerce_codec_is_keyframe(u_char *bytes, size_t len);

/* 1 if it is audio, and not what a decoder needs before any */
ngx_uint_t ngx_rtmp_commerce_codec_is_sound(u_char *bytes, size_t len);


#endif /* _NGX_RTMP_COMMERCE_CODEC_H_INCLUDED_ */
