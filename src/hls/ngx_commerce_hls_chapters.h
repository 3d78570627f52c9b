
/*
 * The chapters of a playlist, a product each, as JSON that players read by
 * com.apple.hls.chapters: an array of
 *
 *   {"chapter":1,"start-time":0.000,"duration":4.000,
 *    "titles":[{"language":"und","title":"…"}],
 *    "metadata":[{"key":"product","value":"…"}]}
 *
 * Times are s from the playlist's begin, as players count them: by durations,
 * not by dates.  A product without a title is called by its ID.
 */


#ifndef _NGX_COMMERCE_HLS_CHAPTERS_H_INCLUDED_
#define _NGX_COMMERCE_HLS_CHAPTERS_H_INCLUDED_


#include "ngx_commerce_hls_inject.h"


/* of an injection that is planned: the most bytes that are written */
size_t ngx_commerce_hls_chapters_size(ngx_commerce_hls_injection_t *injection);

/* writes the array and returns its end */
u_char *ngx_commerce_hls_chapters_write(
    ngx_commerce_hls_injection_t *injection, u_char *p);


#endif /* _NGX_COMMERCE_HLS_CHAPTERS_H_INCLUDED_ */
