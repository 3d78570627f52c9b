
/*
 * When the segments of a playlist began, as a clock of ours tells.
 *
 * What a clock tells of a segment is when it arrived, which is seldom early,
 * but late whenever the network or the encoder was.  How far the segments of a
 * stretch, which is what EXT-X-DISCONTINUITY separates, lie apart is what the
 * stream's own clock says, by EXTINF.  So of each segment there is an estimate:
 * the earliest that the arrivals of its stretch allow.  One that arrived within
 * 100 ms of it has the time of its arrival, untouched, so that a stream in
 * order keeps all of its times, whatever the window; one that arrived more than
 * 200 ms after or before has the estimate; in between there is no jump.
 *
 * The estimate rests on what is listed.  When a segment leaves that it rested
 * on, it moves by as much as the arrival of the next best was later: a few ms,
 * as long as one of those listed arrived in time.
 */


#ifndef _NGX_COMMERCE_HLS_STRETCH_H_INCLUDED_
#define _NGX_COMMERCE_HLS_STRETCH_H_INCLUDED_


#include "ngx_commerce_hls_playlist.h"


/*
 * Sets the dates of n segments by their times: of those that are timed; at
 * least one is.  An arrival that is the same as the one before in its stretch,
 * or earlier, or that no other of its stretch bears out, says nothing of
 * others.  What has no time goes on from its neighbours.  What is exact keeps
 * its time, and the others of its stretch go by it.  Linear in n.  Returns
 * how many segments have a date that isn't the time of their arrival.
 */
ngx_uint_t ngx_commerce_hls_stretches(ngx_commerce_hls_segment_t *segments,
    ngx_uint_t n);


#endif /* _NGX_COMMERCE_HLS_STRETCH_H_INCLUDED_ */
