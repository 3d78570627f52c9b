
/*
 * Which of a room's cues a playlist shows.
 *
 * Somebody who pins as fast as he can must not swell playlists: of cues that
 * follow each other within a second only the first is written, and those that
 * last for one.  The first is written at once, since a player may show the end
 * of a segment as soon as it is listed; the others wait until the playlist goes
 * on for a second after them, or they would have to be taken back when another
 * one follows.
 */


#ifndef _NGX_COMMERCE_HLS_SELECT_H_INCLUDED_
#define _NGX_COMMERCE_HLS_SELECT_H_INCLUDED_


#include "ngx_commerce_record.h"


/* a cue in a playlist; dates are the playlist's, ms */

typedef struct {
    ngx_commerce_cue_t        *cue;
    int64_t                    start;
    int64_t                    end;         /* where the next one begins; */
                                            /* 0: there is none           */
    ngx_int_t                  listed;      /* segments from here on, less */
                                            /* those up to the one before  */
    unsigned                   ended:1;     /* END-DATE is written */
} ngx_commerce_hls_range_t;


typedef struct {

    /* set by the caller */

    ngx_pool_t                *pool;        /* of ranges */
    ngx_commerce_cue_t        *cues;        /* by at, no two equal */
    ngx_uint_t                 ncues;
    ngx_commerce_period_t     *periods;     /* by at */
    ngx_uint_t                 nperiods;    /* 0: dates are the wall clock's */
    int64_t                    offset;      /* ms, that these are late */
    int64_t                    start;       /* ms, from the playlist's first */
    int64_t                    end;         /* date to its last */

    /* set by ngx_commerce_hls_select() */

    ngx_commerce_hls_range_t  *ranges;      /* by start */
    ngx_uint_t                 nranges;
    ngx_uint_t                 near;        /* where the last segment was */

    /* set by ngx_commerce_hls_select_removed(): cues, from and up to */

    ngx_uint_t                 removed;
    ngx_uint_t                 first;
} ngx_commerce_hls_selection_t;


/*
 * Selects the cue in force when the playlist begins and those that begin
 * inside, one a second at most.  NGX_OK, or NGX_ERROR: out of memory.
 */
ngx_int_t ngx_commerce_hls_select(ngx_commerce_hls_selection_t *selection);

/* tells, once selected, of a segment that is listed: its dates, ms */
void ngx_commerce_hls_select_listed(ngx_commerce_hls_selection_t *selection,
    int64_t start, int64_t end);

/* drops those that no listed segment shows, as where dates have a hole */
void ngx_commerce_hls_select_drop(ngx_commerce_hls_selection_t *selection);

/*
 * Finds the cues that were over within so many ms before the playlist begins,
 * at most 32, those that begin last.
 */
void ngx_commerce_hls_select_removed(ngx_commerce_hls_selection_t *selection,
    int64_t ms);


#endif /* _NGX_COMMERCE_HLS_SELECT_H_INCLUDED_ */
