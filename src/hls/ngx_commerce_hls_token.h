
/*
 * Puts a viewer's token into the URIs of a playlist, for players that keep no
 * cookies.
 *
 * Two steps, as what a playlist is like is the same for all of its viewers:
 * ngx_commerce_hls_token_find() finds the places in a text, once for each
 * text; ngx_commerce_hls_token_write() writes the text for a viewer.
 *
 * A place is in each http or https URI of a media or multivariant playlist: in
 * its lines, and in the URI and SERVER-URI attributes of its tags but
 * EXT-X-DATERANGE, whose attributes are others' (as X-ASSET-URI).  Not in a
 * URI of another scheme, with user information, or with something that
 * browsers read otherwise than it looks, nor in one whose host a variable
 * (RFC 8216bis, 4.3) may tell.
 */


#ifndef _NGX_COMMERCE_HLS_TOKEN_H_INCLUDED_
#define _NGX_COMMERCE_HLS_TOKEN_H_INCLUDED_


#include "ngx_commerce_hls_playlist.h"


typedef enum {
    NGX_COMMERCE_HLS_SCHEME_SAME = 0,      /* as the playlist's: //host/ */
    NGX_COMMERCE_HLS_SCHEME_HTTP,
    NGX_COMMERCE_HLS_SCHEME_HTTPS
} ngx_commerce_hls_scheme_e;


/* offsets and lengths are bytes of the text */

typedef struct {
    uint32_t   offset;
    uint32_t   skip;          /* left out there: an argument of that name */
    uint32_t   host;          /* host and port of the URI */
    uint16_t   host_len;      /* 0: relative, so the playlist's own */
    u_char     scheme;        /* ngx_commerce_hls_scheme_e */
    u_char     lead;          /* '?' or '&' before the argument; 0: none */
    unsigned   put:1;         /* the argument comes here */
} ngx_commerce_hls_place_t;


/* 1 if tokens may go to that host (without port; as it is written) */

typedef ngx_uint_t (*ngx_commerce_hls_host_pt)(void *data, ngx_str_t *host);


typedef struct {
    ngx_str_t                  argument;   /* NAME=TOKEN, fit for a URI */
    ngx_str_t                  host;       /* of the playlist, with its port */
                                           /* as asked for; empty: not known */
    ngx_commerce_hls_scheme_e  scheme;     /* by which it was asked for */
    ngx_commerce_hls_host_pt   allowed;    /* other hosts; NULL: none */
    void                      *data;
} ngx_commerce_hls_token_t;


/*
 * Adds the places in a text for an argument of that name (NAME) to an array of
 * ngx_commerce_hls_place_t.  NGX_OK; NGX_DECLINED if the text is no playlist,
 * or 4 GB; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_commerce_hls_token_find(ngx_str_t *text, ngx_str_t *name,
    ngx_array_t *places);

/* room enough for the text with n places */
#define ngx_commerce_hls_token_size(token, text, n)                           \
    ((text)->len + (n) * (1 + (token)->argument.len))

/* writes the text with the token and returns the end */
u_char *ngx_commerce_hls_token_write(ngx_commerce_hls_token_t *token,
    ngx_str_t *text, ngx_commerce_hls_place_t *places, ngx_uint_t n,
    u_char *p);


#endif /* _NGX_COMMERCE_HLS_TOKEN_H_INCLUDED_ */
