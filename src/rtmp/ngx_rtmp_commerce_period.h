
/*
 * The periods of a publish: stretches of it in one clock and without a gap.
 * One begins where nginx-rtmp writes EXT-X-DISCONTINUITY: with the publish, and
 * where timestamps jump.
 */


#ifndef _NGX_RTMP_COMMERCE_PERIOD_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_PERIOD_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/* how nginx-rtmp cuts the segments of an application, by its app_conf */
void ngx_rtmp_commerce_period_cuts(ngx_conf_t *cf, void **app_conf,
    ngx_rtmp_commerce_cuts_t *cuts);

/* each message of audio or video of a publish that has a claim */
void ngx_rtmp_commerce_period_seen(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_header_t *h, ngx_chain_t *in);

/* the publish is over; may be called any number of times */
void ngx_rtmp_commerce_period_end(ngx_rtmp_commerce_ctx_t *ctx);

/*
 * The date (ms) of a message that came now and has this timestamp: by the
 * stream's own clock, or when it came, if it isn't of that clock.
 */
int64_t ngx_rtmp_commerce_period_date(ngx_rtmp_commerce_ctx_t *ctx,
    uint32_t time);


#endif /* _NGX_RTMP_COMMERCE_PERIOD_H_INCLUDED_ */
