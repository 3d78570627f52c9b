
/*
 * A media playlist (RFC 8216bis) as a sequence of segments, read in one pass
 * from its text.  Nothing is copied: what a segment points at is the text.
 */


#ifndef _NGX_COMMERCE_HLS_PLAYLIST_H_INCLUDED_
#define _NGX_COMMERCE_HLS_PLAYLIST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the CLASS of our date ranges */
#define NGX_COMMERCE_HLS_CLASS  "nginx-commerce.product"


typedef struct {
    u_char      *mark;        /* start of its #EXTINF line, or, of a segment */
                              /* under way, of its first #EXT-X-PART line    */
    ngx_str_t    uri;         /* empty: the segment is under way */
    int64_t      duration;    /* us */
    int64_t      date;        /* us, its own EXT-X-PROGRAM-DATE-TIME */
    int64_t      arrival;     /* us, when its first frame came, as a clock */
                              /* of ours has it                            */
    int64_t      pts;         /* of its first picture, 90 kHz; -1: not known */
    int64_t      time;        /* us, arrival on the playlist's dates */
    int64_t      slack;       /* us, how far a date may be off */
    unsigned     dated:1;     /* it has one */
    unsigned     timed:1;     /* its arrival is known */
    unsigned     exact:1;     /* its time is the stream's own */
    unsigned     anchor:1;    /* others may be dated by its time */
    unsigned     known:1;     /* its date is known by others' time */
    unsigned     after_gap:1; /* EXT-X-DISCONTINUITY stands before it */
} ngx_commerce_hls_segment_t;


typedef struct {
    u_char                      *pos;
    u_char                      *last;

    ngx_commerce_hls_segment_t   next;        /* as far as it is known */
    u_char                      *parts;       /* its first #EXT-X-PART line */
    int64_t                      parts_duration;

    int64_t                      target;      /* us, EXT-X-TARGETDURATION */
    int64_t                      skipped;     /* segments, of EXT-X-SKIP */

    ngx_str_t                    control;     /* lines with their ends: */
    ngx_str_t                    skip;        /* EXT-X-SERVER-CONTROL, -SKIP */

    unsigned                     crlf:1;      /* lines end with \r\n */
    unsigned                     multivariant:1;
    unsigned                     has_cues:1;  /* dateranges of our CLASS */
    unsigned                     dates:1;     /* EXT-X-PROGRAM-DATE-TIME, */
                                              /* readable or not          */
    unsigned                     ended:1;     /* EXT-X-ENDLIST */
    unsigned                     numbered:1;  /* EXT-X-DISCONTINUITY-SEQUENCE */
    unsigned                     whole:1;     /* EXT-X-PLAYLIST-TYPE: no */
                                              /* segment was taken off   */
} ngx_commerce_hls_reader_t;


/*
 * Begins to read: NGX_OK, or NGX_ERROR if the first line isn't #EXTM3U, which
 * a byte order mark and blank lines may precede.
 */
ngx_int_t ngx_commerce_hls_open(ngx_commerce_hls_reader_t *reader,
    u_char *text, size_t len);

/*
 * Reads on up to the end of the next segment.  What players pass over is
 * passed over: a date or a part's duration that can't be read, an #EXTINF that
 * another one follows.
 *
 *   NGX_OK      *segment is one; the last may be one under way (low latency)
 *   NGX_DONE    there are no more, or the playlist is a multivariant one
 *   NGX_ERROR   the text isn't understood; don't read on
 */
ngx_int_t ngx_commerce_hls_read(ngx_commerce_hls_reader_t *reader,
    ngx_commerce_hls_segment_t *segment);

/* goes on to the next line; returns the end of this one, blanks left out */
u_char *ngx_commerce_hls_line(ngx_commerce_hls_reader_t *reader);


#endif /* _NGX_COMMERCE_HLS_PLAYLIST_H_INCLUDED_ */
