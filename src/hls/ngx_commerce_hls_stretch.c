
#include "ngx_commerce_hls_stretch.h"
#include "ngx_commerce_hls_time.h"


/* us, how late an arrival may be to be left as it is */
#define NGX_COMMERCE_HLS_TOLERANCE  100000

/* of how many after it one has to bear an arrival out */
#define NGX_COMMERCE_HLS_NEAR       8

/* what an encoder's clock may differ from ours: 1 s in so many */
#define NGX_COMMERCE_HLS_DRIFT      5000


/* a time that segments are counted from, in either direction */

typedef struct {
    int64_t      value;      /* us, of the segment at hand */
    int64_t      slack;      /* us, what it may be off */
    ngx_uint_t   known;
} ngx_commerce_hls_estimate_t;


static ngx_uint_t ngx_commerce_hls_stretch(ngx_commerce_hls_segment_t *segment,
    ngx_uint_t n);
static void ngx_commerce_hls_anchors(ngx_commerce_hls_segment_t *segment,
    ngx_uint_t n);
static ngx_uint_t ngx_commerce_hls_bears_out(
    ngx_commerce_hls_segment_t *segment, ngx_uint_t n);
static void ngx_commerce_hls_forward(ngx_commerce_hls_segment_t *segment,
    ngx_uint_t n);
static void ngx_commerce_hls_backward(ngx_commerce_hls_segment_t *segment,
    ngx_uint_t n);
static void ngx_commerce_hls_step(ngx_commerce_hls_estimate_t *estimate,
    ngx_commerce_hls_segment_t *segment, ngx_int_t direction);
static void ngx_commerce_hls_consider(ngx_commerce_hls_estimate_t *estimate,
    ngx_commerce_hls_segment_t *segment);
static ngx_uint_t ngx_commerce_hls_settle(ngx_commerce_hls_segment_t *segment);
static int64_t ngx_commerce_hls_slack(ngx_commerce_hls_segment_t *segment);
static void ngx_commerce_hls_fill(ngx_commerce_hls_segment_t *segment,
    ngx_uint_t n);
static int64_t ngx_commerce_hls_bounded(int64_t us);


ngx_uint_t
ngx_commerce_hls_stretches(ngx_commerce_hls_segment_t *segments, ngx_uint_t n)
{
    ngx_uint_t  i, first, repaired;

    repaired = 0;
    first = 0;

    for (i = 1; i <= n; i++) {

        if (i == n || segments[i].after_gap) {
            repaired += ngx_commerce_hls_stretch(&segments[first], i - first);
            first = i;
        }
    }

    ngx_commerce_hls_fill(segments, n);

    return repaired;
}


static ngx_uint_t
ngx_commerce_hls_stretch(ngx_commerce_hls_segment_t *segment, ngx_uint_t n)
{
    ngx_uint_t  i, repaired;

    ngx_commerce_hls_anchors(segment, n);
    ngx_commerce_hls_forward(segment, n);
    ngx_commerce_hls_backward(segment, n);

    repaired = 0;

    for (i = 0; i < n; i++) {
        repaired += ngx_commerce_hls_settle(&segment[i]);
    }

    return repaired;
}


/* which arrivals others may be counted from */

static void
ngx_commerce_hls_anchors(ngx_commerce_hls_segment_t *segment, ngx_uint_t n)
{
    int64_t     before;
    ngx_uint_t  i, exact, borne_out;

    before = INT64_MIN;
    exact = 0;

    for (i = 0; i < n; i++) {
        exact |= segment[i].timed && segment[i].exact;
    }

    for (i = 0; i < n; i++) {
        segment[i].anchor = 0;
        segment[i].known = 0;

        if (exact) {
            /* beside it, an arrival says nothing */
            segment[i].timed = segment[i].timed && segment[i].exact;
            segment[i].anchor = segment[i].timed;

        } else if (segment[i].timed) {
            segment[i].anchor = (segment[i].time > before);
            before = segment[i].time;
        }
    }

    if (exact) {
        return;
    }

    borne_out = 0;

    for (i = 0; i < n; i++) {
        if (segment[i].anchor) {
            borne_out |= ngx_commerce_hls_bears_out(&segment[i], n - i);
        }
    }

    if (!borne_out) {
        return;
    }

    for (i = 0; i < n; i++) {
        segment[i].anchor = segment[i].known;
        segment[i].known = 0;
    }
}


/* marks the first of n segments and one that bears it out, if there is one */

static ngx_uint_t
ngx_commerce_hls_bears_out(ngx_commerce_hls_segment_t *segment, ngx_uint_t n)
{
    int64_t                      off;
    ngx_uint_t                   i, near;
    ngx_commerce_hls_estimate_t  estimate;

    near = 0;
    estimate.value = segment->time;
    estimate.slack = NGX_COMMERCE_HLS_TOLERANCE;

    for (i = 1; i < n && near < NGX_COMMERCE_HLS_NEAR; i++) {
        ngx_commerce_hls_step(&estimate, &segment[i - 1], 1);

        if (!segment[i].anchor) {
            continue;
        }

        off = segment[i].time - estimate.value;

        if (off <= estimate.slack && off >= -estimate.slack) {
            segment->known = 1;
            segment[i].known = 1;
            return 1;
        }

        near++;
    }

    return 0;
}


