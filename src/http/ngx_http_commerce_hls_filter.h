
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
#include "ngx_http_commerce_hls_conditions.h"
#include "ngx_commerce_hls_cache.h"


/* a "commerce_hls on", which some location below has to have a room for */

typedef struct {
    u_char                              *file;
    ngx_uint_t                           line;
    ngx_uint_t                           room;    /* 1: there is one */
} ngx_http_commerce_hls_switch_t;


typedef struct {
    ngx_commerce_hls_cache_t            *cache;   /* NULL: nowhere on */
    ngx_uint_t                           warned;  /* outcomes, a bit each */
    ngx_array_t                          switches;  /* of …_switch_t * */
} ngx_http_commerce_hls_main_conf_t;


typedef struct {
    ngx_flag_t                           enable;
    ngx_http_commerce_hls_switch_t      *switched;  /* NULL: never on */
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


/*
 * Takes the body out of *in, of the main request or of a subrequest for a part
 * of it, into ctx->buf.  NGX_OK: it is complete; NGX_AGAIN: more is to come;
 * NGX_DECLINED: it is too large, and *in is what wasn't collected; otherwise
 * what a body filter returns.
 */
ngx_int_t ngx_http_commerce_hls_collect(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_chain_t **in);

/* puts the filters in front of those installed so far */
void ngx_http_commerce_hls_filter_init(void);


extern ngx_module_t  ngx_http_commerce_hls_filter_module;


#endif /* _NGX_HTTP_COMMERCE_HLS_FILTER_H_INCLUDED_ */
