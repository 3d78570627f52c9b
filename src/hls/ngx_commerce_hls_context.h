
/*
 * What holds for a segment beyond its own lines: tags that stand before an
 * earlier one, and count on from it.
 */


#ifndef _NGX_COMMERCE_HLS_CONTEXT_H_INCLUDED_
#define _NGX_COMMERCE_HLS_CONTEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* keys that one segment can have, one for each KEYFORMAT */
#define NGX_COMMERCE_HLS_KEYS  8


typedef enum {
    NGX_COMMERCE_HLS_LINE_SEGMENT = 0,   /* of the segment whose URI follows */
    NGX_COMMERCE_HLS_LINE_URI,
    NGX_COMMERCE_HLS_LINE_RANGE,         /* EXT-X-BYTERANGE */
    NGX_COMMERCE_HLS_LINE_GAP,           /* EXT-X-DISCONTINUITY */
    NGX_COMMERCE_HLS_LINE_KEY,           /* of the segments from there on */
    NGX_COMMERCE_HLS_LINE_MAP,
    NGX_COMMERCE_HLS_LINE_BITRATE,
    NGX_COMMERCE_HLS_LINE_HEAD,          /* of all of the playlist */
    NGX_COMMERCE_HLS_LINE_NONE           /* of live playlists alone; blank; */
                                         /* or a number that is told anew   */
} ngx_commerce_hls_line_e;


/* keys in force, in their order; lines of the text, without their ends */

typedef struct {
    ngx_str_t                   line[NGX_COMMERCE_HLS_KEYS];
    ngx_uint_t                  n;
} ngx_commerce_hls_keys_t;


typedef struct {
    ngx_commerce_hls_keys_t     keys;
    ngx_commerce_hls_keys_t     map_keys;       /* when the map was told */
    ngx_str_t                   map;            /* lines, or empty */
    ngx_str_t                   bitrate;
    int64_t                     sequence;       /* EXT-X-MEDIA-SEQUENCE */
    int64_t                     gaps_sequence;  /* -DISCONTINUITY-SEQUENCE */
    int64_t                     gaps;           /* before, in the text */
    int64_t                     range;          /* where the byte range */
                                                /* before ends; -1: none */
    unsigned                    crlf:1;
} ngx_commerce_hls_context_t;


/* what a line [line, eol) is, its end and blanks before that left out */
ngx_commerce_hls_line_e ngx_commerce_hls_context_kind(u_char *line,
    u_char *eol);

/* the context of the n-th segment, from 0, of a text that could be read */
void ngx_commerce_hls_context(ngx_commerce_hls_context_t *context,
    ngx_str_t *text, ngx_uint_t n);

/* the most bytes that ngx_commerce_hls_context_write() writes */
size_t ngx_commerce_hls_context_size(ngx_commerce_hls_context_t *context);

/* writes keys, map and bitrate as lines; returns the end */
u_char *ngx_commerce_hls_context_write(ngx_commerce_hls_context_t *context,
    u_char *p);


#endif /* _NGX_COMMERCE_HLS_CONTEXT_H_INCLUDED_ */
