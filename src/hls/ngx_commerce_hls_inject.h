
/*
 * Puts a room's cues into a media playlist.
 *
 * Three steps: ngx_commerce_hls_prepare() reads the playlist and tells of when
 * it is, so that the caller can bring the cues of that time;
 * ngx_commerce_hls_plan() tells what is to be written and the memory it takes;
 * ngx_commerce_hls_inject() writes.  All are linear in the text's length, and
 * only add whole lines: taking out EXT-X-DATERANGE lines of
 * NGX_COMMERCE_HLS_CLASS and, if the playlist had none,
 * EXT-X-PROGRAM-DATE-TIME and EXT-X-DISCONTINUITY-SEQUENCE lines and
 * NGX_COMMERCE_HLS_DATES after the first one, gives the text back, but for one
 * line: EXT-X-SERVER-CONTROL loses its CAN-SKIP-*, or, if there are to be delta
 * updates, EXT-X-SKIP gains the ranges that have left.
 */


#ifndef _NGX_COMMERCE_HLS_INJECT_H_INCLUDED_
#define _NGX_COMMERCE_HLS_INJECT_H_INCLUDED_


#include "ngx_commerce_record.h"
#include "ngx_commerce_stats.h"
#include "ngx_commerce_hls_data.h"
#include "ngx_commerce_hls_hash.h"
#include "ngx_commerce_hls_select.h"
#include "ngx_commerce_hls_time.h"
#include "ngx_commerce_hls_timeline.h"


typedef struct {

    /* set by the caller */

    ngx_pool_t                   *pool;        /* for what is many */
    ngx_str_t                     text;
    u_char                       *hash;        /* of text; NULL: not known */
    ngx_str_t                     room;        /* its name */
    uint64_t                      serial;      /* of that copy of the room */
    ngx_commerce_hls_clock_e      clock;       /* as in the timeline */
    ngx_commerce_hls_unit_e       unit;
    ngx_commerce_hls_clock_pt     ask;
    void                         *ask_data;
    void                         *clock_id;    /* which clock that is */
    time_t                        modified;    /* the files that it reads */
    int64_t                       offset;      /* ms, that dates are late */
    ngx_uint_t                    dates;       /* 1: without cues */
    ngx_uint_t                    attributes;  /* bits of card fields */
    ngx_uint_t                    tokens;      /* 1: viewers' come in later */
    ngx_uint_t                    delta;       /* 1: players may ask for them */
    ngx_str_t                     clip;        /* the cue's ID; or empty: all */
    ngx_uint_t                    chapters;    /* 1: they alone are wanted */
    ngx_commerce_hls_data_t      *data;        /* of multivariant playlists */
    ngx_uint_t                    ndata;

    /* set by the caller before ngx_commerce_hls_plan() */

    ngx_commerce_cue_t           *cues;        /* by at, no two equal */
    ngx_uint_t                    ncues;
    ngx_commerce_period_t        *periods;     /* by at */
    ngx_uint_t                    nperiods;

    /* set by ngx_commerce_hls_cache_find() */

    u_char                        key[NGX_COMMERCE_HLS_HASH_LEN];

    /* set by ngx_commerce_hls_prepare() */

    ngx_commerce_hls_outcome_e    outcome;
    ngx_commerce_hls_timeline_t   timeline;

    /* set by ngx_commerce_hls_plan() */

    size_t                        size;        /* room enough for the output */
    int64_t                       sequence;    /* of discontinuities, which is
                                                  to be written; -1: isn't */
    ngx_commerce_hls_selection_t  selection;
    ngx_commerce_hls_minute_t     minute;      /* written last */
    ngx_str_t                     edited;      /* the line that is; or empty */

    /* set by ngx_commerce_hls_clip() */

    unsigned                      clipped:1;   /* to the moment of one cue */
    ngx_commerce_reason_e         refused;
} ngx_commerce_hls_injection_t;


/*
 * NGX_OK if the playlist may be written, even if no line is to be added; the
 * cues and periods that it needs are those from injection->timeline.start to
 * its end.  NGX_ERROR: out of memory.  NGX_DECLINED if it is to be passed on as
 * it is, and injection->outcome says why:
 *
 *   _NOT_PARSED    the text is no playlist as RFC 8216bis has it
 *   _MULTIVARIANT  it lists renditions, or has no segment
 *   _HAS_CUES      somebody put date ranges of our class in
 *   _NO_CLOCK      segments have no time; in a delta update, none of its own
 */
ngx_int_t ngx_commerce_hls_prepare(ngx_commerce_hls_injection_t *injection);

/* NGX_OK, or NGX_ERROR: out of memory */
ngx_int_t ngx_commerce_hls_plan(ngx_commerce_hls_injection_t *injection);

/*
 * Writes the playlist with its cues, at most injection->size bytes, and
 * returns the end.  The text must not have changed since.
 */
u_char *ngx_commerce_hls_inject(ngx_commerce_hls_injection_t *injection,
    u_char *p);


#endif /* _NGX_COMMERCE_HLS_INJECT_H_INCLUDED_ */