/* the earliest that those before allow; and, backward, those after */

static void
ngx_commerce_hls_forward(ngx_commerce_hls_segment_t *segment, ngx_uint_t n)
{
    ngx_uint_t                   i;
    ngx_commerce_hls_estimate_t  estimate;

    ngx_memzero(&estimate, sizeof(ngx_commerce_hls_estimate_t));

    for (i = 0; i < n; i++) {

        if (i) {
            ngx_commerce_hls_step(&estimate, &segment[i - 1], 1);
        }

        ngx_commerce_hls_consider(&estimate, &segment[i]);

        segment[i].date = estimate.value;
        segment[i].slack = estimate.slack;
        segment[i].known = estimate.known;
    }
}


static void
ngx_commerce_hls_backward(ngx_commerce_hls_segment_t *segment, ngx_uint_t n)
{
    ngx_uint_t                   i;
    ngx_commerce_hls_estimate_t  estimate;

    ngx_memzero(&estimate, sizeof(ngx_commerce_hls_estimate_t));

    for (i = n; i-- > 0; /* void */ ) {

        ngx_commerce_hls_step(&estimate, &segment[i], -1);
        ngx_commerce_hls_consider(&estimate, &segment[i]);

        if (estimate.known
            && (!segment[i].known
                || estimate.value + estimate.slack
                   < segment[i].date + segment[i].slack))
        {
            segment[i].date = estimate.value;
            segment[i].slack = estimate.slack;
            segment[i].known = 1;
        }
    }
}


/* over a segment, to its end or to its beginning */

static void
ngx_commerce_hls_step(ngx_commerce_hls_estimate_t *estimate,
    ngx_commerce_hls_segment_t *segment, ngx_int_t direction)
{
    estimate->value = ngx_commerce_hls_bounded(estimate->value
                                            + direction * segment->duration);
    estimate->slack += ngx_commerce_hls_slack(segment);
}


static void
ngx_commerce_hls_consider(ngx_commerce_hls_estimate_t *estimate,
    ngx_commerce_hls_segment_t *segment)
{
    if (segment->anchor
        && (!estimate->known
            || segment->time <= estimate->value + estimate->slack))
    {
        estimate->value = segment->time;
        estimate->slack = 0;
        estimate->known = 1;
    }
}


/* date is the estimate, and becomes the date; 1 if that is not the time */

static ngx_uint_t
ngx_commerce_hls_settle(ngx_commerce_hls_segment_t *segment)
{
    int64_t  off, late;

    if (!segment->known || !segment->timed) {
        /* one that is under way has no time yet */
        return segment->uri.len != 0;
    }

    off = segment->time - segment->date;
    late = (off < 0 ? -off : off) - segment->slack;

    if (segment->exact || late <= NGX_COMMERCE_HLS_TOLERANCE) {
        segment->date = segment->time;
        return 0;
    }

    /* from the time at the tolerance to the estimate at twice of it */

    late = ngx_max(2 * NGX_COMMERCE_HLS_TOLERANCE - late, 0);
    segment->date += (off < 0) ? -late : late;

    return 1;
}


/* how much longer or shorter a segment may be than its EXTINF says */

static int64_t
ngx_commerce_hls_slack(ngx_commerce_hls_segment_t *segment)
{
    u_char   *p, *last;
    int64_t   unit;

    unit = 1000;
    p = segment->mark;
    last = segment->uri.data;

    if (segment->uri.len && last - p > (ssize_t) sizeof("#EXTINF:") - 1
        && ngx_memcmp(p, "#EXTINF:", sizeof("#EXTINF:") - 1) == 0)
    {
        unit = ngx_commerce_hls_duration_unit(p + sizeof("#EXTINF:") - 1, last);
        unit = ngx_max(unit, 1000);
    }

    return segment->duration / NGX_COMMERCE_HLS_DRIFT + unit / 2;
}


/* those of stretches without a time go on from others */

static void
ngx_commerce_hls_fill(ngx_commerce_hls_segment_t *segment, ngx_uint_t n)
{
    ngx_uint_t  i, first;

    for (first = 0; first < n; first++) {
        if (segment[first].known) {
            break;
        }
    }

    for (i = first; i-- > 0; /* void */ ) {
        segment[i].date = ngx_commerce_hls_bounded(segment[i + 1].date
                                                   - segment[i].duration);
    }

    for (i = first + 1; i < n; i++) {
        if (!segment[i].known) {
            segment[i].date = ngx_commerce_hls_bounded(segment[i - 1].date
                                                 + segment[i - 1].duration);
        }
    }
}


static int64_t
ngx_commerce_hls_bounded(int64_t us)
{
    us = ngx_min(us, NGX_COMMERCE_HLS_MAX_TIME);

    return ngx_max(us, -NGX_COMMERCE_HLS_MAX_TIME);
}
