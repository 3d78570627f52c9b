
/*
 * When each segment of a media playlist begins.
 */


#ifndef _NGX_COMMERCE_HLS_TIMELINE_H_INCLUDED_
#define _NGX_COMMERCE_HLS_TIMELINE_H_INCLUDED_


#include "ngx_commerce_record.h"
#include "ngx_commerce_hls_name.h"
#include "ngx_commerce_hls_playlist.h"


/*
 * Stands after the first line of playlists with dates of ours: an edge in front
 * of such an origin has to know that they leave out the host's gaps.
 */
#define NGX_COMMERCE_HLS_DATES  "#NGINX-COMMERCE-DATES"

/* segments that take no memory of their own: most live playlists have fewer */
#define NGX_COMMERCE_HLS_KEPT  64


/* where a playlist without EXT-X-PROGRAM-DATE-TIME takes its time from */

typedef enum {
    NGX_COMMERCE_HLS_CLOCK_OFF = 0,
    NGX_COMMERCE_HLS_CLOCK_NAME,     /* the time in segments' names */
    NGX_COMMERCE_HLS_CLOCK_ASKED     /* the caller says */
} ngx_commerce_hls_clock_e;


/*
 * Sets a segment's arrival and, if it is known, pts.  NGX_OK; NGX_DECLINED: its
 * arrival isn't known.
 */
typedef ngx_int_t (*ngx_commerce_hls_clock_pt)(void *data,
    ngx_commerce_hls_segment_t *segment);


typedef struct {

    /* set by the caller */

    ngx_pool_t                  *pool;       /* of segments, if they are many */
    ngx_commerce_hls_clock_e     clock;
    ngx_commerce_hls_unit_e      unit;       /* of names */
    ngx_commerce_hls_clock_pt    ask;
    void                        *data;       /* of ask */
    int64_t                      offset;     /* us, that a clock is late */

    /* set by ngx_commerce_hls_timeline() */

    ngx_commerce_hls_reader_t    reader;     /* what the whole text is like */

    ngx_commerce_hls_segment_t  *segments;   /* their dates are set */
    ngx_uint_t                   nsegments;

    int64_t                      start;      /* us, from the earliest begin- */
    int64_t                      end;        /* ning to the latest end */

    u_char                      *head;       /* after the first line */
    ngx_uint_t                   repaired;   /* segments whose time was none */

    unsigned                     made:1;     /* dates are made by our clock: */
                                             /* the text has none            */
    unsigned                     ours:1;     /* they were, by an origin of */
                                             /* ours                       */

    ngx_uint_t                   allocated;
    ngx_commerce_hls_segment_t   kept[NGX_COMMERCE_HLS_KEPT];
} ngx_commerce_hls_timeline_t;


/*
 * Reads the segments of a text and dates them, in time and memory linear in its
 * length.
 *
 *   NGX_OK         there are segments, and each has its date
 *   NGX_DECLINED   they have no time; in a delta update, none of its own
 *   NGX_DONE       it lists renditions, or has no segment
 *   NGX_ABORT      it is no playlist as RFC 8216bis has it
 *   NGX_ERROR      out of memory
 */
ngx_int_t ngx_commerce_hls_timeline(ngx_commerce_hls_timeline_t *timeline,
    ngx_str_t *text);

/*
 * Makes the dates anew, without the gaps between the periods (by at) of the
 * stream.  Only if they are made by our clock.
 */
void ngx_commerce_hls_timeline_periods(ngx_commerce_hls_timeline_t *timeline,
    ngx_commerce_period_t *periods, ngx_uint_t nperiods);


#endif /* _NGX_COMMERCE_HLS_TIMELINE_H_INCLUDED_ */
