
/*
 * What a node counts of itself: atomics in the zone, kept over reloads.
 */


#ifndef _NGX_COMMERCE_STATS_H_INCLUDED_
#define _NGX_COMMERCE_STATS_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_guess.h"


/* what came of a playlist: cues, or why it was passed on as it came */

typedef enum {
    NGX_COMMERCE_HLS_INJECTED = 0,
    NGX_COMMERCE_HLS_NO_ROOM,
    NGX_COMMERCE_HLS_NOT_PARSED,
    NGX_COMMERCE_HLS_TOO_LARGE,
    NGX_COMMERCE_HLS_ENCODED,
    NGX_COMMERCE_HLS_MULTIVARIANT,
    NGX_COMMERCE_HLS_NO_CLOCK,
    NGX_COMMERCE_HLS_HAS_CUES,
    NGX_COMMERCE_HLS_REPAIRED,       /* injected; some times were none */
    NGX_COMMERCE_HLS_OUTCOMES
} ngx_commerce_hls_outcome_e;


struct ngx_commerce_stats_s {
    ngx_atomic_t  counted;
    ngx_atomic_t  count_refused[NGX_COMMERCE_REASONS];
    ngx_atomic_t  admitted;         /* viewers' requests */
    ngx_atomic_t  access_refused[NGX_COMMERCE_REASONS];
    ngx_atomic_t  access_dry_run[NGX_COMMERCE_REASONS]; /* let in even so */
    ngx_atomic_t  published[NGX_COMMERCE_REASONS];     /* ALLOWED: admitted */
    ngx_atomic_t  publish_ended[NGX_COMMERCE_REASONS]; /* ALLOWED: by itself */
    ngx_atomic_t  publish_dry_run[NGX_COMMERCE_REASONS];
    ngx_atomic_t  played[NGX_COMMERCE_REASONS];        /* the same of players */
    ngx_atomic_t  play_ended[NGX_COMMERCE_REASONS];
    ngx_atomic_t  play_dry_run[NGX_COMMERCE_REASONS];
    ngx_atomic_t  auth[NGX_COMMERCE_REASONS];  /* answers to other servers */
    ngx_atomic_t  no_video;         /* streams without a picture to show */
    ngx_atomic_t  playlists[NGX_COMMERCE_HLS_OUTCOMES];

    /* of refusals in the audit, see ngx_commerce_redis_event_refused() */
    ngx_atomic_t  told[NGX_COMMERCE_REASONS];       /* second << 8 | how many */
    ngx_atomic_t  left_out[NGX_COMMERCE_REASONS];

    /* Redis, by the worker that holds the node's duties */
    ngx_atomic_t  subscribed;       /* 1: the subscription is alive */
    ngx_atomic_t  latency;          /* us, of the last heartbeat */
    ngx_atomic_t  clock_offset;     /* ms, Redis's clock - ours, as int64_t */
    ngx_atomic_t  reconnects;
    ngx_atomic_t  loads;
    ngx_atomic_t  notices;
    ngx_atomic_t  flushed;          /* cells acknowledged by Redis */
    ngx_atomic_t  flush_errors;
    ngx_atomic_t  flush_calls;
    ngx_atomic_t  flush_lag;        /* ms since all was flushed; 0: none due */
    ngx_atomic_t  complete;         /* has all totals: hash of a run of Redis */

    ngx_atomic_t  entered[NGX_COMMERCE_REASONS];       /* ALLOWED: let in */
    ngx_atomic_t  guesses[NGX_COMMERCE_GUESSES];
};


#endif /* _NGX_COMMERCE_STATS_H_INCLUDED_ */
