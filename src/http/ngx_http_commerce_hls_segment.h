
/*
 * The files of a static playlist's segments, and the times that are in them.
 *
 * They are looked for where the playlist's own file is, and below.  What was
 * read of a file is kept for as long as its size and time of modification are
 * the same: each worker keeps 16,384 files.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_SEGMENT_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_SEGMENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_commerce_hls_playlist.h"


typedef struct ngx_http_commerce_hls_files_s  ngx_http_commerce_hls_files_t;


/*
 * The files of the request's playlist, in its pool; pts: presentation times are
 * wanted.  NULL: out of memory.
 */
ngx_http_commerce_hls_files_t *ngx_http_commerce_hls_segment_files(
    ngx_http_request_t *r, ngx_uint_t pts);

/*
 * Sets when a segment began to arrive, by when its file was written last, which
 * is its end; and, if wanted, its pts.  data is the files.  NGX_OK;
 * NGX_DECLINED: it has no file there.
 */
ngx_int_t ngx_http_commerce_hls_segment_time(void *data,
    ngx_commerce_hls_segment_t *segment);


#endif /* _NGX_HTTP_COMMERCE_HLS_SEGMENT_H_INCLUDED_ */
