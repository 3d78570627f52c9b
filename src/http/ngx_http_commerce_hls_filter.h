
/*
 * Cues and viewers' tokens in playlists: static files and what proxied origins
 * send.
 *
 * Before the content is produced, the room is looked up, the viewer's session
 * is made and the conditions of the request are put aside; then the response
 * header is held back until the whole playlist is there, is rewritten, and
 * both go on to the filters after this one.  What isn't rewritten is passed on
 * as it came.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_FILTER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_FILTER_H_INCLUDED_


#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_hls_clock.h"
#include "ngx_http_commerce_hls_conditions.h"
#include "ngx_http_commerce_hls_data.h"
#include "ngx_http_commerce_hls_outcome.h"
#include "ngx_http_commerce_switch_module.h"
#include "ngx_commerce_hls_cache.h"
#include "ngx_commerce_hls_file.h"
#include "ngx_commerce_load.h"


/* a bit of r->buffered that no filter of a playlist has: the image filter's */
#define NGX_HTTP_COMMERCE_HLS_BUFFERED  0x08


typedef struct {
    ngx_commerce_hls_cache_t            *cache;   /* NULL: nowhere on */
    ngx_commerce_hls_files_t            *files;
    ngx_uint_t                           tokens;  /* 1: commerce_hls_token */
    ngx_http_commerce_hls_told_t         told[NGX_COMMERCE_HLS_OUTCOMES];
} ngx_http_commerce_hls_main_conf_t;


typedef struct {
    ngx_http_commerce_switch_t           cues;
    ngx_flag_t                           dates;   /* without cues */
    ngx_http_commerce_hls_clock_t       *clock;   /* NULL: none */
    ngx_msec_int_t                       offset;  /* ms, that dates are late */
    ngx_uint_t                           attributes;
    size_t                               max_size;
    ngx_flag_t                           delta;
    ngx_flag_t                           clip;
    ngx_flag_t                           chapters;
    ngx_http_commerce_hls_data_conf_t   *data;    /* NULL: none */
    ngx_flag_t                           token;
    u_char                              *token_file;   /* where that is */
    ngx_uint_t                           token_line;
    ngx_commerce_hosts_t                *token_hosts;  /* NULL: no others */
} ngx_http_commerce_hls_loc_conf_t;


typedef enum {
    NGX_HTTP_COMMERCE_HLS_WAITING = 0,   /* for the room */
    NGX_HTTP_COMMERCE_HLS_READY,         /* for the response's header */
    NGX_HTTP_COMMERCE_HLS_COLLECTING,    /* the body; the header is held */
    NGX_HTTP_COMMERCE_HLS_COLLECTED,     /* other hours are waited for */
    NGX_HTTP_COMMERCE_HLS_PASSING,       /* all that comes */
    NGX_HTTP_COMMERCE_HLS_ANSWERED       /* the answer is complete */
} ngx_http_commerce_hls_state_e;


typedef struct {
    ngx_http_commerce_hls_state_e        state;
    ngx_commerce_room_t                 *room;
    ngx_http_commerce_hls_conditions_t   conditions;
    ngx_str_t                            argument;  /* for URIs; or empty */
    ngx_str_t                            clip;      /* a cue; empty: all */
    ngx_commerce_reason_e                refused;   /* why there is no part */
    ngx_buf_t                           *buf;     /* what was collected */
    ngx_commerce_hls_file_t              file;    /* that the body is */

    ngx_commerce_wait_t                  wait;      /* for hours */
    int64_t                              hour;      /* the first one */
    int64_t                              next_hour; /* that is waited for */
    ngx_uint_t                           nhours;    /* 0: not known yet */
    unsigned                             renewed:1; /* next_hour was */

    unsigned                             rewrites:1;  /* conditions are hid */
    unsigned                             personal:1;  /* it has a token */
    unsigned                             chapters:1;  /* they are wanted */
    unsigned                             part:1;      /* not all is wanted */
} ngx_http_commerce_hls_ctx_t;


/* a playlist as it was written */

typedef struct {
    ngx_buf_t                           *buf;
    u_char                               hash[NGX_COMMERCE_HLS_HASH_LEN];
    ngx_commerce_hls_outcome_e           outcome;   /* of its cues */
} ngx_http_commerce_hls_playlist_t;


/*
 * The phase before the content: finds the room, makes the session, and puts the
 * conditions aside.
 */
ngx_int_t ngx_http_commerce_hls_handler(ngx_http_request_t *r);

/*
 * An internal redirect clears contexts: before anything else happens in the
 * new location, gives back what was taken from the request in the old one.
 */
ngx_int_t ngx_http_commerce_hls_redirected(ngx_http_request_t *r);

/*
 * Takes the body out of *in, of the main request or of a subrequest for a part
 * of it, into ctx->buf.  NGX_OK: it is complete; NGX_AGAIN: more is to come;
 * NGX_DECLINED: it is too large, and *in is what wasn't collected; otherwise
 * what a body filter returns.
 */
ngx_int_t ngx_http_commerce_hls_collect(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_chain_t **in);

/*
 * Writes a playlist with the room's cues, if there is one (not NULL), and
 * with ctx->argument, if that is not empty.  NGX_OK; NGX_AGAIN: see
 * ngx_http_commerce_hls_hours(); NGX_DECLINED: it is to go on as it came,
 * outcome says why; NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_hls_write(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection,
    ngx_http_commerce_hls_playlist_t *playlist);

/*
 * What is kept is for many: copies it for a filter that changes it in place,
 * as charset does, and has said so when it got the header.  NGX_OK, NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_hls_writable(ngx_http_request_t *r, ngx_buf_t *b);

/* puts the filters in front of those installed so far */
void ngx_http_commerce_hls_filter_init(void);


extern ngx_module_t  ngx_http_commerce_hls_filter_module;


#endif /* _NGX_HTTP_COMMERCE_HLS_FILTER_H_INCLUDED_ */
