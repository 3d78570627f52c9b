
/*
 * Cues of a playlist that begins before those that its room still has.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_HOURS_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_HOURS_H_INCLUDED_


#include "ngx_http_commerce_hls_filter.h"


/*
 * Sets the cues and periods of an injection that is prepared: the room's, and
 * those of the hours before that the playlist needs.  Sets in output which hours
 * these are, and whether it may be kept.
 *
 * NGX_OK; NGX_AGAIN: hours are being loaded, and the request is written to when
 * it is worth to call this again; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_commerce_hls_hours(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_output_t *output);

/* 1 if an output that was kept is of the hours as they are now */
ngx_uint_t ngx_http_commerce_hls_hours_same(ngx_http_request_t *r,
    ngx_commerce_room_t *room, ngx_commerce_hls_output_t *output);


#endif /* _NGX_HTTP_COMMERCE_HLS_HOURS_H_INCLUDED_ */
