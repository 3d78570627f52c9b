
/*
 * Playlists as they were written lately: most viewers of a room ask for the
 * same one.  What is kept is found by all that it was made of, compared byte
 * by byte, so it can't be out of date.
 */


#ifndef _NGX_COMMERCE_HLS_CACHE_H_INCLUDED_
#define _NGX_COMMERCE_HLS_CACHE_H_INCLUDED_


#include "ngx_commerce_hls_hash.h"
#include "ngx_commerce_hls_inject.h"
#include "ngx_commerce_hls_token.h"


/* bytes of all that a cache keeps; what was used longest ago goes first */
#define NGX_COMMERCE_HLS_CACHE_SIZE   (8 * 1024 * 1024)

/* bytes of a playlist, as it came and as it was written, that is kept */
#define NGX_COMMERCE_HLS_CACHE_ENTRY  (NGX_COMMERCE_HLS_CACHE_SIZE / 4)


typedef struct ngx_commerce_hls_cache_s  ngx_commerce_hls_cache_t;


typedef struct {
    ngx_commerce_hls_outcome_e  outcome;
    ngx_str_t                   text;
    u_char                      hash[NGX_COMMERCE_HLS_HASH_LEN]; /* of text */

    ngx_commerce_hls_place_t   *places;    /* for tokens; NULL: not looked for */
    ngx_uint_t                  nplaces;

    int64_t                     hour;      /* the first whose cues are in it */
    ngx_uint_t                  nhours;    /* 0: the room's alone are */
    uint64_t                    hours;     /* which copies of them */
    unsigned                    passing:1; /* one was missing: not to be kept */
} ngx_commerce_hls_output_t;


/*
 * An empty cache; it goes with the pool, what it keeps is on the heap.
 * NULL: out of memory.
 */
ngx_commerce_hls_cache_t *ngx_commerce_hls_cache_create(ngx_pool_t *pool);

/*
 * What was written for the same text, room, clock and other settings, and for
 * tokens or not; it is the cache's, and there until the next
 * ngx_commerce_hls_cache_add(), or as long as it is held.  Or NULL.
 */
ngx_commerce_hls_output_t *ngx_commerce_hls_cache_find(
    ngx_commerce_hls_cache_t *cache, ngx_commerce_hls_injection_t *injection);

/*
 * Keeps a copy of the output for an injection that was not found, and returns
 * it.  NULL: it is too large, or for this once, or memory is out.
 */
ngx_commerce_hls_output_t *ngx_commerce_hls_cache_add(
    ngx_commerce_hls_cache_t *cache, ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_output_t *output);

/* holds a kept output until the pool is destroyed; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_hls_cache_hold(ngx_commerce_hls_output_t *output,
    ngx_pool_t *pool);


#endif /* _NGX_COMMERCE_HLS_CACHE_H_INCLUDED_ */
