
/*
 * Which of a room's cues a playlist shows.
 */


#ifndef _NGX_COMMERCE_HLS_SELECT_H_INCLUDED_
#define _NGX_COMMERCE_HLS_SELECT_H_INCLUDED_


#include "ngx_commerce_record.h"


/* a cue in a playlist; dates are the playlist's, ms */

typedef struct {
    ngx_commerce_cue_t        *cue;
    int64_t                    start;
    int64_t                    end;         /* where the next one begins; */
                                            /* 0: it isn't known          */
    unsigned                   ended:1;     /* END-DATE is written */
} ngx_commerce_hls_range_t;


typedef struct {

    /* set by the caller */

    ngx_pool_t                *pool;        /* of ranges */
    ngx_commerce_cue_t        *cues;        /* by at, no two equal */
    ngx_uint_t                 ncues;
    ngx_commerce_period_t     *periods;     /* by at */
    ngx_uint_t                 nperiods;    /* 0: dates are the wall clock's */
    int64_t                    start;       /* ms, from the playlist's first */
    int64_t                    end;         /* date to its last */

    /* set by ngx_commerce_hls_select() */

    ngx_commerce_hls_range_t  *ranges;      /* by start */
    ngx_uint_t                 nranges;
} ngx_commerce_hls_selection_t;


/*
 * Selects the cue in force when the playlist begins and those that begin
 * inside, but for those that were in force for less than a second.  NGX_OK, or NGX_ERROR: out of memory.
 */
ngx_int_t ngx_commerce_hls_select(ngx_commerce_hls_selection_t *selection);


#endif /* _NGX_COMMERCE_HLS_SELECT_H_INCLUDED_ */
