
/*
 * A stream's periods, and what they make of dates: after a host's gap the
 * dates in playlists go on as if there had been none, since players that set
 * their clock once would be wrong from there on.
 */


#ifndef _NGX_COMMERCE_HLS_PERIOD_H_INCLUDED_
#define _NGX_COMMERCE_HLS_PERIOD_H_INCLUDED_


#include "ngx_commerce_record.h"


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


#endif /* _NGX_COMMERCE_HLS_PERIOD_H_INCLUDED_ */
