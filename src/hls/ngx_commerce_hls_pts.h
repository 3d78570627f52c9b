
/*
 * The time of a segment's first picture in its MPEG-2 transport stream (ISO/IEC
 * 13818-1), as nginx-rtmp writes it.
 */


#ifndef _NGX_COMMERCE_HLS_PTS_H_INCLUDED_
#define _NGX_COMMERCE_HLS_PTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_COMMERCE_HLS_TS_PACKET  188


/*
 * Finds the presentation time of the first video frame (90 kHz, 33 bits) in the
 * beginning of a segment.  NGX_OK; NGX_AGAIN: there is none in these packets;
 * NGX_DECLINED: they are no transport stream, or an encrypted one.
 */
ngx_int_t ngx_commerce_hls_pts(u_char *p, size_t len, int64_t *pts);

/*
 * The RTMP time (us) that nginx-rtmp has made it of: it adds 700 ms, and 33 bits
 * are full every 26.5 hours; of those possible, the one nearest to another time
 * (us).
 */
int64_t ngx_commerce_hls_pts_time(int64_t pts, int64_t near);


#endif /* _NGX_COMMERCE_HLS_PTS_H_INCLUDED_ */
