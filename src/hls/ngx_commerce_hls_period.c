
#include "ngx_commerce_hls_period.h"
#include "ngx_commerce_hls_pts.h"
#include "ngx_commerce_hls_time.h"


/*
 * ms: a period's first segment is known by its discontinuity, and arrives when
 * the period begins, but two clocks say when: the node's and Redis's
 */
#define NGX_COMMERCE_HLS_SKEW  1000

/*
 * us: a frame arrives after its date by the stream's clock, by what the network
 * held back at most; if not, that clock is another one
 */
#define NGX_COMMERCE_HLS_EARLY  (5 * (int64_t) 1000000)
#define NGX_COMMERCE_HLS_LATE   (120 * (int64_t) 1000000)


static ngx_commerce_period_t *ngx_commerce_hls_period_of(
    ngx_commerce_period_t *periods, ngx_uint_t n,
    ngx_commerce_hls_segment_t *segment, int64_t offset);
static void ngx_commerce_hls_period_time(ngx_commerce_period_t *period,
    ngx_commerce_hls_segment_t *segment);
static int64_t ngx_commerce_hls_period_us(int64_t ms);


ngx_commerce_period_t *
ngx_commerce_hls_period(ngx_commerce_period_t *periods, ngx_uint_t n,
    int64_t at)
{
    /* what is asked about is mostly of the last one */

    for ( /* void */ ; n > 1; n--) {
        if (periods[n - 1].began <= at) {
            break;
        }
    }

    return n ? &periods[n - 1] : NULL;
}


int64_t
ngx_commerce_hls_period_date(ngx_commerce_period_t *periods, ngx_uint_t n,
    int64_t at)
{
    int64_t                 date;
    ngx_commerce_period_t  *period, *next;

    period = ngx_commerce_hls_period(periods, n, at);

    if (period == NULL) {
        return at;
    }

    date = at - period->shift;
    next = period + 1;

    if (next < periods + n) {
        date = ngx_min(date, next->began - next->shift);
    }

    return date;
}


void
ngx_commerce_hls_period_times(ngx_commerce_period_t *periods,
    ngx_uint_t nperiods, ngx_commerce_hls_segment_t *segments, ngx_uint_t n,
    int64_t offset)
{
    ngx_uint_t                   i;
    ngx_commerce_period_t       *period;
    ngx_commerce_hls_segment_t  *segment;

    for (i = 0; i < n; i++) {
        segment = &segments[i];
        segment->exact = 0;

        if (!segment->timed) {
            continue;
        }

        segment->time = segment->arrival - offset;
        period = ngx_commerce_hls_period_of(periods, nperiods, segment, offset);

        if (period) {
            ngx_commerce_hls_period_time(period, segment);
            segment->time -= ngx_commerce_hls_period_us(period->shift);
        }
    }
}


/* the wall clock's time becomes that of the stream's own, if that is known */

static void
ngx_commerce_hls_period_time(ngx_commerce_period_t *period,
    ngx_commerce_hls_segment_t *segment)
{
    int64_t  at, epoch, time, late;

    at = ngx_commerce_hls_period_us(period->at);

    if (segment->pts != -1
        && segment->time >= at - NGX_COMMERCE_HLS_SKEW * 1000)
    {
        epoch = ngx_commerce_hls_period_us(period->epoch);
        time = epoch + ngx_commerce_hls_pts_time(segment->pts,
                                                 segment->time - epoch);
        late = segment->time - time;

        if (late > -NGX_COMMERCE_HLS_EARLY && late < NGX_COMMERCE_HLS_LATE) {
            segment->time = time;
            segment->exact = 1;
            return;
        }
    }

    if (segment->after_gap
        && segment->time - at <= NGX_COMMERCE_HLS_SKEW * 1000
        && at - segment->time <= NGX_COMMERCE_HLS_SKEW * 1000)
    {
        segment->time -= at - ngx_commerce_hls_period_us(period->began);
    }
}


/*
 * As a frame's arrival is later than its date by the stream's clock, periods
 * are told apart by when each one's first frame arrived.
 */

static ngx_commerce_period_t *
ngx_commerce_hls_period_of(ngx_commerce_period_t *periods, ngx_uint_t n,
    ngx_commerce_hls_segment_t *segment, int64_t offset)
{
    int64_t  ms;

    ms = (segment->arrival - offset) / 1000;

    if (segment->after_gap) {
        ms += NGX_COMMERCE_HLS_SKEW;
    }

    for ( /* void */ ; n > 1; n--) {
        if (periods[n - 1].at <= ms) {
            break;
        }
    }

    return n ? &periods[n - 1] : NULL;
}


int64_t
ngx_commerce_hls_period_sequence(ngx_commerce_period_t *periods,
    ngx_uint_t nperiods, ngx_commerce_hls_segment_t *segments, ngx_uint_t n,
    int64_t offset)
{
    int64_t                 gaps;
    ngx_uint_t              i;
    ngx_commerce_period_t  *period;

    gaps = 0;

    for (i = 0; i < n; i++) {
        gaps += segments[i].after_gap;

        if (segments[i].timed) {
            break;
        }
    }

    if (i == n) {
        return -1;
    }

    period = ngx_commerce_hls_period_of(periods, nperiods, &segments[i],
                                        offset);

    if (period == NULL || period->number > NGX_MAX_INT32_VALUE) {
        return -1;
    }

    if (period == periods && period->number
        && period->at > (segments[i].arrival - offset) / 1000
                        + NGX_COMMERCE_HLS_SKEW)
    {
        /* of a period that is forgotten */
        return -1;
    }

    /* each period begins with a discontinuity, also the first one */

    return ngx_max((int64_t) period->number + 1 - gaps, 0);
}


/* what Redis has may be any number */

static int64_t
ngx_commerce_hls_period_us(int64_t ms)
{
    ms = ngx_min(ms, NGX_COMMERCE_HLS_LAST_MS);

    return ngx_max(ms, -NGX_COMMERCE_HLS_LAST_MS) * 1000;
}
