
/*
 * What came of playlists: counted, and of what an operator should know, told.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_OUTCOME_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_OUTCOME_H_INCLUDED_


#include "ngx_http_commerce_module.h"
#include "ngx_commerce_status.h"


/* of a worker, by outcome; zeroed at first */

typedef struct {
    ngx_msec_t   last;         /* when it was told of */
    ngx_uint_t   n;            /* how many have come since */
} ngx_http_commerce_hls_told_t;


/*
 * Counts the outcome of the request's playlist.  One that has a sentence to it
 * is counted by room, too, and logged: once a minute by a worker, naming the
 * last room.  told has NGX_COMMERCE_HLS_OUTCOMES.
 */
void ngx_http_commerce_hls_count(ngx_http_request_t *r,
    ngx_commerce_hls_outcome_e outcome, ngx_http_commerce_hls_told_t *told);

/* adds the part "playlists" to the status; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_commerce_hls_outcome_add(ngx_conf_t *cf);


#endif /* _NGX_HTTP_COMMERCE_HLS_OUTCOME_H_INCLUDED_ */
