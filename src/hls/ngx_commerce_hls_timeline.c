
#include "ngx_commerce_hls_timeline.h"


/* the year 11476: sums of times and durations stay below without checks */
#define NGX_COMMERCE_HLS_MAX_TIME  ((int64_t) 300000000000 * 1000000)


static ngx_int_t ngx_commerce_hls_timeline_read(
    ngx_commerce_hls_timeline_t *timeline, ngx_str_t *text);
static ngx_commerce_hls_segment_t *ngx_commerce_hls_timeline_next(
    ngx_commerce_hls_timeline_t *timeline, ngx_str_t *text);
static ngx_int_t ngx_commerce_hls_timeline_dated(
    ngx_commerce_hls_timeline_t *timeline, ngx_uint_t first);
static ngx_int_t ngx_commerce_hls_timeline_names(
    ngx_commerce_hls_timeline_t *timeline);
static ngx_int_t ngx_commerce_hls_timeline_window(
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
        rc = ngx_commerce_hls_timeline_names(timeline);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_commerce_hls_timeline_window(timeline);
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
    timeline->made = 0;

    reader = &timeline->reader;

    if (ngx_commerce_hls_open(reader, text->data, text->len) != NGX_OK) {
        return NGX_ABORT;
    }

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


static ngx_int_t
ngx_commerce_hls_timeline_names(ngx_commerce_hls_timeline_t *timeline)
{
    ngx_uint_t                   i;
    ngx_commerce_hls_segment_t  *segment;

    segment = timeline->segments;

    for (i = 0; i < timeline->nsegments; i++) {

        if (segment[i].uri.len == 0) {

            /* under way: it begins where the last one ends */

            if (i == 0) {
                return NGX_DECLINED;
            }

            segment[i].date = segment[i - 1].date + segment[i - 1].duration;
            continue;
        }

        if (ngx_commerce_hls_name_date(&segment[i].uri, &segment[i].date)
            != NGX_OK
            || (i && segment[i].date <= segment[i - 1].date))
        {
            return NGX_DECLINED;
        }
    }

    timeline->made = 1;

    return NGX_OK;
}


static ngx_int_t
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

    if (reader->skipped && reader->target == 0) {
        return NGX_ABORT;
    }

    /* how long the skipped ones are isn't said, but not longer than so */
    timeline->start -= reader->skipped * reader->target;

    return NGX_OK;
}
