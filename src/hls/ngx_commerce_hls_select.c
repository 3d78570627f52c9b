
#include "ngx_commerce_hls_select.h"
#include "ngx_commerce_hls_period.h"
#include "ngx_commerce_hls_time.h"


#define NGX_COMMERCE_HLS_SHORTEST     1000    /* ms */
#define NGX_COMMERCE_HLS_MAX_REMOVED  32


static ngx_uint_t ngx_commerce_hls_select_after(
    ngx_commerce_hls_selection_t *selection, int64_t date);
static ngx_uint_t ngx_commerce_hls_select_base(
    ngx_commerce_hls_selection_t *selection, ngx_uint_t i);
static ngx_uint_t ngx_commerce_hls_select_lasts(
    ngx_commerce_hls_selection_t *selection, ngx_uint_t i);
static void ngx_commerce_hls_select_add(
    ngx_commerce_hls_selection_t *selection, ngx_uint_t i);
static int64_t ngx_commerce_hls_select_start(
    ngx_commerce_hls_selection_t *selection, ngx_uint_t i);
static ngx_uint_t ngx_commerce_hls_select_range(
    ngx_commerce_hls_selection_t *selection, ngx_uint_t near, int64_t date);


ngx_int_t
ngx_commerce_hls_select(ngx_commerce_hls_selection_t *selection)
{
    ngx_uint_t  i, last;

    selection->nranges = 0;
    selection->near = 0;

    /* the first that begins after the playlist did, and after its end */

    i = ngx_commerce_hls_select_after(selection, selection->start);
    last = ngx_commerce_hls_select_after(selection, selection->end - 1);

    i = ngx_commerce_hls_select_base(selection, i ? i - 1 : 0);

    if (i >= last) {
        return NGX_OK;
    }

    selection->ranges = ngx_palloc(selection->pool,
                             (last - i) * sizeof(ngx_commerce_hls_range_t));
    if (selection->ranges == NULL) {
        return NGX_ERROR;
    }

    for ( /* void */ ; i < last; i++) {
        ngx_commerce_hls_select_add(selection, i);
    }

    if (selection->nranges && last < selection->ncues) {
        selection->ranges[selection->nranges - 1].end =
                              ngx_commerce_hls_select_start(selection, last);
    }

    return NGX_OK;
}


/* the first cue that begins after a date */

static ngx_uint_t
ngx_commerce_hls_select_after(ngx_commerce_hls_selection_t *selection,
    int64_t date)
{
    ngx_uint_t  left, right, middle;

    left = 0;
    right = selection->ncues;

    while (left < right) {
        middle = left + (right - left) / 2;

        if (ngx_commerce_hls_select_start(selection, middle) <= date) {
            left = middle + 1;

        } else {
            right = middle;
        }
    }

    return left;
}


/* of a cue and those before it, the last that is written whatever was before */

static ngx_uint_t
ngx_commerce_hls_select_base(ngx_commerce_hls_selection_t *selection,
    ngx_uint_t i)
{
    while (i > 0 && !ngx_commerce_hls_select_lasts(selection, i)) {
        i--;
    }

    return i;
}


static ngx_uint_t
ngx_commerce_hls_select_lasts(ngx_commerce_hls_selection_t *selection,
    ngx_uint_t i)
{
    int64_t  end;

    end = selection->end;

    if (i + 1 < selection->ncues) {
        end = ngx_min(end, ngx_commerce_hls_select_start(selection, i + 1));
    }

    return end - ngx_commerce_hls_select_start(selection, i)
           >= NGX_COMMERCE_HLS_SHORTEST;
}


static void
ngx_commerce_hls_select_add(ngx_commerce_hls_selection_t *selection,
    ngx_uint_t i)
{
    int64_t                    start;
    ngx_commerce_hls_range_t  *range, *before;

    start = ngx_commerce_hls_select_start(selection, i);

    range = &selection->ranges[selection->nranges];
    before = selection->nranges ? range - 1 : NULL;

    if (before && start - before->start < NGX_COMMERCE_HLS_SHORTEST
        && !ngx_commerce_hls_select_lasts(selection, i))
    {
        return;
    }

    if (before && start <= selection->start) {
        /* the one before is over when the playlist begins */
        range = before;

    } else {
        selection->nranges++;

        if (before) {
            before->end = start;
        }
    }

    ngx_memzero(range, sizeof(ngx_commerce_hls_range_t));

    range->cue = &selection->cues[i];
    range->start = start;
}


static int64_t
ngx_commerce_hls_select_start(ngx_commerce_hls_selection_t *selection,
    ngx_uint_t i)
{
    int64_t  at;

    at = selection->cues[i].at;
    at = ngx_max(0, ngx_min(at, NGX_COMMERCE_HLS_LAST_MS));

    return ngx_commerce_hls_period_date(selection->periods,
                                        selection->nperiods, at)
           + selection->offset;
}


void
ngx_commerce_hls_select_listed(ngx_commerce_hls_selection_t *selection,
    int64_t start, int64_t end)
{
    ngx_uint_t  first, after;

    if (selection->nranges == 0 || start >= end) {
        return;
    }

    after = ngx_commerce_hls_select_range(selection, selection->near, start);
    selection->near = after;

    first = after ? after - 1 : 0;
    after = ngx_commerce_hls_select_range(selection, after, end - 1);

    if (first == after) {
        return;
    }

    selection->ranges[first].listed++;

    if (after < selection->nranges) {
        selection->ranges[after].listed--;
    }
}


/* the first range that begins after a date; most segments are near the last */

static ngx_uint_t
ngx_commerce_hls_select_range(ngx_commerce_hls_selection_t *selection,
    ngx_uint_t near, int64_t date)
{
    ngx_uint_t                 left, right, middle;
    ngx_commerce_hls_range_t  *ranges;

    ranges = selection->ranges;
    left = 0;
    right = selection->nranges;

    if (near == 0 || ranges[near - 1].start <= date) {

        if (near == right || ranges[near].start > date) {
            return near;
        }

        left = near + 1;

    } else {
        right = near - 1;
    }

    while (left < right) {
        middle = left + (right - left) / 2;

        if (ranges[middle].start <= date) {
            left = middle + 1;

        } else {
            right = middle;
        }
    }

    return left;
}


void
ngx_commerce_hls_select_drop(ngx_commerce_hls_selection_t *selection)
{
    ngx_int_t   listed;
    ngx_uint_t  i, n;

    listed = 0;
    n = 0;

    for (i = 0; i < selection->nranges; i++) {
        listed += selection->ranges[i].listed;

        if (listed > 0) {
            selection->ranges[n++] = selection->ranges[i];
        }
    }

    selection->nranges = n;
}


void
ngx_commerce_hls_select_removed(ngx_commerce_hls_selection_t *selection,
    int64_t ms)
{
    ngx_uint_t  i;

    i = selection->nranges ? selection->ranges->cue - selection->cues : 0;

    selection->first = i;

    while (i > 0
           && selection->first - i < NGX_COMMERCE_HLS_MAX_REMOVED
           && ngx_commerce_hls_select_start(selection, i)
              > selection->start - ms)
    {
        i--;
    }

    selection->removed = i;
}
