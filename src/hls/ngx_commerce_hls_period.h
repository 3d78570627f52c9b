
/*
 * A stream's periods, and what they make of dates: after a host's gap the
 * dates in playlists go on as if there had been none, since players that set
 * their clock once would be wrong from there on.
 */


#ifndef _NGX_COMMERCE_HLS_PERIOD_H_INCLUDED_
#define _NGX_COMMERCE_HLS_PERIOD_H_INCLUDED_


#include "ngx_commerce_record.h"
#include "ngx_commerce_hls_playlist.h"


/*
 * Of periods by at, the one in force at a time (ms) of the wall clock: the
 * last that had begun, or the first if none had.  NULL: there are none.
 */
ngx_commerce_period_t *ngx_commerce_hls_period(ngx_commerce_period_t *periods,
    ngx_uint_t n, int64_t at);

/*
 * The date (ms) in playlists of a time of the wall clock.  Never decreases
 * with it: all times in a gap have the date where the next period begins.
 */
int64_t ngx_commerce_hls_period_date(ngx_commerce_period_t *periods,
    ngx_uint_t n, int64_t at);

/*
 * Sets the time on the playlist's dates of each of n segments that is timed, by
 * its arrival less an offset (us).  A period's first segment begins when the
 * period did, not when it arrived; and one whose pts is known, when the stream's
 * own clock says: it is exact.
 */
void ngx_commerce_hls_period_times(ngx_commerce_period_t *periods,
    ngx_uint_t nperiods, ngx_commerce_hls_segment_t *segments, ngx_uint_t n,
    int64_t offset);

/*
 * The EXT-X-DISCONTINUITY-SEQUENCE (RFC 8216bis 4.4.3.3) of a playlist of n
 * segments: how many discontinuities the stream had before.  -1: it isn't
 * known.
 */
int64_t ngx_commerce_hls_period_sequence(ngx_commerce_period_t *periods,
    ngx_uint_t nperiods, ngx_commerce_hls_segment_t *segments, ngx_uint_t n,
    int64_t offset);


#endif /* _NGX_COMMERCE_HLS_PERIOD_H_INCLUDED_ */
