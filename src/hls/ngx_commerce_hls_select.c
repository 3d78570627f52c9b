
#include "ngx_commerce_hls_select.h"
#include "ngx_commerce_hls_period.h"
#include "ngx_commerce_hls_time.h"


/*
 * ms; who looks sees nothing of a cue that was in force for less, and somebody
 * who pins as fast as he can must not swell playlists
 */
#define NGX_COMMERCE_HLS_SHORTEST  1000


static ngx_uint_t ngx_commerce_hls_select_after(
    ngx_commerce_hls_selection_t *selection, int64_t date);
static int64_t ngx_commerce_hls_select_start(
    ngx_commerce_hls_selection_t *selection, ngx_uint_t i);


ngx_int_t
ngx_commerce_hls_select(ngx_commerce_hls_selection_t *selection)
{
    ngx_uint_t                 i, last;
    ngx_commerce_hls_range_t  *range;

    /* the first that begins after the playlist did, and after its end */

    i = ngx_commerce_hls_select_after(selection, selection->start);
    last = ngx_commerce_hls_select_after(selection, selection->end - 1);

    i = i ? i - 1 : 0;
    selection->nranges = 0;

    if (i >= last) {
        return NGX_OK;
    }

    selection->ranges = ngx_palloc(selection->pool,
                             (last - i) * sizeof(ngx_commerce_hls_range_t));
    if (selection->ranges == NULL) {
        return NGX_ERROR;
    }

    for ( /* void */ ; i < last; i++) {
        range = &selection->ranges[selection->nranges];

        range->cue = &selection->cues[i];
        range->start = ngx_commerce_hls_select_start(selection, i);
        range->end = 0;
        range->ended = 0;

        if (i + 1 < selection->ncues) {
            range->end = ngx_commerce_hls_select_start(selection, i + 1);

            if (range->end - range->start < NGX_COMMERCE_HLS_SHORTEST) {
                continue;
            }
        }

        selection->nranges++;
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


static int64_t
ngx_commerce_hls_select_start(ngx_commerce_hls_selection_t *selection,
    ngx_uint_t i)
{
    int64_t  at;

    at = selection->cues[i].at;
    at = ngx_max(0, ngx_min(at, NGX_COMMERCE_HLS_LAST_MS));

    return ngx_commerce_hls_period_date(selection->periods,
                                        selection->nperiods, at);
}
