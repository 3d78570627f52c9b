
/*
 * A stream's own clock: what its RTMP timestamps are as dates.
 *
 * A frame arrives late, never early.  So the date at which the clock stood at 0
 * is the least difference between a frame's arrival and its timestamp.
 */


#ifndef _NGX_RTMP_COMMERCE_CLOCK_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_CLOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * How nginx-rtmp cuts segments (its hls_fragment and hls_max_fragment), ms.  A
 * frame that lies before the segment's beginning, or so far behind it that the
 * segment would be too long, begins a new one, with EXT-X-DISCONTINUITY.
 */

typedef struct {
    ngx_msec_t    fragment;
    ngx_msec_t    fragment_max;
} ngx_rtmp_commerce_cuts_t;


typedef struct {
    int64_t       now;         /* ms, the date of its arrival */
    uint32_t      time;        /* ms, its timestamp */
    unsigned      video:1;
    unsigned      boundary:1;  /* a segment may begin with it */
} ngx_rtmp_commerce_frame_t;


/* of one kind of frames */

typedef struct {
    uint32_t      first;       /* ms, timestamps */
    uint32_t      last;
    ngx_uint_t    n;
} ngx_rtmp_commerce_frames_t;


typedef struct {
    int64_t                      at;       /* ms; the first frame's arrival */
    uint32_t                     first;    /* ms; and its timestamp */
    int64_t                      epoch;    /* ms, the date of timestamp 0 */
    int64_t                      frame;    /* ms; 0: not known */
    uint32_t                     segment;  /* ms; timestamp of its beginning */
    ngx_rtmp_commerce_frames_t   video;
    ngx_rtmp_commerce_frames_t   audio;
    unsigned                     set:1;    /* epoch and frame are not measured
                                              any more */
} ngx_rtmp_commerce_clock_t;


/* begins with this frame */
void ngx_rtmp_commerce_clock_begin(ngx_rtmp_commerce_clock_t *clock,
    ngx_rtmp_commerce_frame_t *frame);

/* 1 if this frame is not of the clock any more, or not of the same stretch */
ngx_uint_t ngx_rtmp_commerce_clock_jumps(ngx_rtmp_commerce_clock_t *clock,
    ngx_rtmp_commerce_frame_t *frame, ngx_rtmp_commerce_cuts_t *cuts);

/* another frame, which doesn't jump */
void ngx_rtmp_commerce_clock_add(ngx_rtmp_commerce_clock_t *clock,
    ngx_rtmp_commerce_frame_t *frame, ngx_rtmp_commerce_cuts_t *cuts);

/* sets epoch and frame by what has come so far */
void ngx_rtmp_commerce_clock_set(ngx_rtmp_commerce_clock_t *clock);

/* dates, ms: of a timestamp, and at which the last frame ends */
int64_t ngx_rtmp_commerce_clock_date(ngx_rtmp_commerce_clock_t *clock,
    uint32_t time);
int64_t ngx_rtmp_commerce_clock_ended(ngx_rtmp_commerce_clock_t *clock);


#endif /* _NGX_RTMP_COMMERCE_CLOCK_H_INCLUDED_ */
