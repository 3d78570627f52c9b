
/*
 * Puts a room's cues into a media playlist.
 *
 * Two steps: ngx_commerce_hls_prepare() reads the playlist and tells what is
 * to be done and the memory it takes; ngx_commerce_hls_inject() writes.  Both
 * are linear in the text's length, allocate nothing, and only add whole
 * lines: taking out EXT-X-DATERANGE lines of NGX_COMMERCE_HLS_CLASS and, if
 * the playlist had none, EXT-X-PROGRAM-DATE-TIME lines gives the text back.
 */


#ifndef _NGX_COMMERCE_HLS_INJECT_H_INCLUDED_
#define _NGX_COMMERCE_HLS_INJECT_H_INCLUDED_


#include "ngx_commerce_record.h"
#include "ngx_commerce_stats.h"
#include "ngx_commerce_hls_hash.h"
#include "ngx_commerce_hls_playlist.h"
#include "ngx_commerce_hls_time.h"


/* segments that need not be read again: more than most live playlists have */
#define NGX_COMMERCE_HLS_KEPT  64


/* where a playlist without EXT-X-PROGRAM-DATE-TIME takes its time from */

typedef enum {
    NGX_COMMERCE_HLS_CLOCK_OFF = 0,
    NGX_COMMERCE_HLS_CLOCK_NAME      /* ms since the epoch in segment names */
} ngx_commerce_hls_clock_e;


typedef struct {

    /* set by the caller */

    ngx_str_t                  text;
    ngx_commerce_room_t       *room;
    uint64_t                   serial;      /* of that copy of the room */
    ngx_uint_t                 clock;       /* ngx_commerce_hls_clock_e */
    ngx_uint_t                 attributes;  /* bits of card fields */
    ngx_uint_t                 tokens;      /* 1: viewers' come in later */

    /* set by ngx_commerce_hls_cache_find() */

    u_char                     key[NGX_COMMERCE_HLS_HASH_LEN];

    /* set by ngx_commerce_hls_prepare() */

    size_t                     size;        /* room enough for the output */
    int64_t                    start;       /* us, of the first segment */
    ngx_uint_t                 cue;         /* first of the room's cues */
    ngx_uint_t                 end;         /* and the one after the last */
    ngx_commerce_hls_minute_t  minute;      /* written last */
    unsigned                   named:1;     /* dates come from names */
    unsigned                   crlf:1;

    ngx_uint_t                 nsegments;
    ngx_commerce_hls_reader_t  rest;        /* where those begin that aren't */
                                            /* kept; unset if all are        */
    ngx_commerce_hls_segment_t segments[NGX_COMMERCE_HLS_KEPT];
} ngx_commerce_hls_injection_t;


/*
 * NGX_COMMERCE_HLS_INJECTED if the playlist may be written, even if no line
 * is to be added; otherwise why it is to be passed on as it is:
 *
 *   _NOT_PARSED    the text is no playlist as RFC 8216bis has it
 *   _MULTIVARIANT  it lists renditions, or has no segment
 *   _HAS_CUES      somebody put date ranges of our class in
 *   _NO_CLOCK      segments have no time; in a delta update, none of its own
 */
ngx_commerce_hls_outcome_e ngx_commerce_hls_prepare(
    ngx_commerce_hls_injection_t *injection);

/*
 * Writes the playlist with its cues, at most injection->size bytes, and
 * returns the end.  The text must not have changed since.
 */
u_char *ngx_commerce_hls_inject(ngx_commerce_hls_injection_t *injection,
    u_char *p);


#endif /* _NGX_COMMERCE_HLS_INJECT_H_INCLUDED_ */
