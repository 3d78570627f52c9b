
/*
 * One product's moment out of a playlist: the segments that show it, as a
 * playlist of their own that has ended.
 *
 * What held for the first of them stays: keys, the map and the keys that it
 * was encrypted with, the bitrate, where its byte range begins, its date, its
 * media sequence number, which may be what it was encrypted with, and its
 * discontinuity sequence number.  Parts and what else is for live players is
 * left out, and so are the lines of others' segments.
 */


#ifndef _NGX_COMMERCE_HLS_CLIP_H_INCLUDED_
#define _NGX_COMMERCE_HLS_CLIP_H_INCLUDED_


#include "ngx_commerce_hls_inject.h"


/*
 * Makes a planned injection one of the moment of the cue injection->clip: a
 * text from the pool, its segments, planned.  NGX_OK, or NGX_ERROR: out of
 * memory.  NGX_DECLINED: nothing is changed but injection->refused, which is
 *
 *   _CLIP_UNKNOWN      the playlist shows no such cue, or it has no product
 *   _CLIP_INCOMPLETE   its moment isn't over, or its begin isn't listed now
 */
ngx_int_t ngx_commerce_hls_clip(ngx_commerce_hls_injection_t *injection);


#endif /* _NGX_COMMERCE_HLS_CLIP_H_INCLUDED_ */
