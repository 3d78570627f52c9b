
/*
 * Cues in playlists: static files and what proxied origins send.
 *
 * Before the content is produced, the room is looked up and the conditions of
 * the request are put aside; then the response header is held back until the
 * whole playlist is there, is rewritten, and both go on to the filters after
 * this one.  What isn't rewritten is passed on as it came.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_FILTER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_FILTER_H_INCLUDED_


#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_hls_validators.h"


typedef struct {
    ngx_uint_t                           used;    /* by some location */
    ngx_uint_t                           warned;  /* outcomes, a bit each */
} ngx_http_commerce_hls_main_conf_t;


typedef struct {
    ngx_flag_t                           enable;
    ngx_uint_t                           clock;
    ngx_uint_t                           attributes;
    size_t                               max_size;
} ngx_http_commerce_hls_loc_conf_t;


typedef enum {
    NGX_HTTP_COMMERCE_HLS_WAITING = 0,   /* for the room */
    NGX_HTTP_COMMERCE_HLS_READY,         /* for the response's header */
    NGX_HTTP_COMMERCE_HLS_COLLECTING,    /* the body; the header is held */
    NGX_HTTP_COMMERCE_HLS_PASSING,       /* all that comes */
    NGX_HTTP_COMMERCE_HLS_ANSWERED       /* the answer is complete */
} ngx_http_commerce_hls_state_e;


typedef struct {
    ngx_http_commerce_hls_state_e        state;
    ngx_commerce_room_t                 *room;
    ngx_http_commerce_hls_conditions_t   conditions;
    ngx_buf_t                           *buf;     /* what was collected */
} ngx_http_commerce_hls_ctx_t;


/* puts the filters in front of those installed so far */
void ngx_http_commerce_hls_filter_init(void);


extern ngx_module_t  ngx_http_commerce_hls_filter_module;


#endif /* _NGX_HTTP_COMMERCE_HLS_FILTER_H_INCLUDED_ */
