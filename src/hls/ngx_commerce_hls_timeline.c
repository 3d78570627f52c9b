
#include "ngx_commerce_hls_timeline.h"
#include "ngx_commerce_hls_period.h"
#include "ngx_commerce_hls_stretch.h"
#include "ngx_commerce_hls_time.h"


static ngx_int_t ngx_commerce_hls_timeline_read(
    ngx_commerce_hls_timeline_t *timeline, ngx_str_t *text);
static ngx_uint_t ngx_commerce_hls_timeline_ours(u_char *p, u_char *last);
static ngx_commerce_hls_segment_t *ngx_commerce_hls_timeline_next(
    ngx_commerce_hls_timeline_t *timeline, ngx_str_t *text);
static ngx_int_t ngx_commerce_hls_timeline_dated(
    ngx_commerce_hls_timeline_t *timeline, ngx_uint_t first);
static ngx_int_t ngx_commerce_hls_timeline_clock(
    ngx_commerce_hls_timeline_t *timeline);
static ngx_uint_t ngx_commerce_hls_timeline_arrival(
    ngx_commerce_hls_timeline_t *timeline, ngx_commerce_hls_segment_t *segment);
static void ngx_commerce_hls_timeline_window(
    ngx_commerce_hls_timeline_t *timeline);


ngx_int_t
ngx_commerce_hls_timeline(ngx_commerce_hls_timeline_t *timeline,
    ngx_str_t *text)
{
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_commerce_hls_reader_t  *reader;

    rc = ngx_commerce_hls_timeline_read(timeline, text);

    if (rc != NGX_OK) {
        return rc;
    }

    reader = &timeline->reader;

    for (i = 0; i < timeline->nsegments; i++) {
        if (timeline->segments[i].dated) {
            break;
        }
    }

    if (i < timeline->nsegments) {
        rc = ngx_commerce_hls_timeline_dated(timeline, i);

    } else if (timeline->clock == NGX_COMMERCE_HLS_CLOCK_OFF
               || reader->skipped || reader->dates)
    {
        /*
         * The dates of a delta update may have been in what it skips, and
         * the playlist's own may begin with the segment to come.
         */
        return NGX_DECLINED;

    } else {
        rc = ngx_commerce_hls_timeline_clock(timeline);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (reader->skipped && reader->target == 0) {
        return NGX_ABORT;
    }

    ngx_commerce_hls_timeline_window(timeline);

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_timeline_read(ngx_commerce_hls_timeline_t *timeline,
    ngx_str_t *text)
{
    ngx_int_t                    rc;
    ngx_commerce_hls_reader_t   *reader;
    ngx_commerce_hls_segment_t  *segment;

    timeline->segments = timeline->kept;
    timeline->allocated = NGX_COMMERCE_HLS_KEPT;
    timeline->nsegments = 0;
    timeline->repaired = 0;
    timeline->made = 0;

    reader = &timeline->reader;

    if (ngx_commerce_hls_open(reader, text->data, text->len) != NGX_OK) {
        return NGX_ABORT;
    }

    timeline->head = reader->pos;
    timeline->ours = ngx_commerce_hls_timeline_ours(timeline->head,
                                                    reader->last);

    for ( ;; ) {
        segment = ngx_commerce_hls_timeline_next(timeline, text);

        if (segment == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_commerce_hls_read(reader, segment);

        if (rc == NGX_ERROR) {
            return NGX_ABORT;
        }

        if (rc == NGX_DONE) {
            break;
        }

        timeline->nsegments++;
    }

    if (reader->multivariant || timeline->nsegments == 0) {
        return NGX_DONE;
    }

    return NGX_OK;
}


/* 1: an origin of ours has made the dates */

static ngx_uint_t
ngx_commerce_hls_timeline_ours(u_char *p, u_char *last)
{
    size_t  len;

    len = sizeof(NGX_COMMERCE_HLS_DATES) - 1;

    return (size_t) (last - p) > len
           && ngx_memcmp(p, NGX_COMMERCE_HLS_DATES, len) == 0
           && (p[len] == LF || p[len] == CR);
}


/* a place for one more; those of a long text are guessed from what was read */

static ngx_commerce_hls_segment_t *
ngx_commerce_hls_timeline_next(ngx_commerce_hls_timeline_t *timeline,
    ngx_str_t *text)
{
    size_t                       read, n;
    ngx_commerce_hls_segment_t  *segments;

    n = timeline->nsegments;

    if (n < timeline->allocated) {
        return &timeline->segments[n];
    }

    read = timeline->reader.pos - text->data;

    timeline->allocated = ngx_max(n + n / 2, n * text->len / read + 16);

    segments = ngx_palloc(timeline->pool, timeline->allocated
                                        * sizeof(ngx_commerce_hls_segment_t));
    if (segments == NULL) {
        return NULL;
    }

    ngx_memcpy(segments, timeline->segments,
               n * sizeof(ngx_commerce_hls_segment_t));

    if (timeline->segments != timeline->kept) {
        (void) ngx_pfree(timeline->pool, timeline->segments);
    }

    timeline->segments = segments;

    return &segments[n];
}


/*
 * A segment without EXT-X-PROGRAM-DATE-TIME begins where the one before ends;
 * those before the first tag are counted back from it (RFC 8216bis 4.4.4.6).
 */

static ngx_int_t
ngx_commerce_hls_timeline_dated(ngx_commerce_hls_timeline_t *timeline,
    ngx_uint_t first)
{
    int64_t                      time;
    ngx_uint_t                   i;
    ngx_commerce_hls_segment_t  *segment;

    segment = timeline->segments;
    time = segment[first].date;

    for (i = first; i > 0; i--) {
        time -= segment[i - 1].duration;

        if (time < -NGX_COMMERCE_HLS_MAX_TIME) {
            return NGX_ABORT;
        }
    }

    for (i = 0; i < timeline->nsegments; i++) {

        if (!segment[i].dated) {
            segment[i].date = time;
        }

        time = segment[i].date + segment[i].duration;

        if (time > NGX_COMMERCE_HLS_MAX_TIME) {
            return NGX_ABORT;
        }
    }

    return NGX_OK;
}


/*
 * NGX_DECLINED: no segment has a time, or all have the same, as when the digits
 * in names are something else.
 */

static ngx_int_t
ngx_commerce_hls_timeline_clock(ngx_commerce_hls_timeline_t *timeline)
{
    ngx_uint_t                   i, timed, same;
    ngx_commerce_hls_segment_t  *segment, *first;

    first = NULL;
    timed = 0;
    same = 0;

    for (i = 0; i < timeline->nsegments; i++) {
        segment = &timeline->segments[i];

        segment->timed = ngx_commerce_hls_timeline_arrival(timeline, segment);

        if (!segment->timed) {
            continue;
        }

        if (first == NULL) {
            first = segment;
        }

        timed++;
        same += (segment->arrival == first->arrival);
    }

    if (timed == 0 || (timed > 2 && same == timed)) {
        return NGX_DECLINED;
    }

    timeline->made = 1;

    ngx_commerce_hls_timeline_periods(timeline, NULL, 0);

    return NGX_OK;
}


/* 1: it is known */

static ngx_uint_t
ngx_commerce_hls_timeline_arrival(ngx_commerce_hls_timeline_t *timeline,
    ngx_commerce_hls_segment_t *segment)
{
    segment->pts = -1;

    if (segment->uri.len == 0) {
        /* under way: it has no name yet, and no file */
        return 0;
    }

    if (timeline->clock == NGX_COMMERCE_HLS_CLOCK_NAME) {
        return ngx_commerce_hls_name_date(&segment->uri, timeline->unit,
                                          &segment->arrival)
               == NGX_OK;
    }

    return timeline->ask(timeline->data, segment) == NGX_OK;
}


void
ngx_commerce_hls_timeline_periods(ngx_commerce_hls_timeline_t *timeline,
    ngx_commerce_period_t *periods, ngx_uint_t nperiods)
{
    ngx_commerce_hls_period_times(periods, nperiods, timeline->segments,
                                  timeline->nsegments, timeline->offset);

    timeline->repaired = ngx_commerce_hls_stretches(timeline->segments,
                                                    timeline->nsegments);

    ngx_commerce_hls_timeline_window(timeline);
}


static void
ngx_commerce_hls_timeline_window(ngx_commerce_hls_timeline_t *timeline)
{
    ngx_uint_t                   i;
    ngx_commerce_hls_reader_t   *reader;
    ngx_commerce_hls_segment_t  *segment;

    reader = &timeline->reader;
    segment = timeline->segments;

    timeline->start = segment->date;
    timeline->end = segment->date;

    for (i = 0; i < timeline->nsegments; i++) {
        timeline->start = ngx_min(timeline->start, segment[i].date);
        timeline->end = ngx_max(timeline->end,
                                segment[i].date + segment[i].duration);
    }

    /* how long the skipped ones are isn't said, but not longer than so */
    timeline->start -= reader->skipped * reader->target;
}
