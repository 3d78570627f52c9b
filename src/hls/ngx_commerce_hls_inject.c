
#include "ngx_commerce_hls_inject.h"
#include "ngx_commerce_hls_daterange.h"


#define NGX_COMMERCE_HLS_PDT  "#EXT-X-PROGRAM-DATE-TIME:"

/* the year 11476: sums of times and durations stay below without checks */
#define NGX_COMMERCE_HLS_MAX_TIME  ((int64_t) 300000000000 * 1000000)


/* from the earliest beginning of a segment to the latest end, us */

typedef struct {
    int64_t      start;
    int64_t      end;
} ngx_commerce_hls_window_t;


/* what is known of both clocks while it isn't known which one will count */

typedef struct {
    ngx_uint_t                 segments;

    int64_t                    first;       /* of the first segment, by PDT */
    int64_t                    elapsed;     /* before the first PDT */
    int64_t                    time;        /* of the next segment */
    ngx_commerce_hls_window_t  dated;

    int64_t                    name;        /* of the last segment */
    ngx_commerce_hls_window_t  named;

    unsigned                   has_date:1;
    unsigned                   has_names:1;
} ngx_commerce_hls_clocks_t;


static ngx_commerce_hls_outcome_e ngx_commerce_hls_plan(
    ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_reader_t *reader, ngx_commerce_hls_clocks_t *clocks);
static ngx_int_t ngx_commerce_hls_clock_date(
    ngx_commerce_hls_clocks_t *clocks, ngx_commerce_hls_segment_t *segment);
static void ngx_commerce_hls_clock_name(ngx_commerce_hls_clocks_t *clocks,
    ngx_commerce_hls_segment_t *segment);
static void ngx_commerce_hls_select(ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_window_t *window);
static ngx_commerce_hls_segment_t *ngx_commerce_hls_again(
    ngx_commerce_hls_injection_t *injection, ngx_uint_t i,
    ngx_commerce_hls_segment_t *spare);
static u_char *ngx_commerce_hls_pdt_write(
    ngx_commerce_hls_injection_t *injection, u_char *p, int64_t us);
static u_char *ngx_commerce_hls_cue_write(
    ngx_commerce_hls_injection_t *injection, u_char *p, ngx_uint_t i);
static u_char *ngx_commerce_hls_eol_write(
    ngx_commerce_hls_injection_t *injection, u_char *p);
static int64_t ngx_commerce_hls_floor_ms(int64_t us);
static int64_t ngx_commerce_hls_ceil_ms(int64_t us);


ngx_commerce_hls_outcome_e
ngx_commerce_hls_prepare(ngx_commerce_hls_injection_t *injection)
{
    ngx_int_t                    rc;
    ngx_commerce_hls_clocks_t    clocks;
    ngx_commerce_hls_reader_t    reader;
    ngx_commerce_hls_segment_t  *segment, spare;

    if (ngx_commerce_hls_open(&reader, injection->text.data,
                              injection->text.len)
        != NGX_OK)
    {
        return NGX_COMMERCE_HLS_NOT_PARSED;
    }

    ngx_memzero(&clocks, sizeof(ngx_commerce_hls_clocks_t));

    clocks.has_names = (injection->clock == NGX_COMMERCE_HLS_CLOCK_NAME);

    for ( ;; ) {

        if (clocks.segments < NGX_COMMERCE_HLS_KEPT) {
            segment = &injection->segments[clocks.segments];

        } else {
            segment = &spare;

            if (clocks.segments == NGX_COMMERCE_HLS_KEPT) {
                injection->rest = reader;
            }
        }

        rc = ngx_commerce_hls_read(&reader, segment);

        if (rc != NGX_OK) {
            break;
        }

        if (ngx_commerce_hls_clock_date(&clocks, segment) != NGX_OK) {
            return NGX_COMMERCE_HLS_NOT_PARSED;
        }

        if (clocks.has_names && !clocks.has_date) {
            ngx_commerce_hls_clock_name(&clocks, segment);
        }

        clocks.segments++;
    }

    if (rc == NGX_ERROR) {
        return NGX_COMMERCE_HLS_NOT_PARSED;
    }

    if (reader.multivariant || clocks.segments == 0) {
        return NGX_COMMERCE_HLS_MULTIVARIANT;
    }

    if (reader.has_cues) {
        return NGX_COMMERCE_HLS_HAS_CUES;
    }

    return ngx_commerce_hls_plan(injection, &reader, &clocks);
}


static ngx_commerce_hls_outcome_e
ngx_commerce_hls_plan(ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_reader_t *reader, ngx_commerce_hls_clocks_t *clocks)
{
    ngx_memzero(&injection->minute, sizeof(ngx_commerce_hls_minute_t));

    injection->crlf = reader->crlf;
    injection->nsegments = clocks->segments;
    injection->named = !clocks->has_date;
    injection->start = clocks->first;
    injection->size = injection->text.len;

    if (clocks->has_date) {

        if (reader->skipped && reader->target == 0) {
            return NGX_COMMERCE_HLS_NOT_PARSED;
        }

        /* how long the skipped ones are isn't said, but not longer than so */
        clocks->dated.start -= reader->skipped * reader->target;

        ngx_commerce_hls_select(injection, &clocks->dated);

        return NGX_COMMERCE_HLS_INJECTED;
    }

    if (!clocks->has_names || reader->skipped || reader->next.dated) {
        /*
         * The dates of a delta update may have been in what it skips, and
         * the playlist's own may begin with the segment to come.
         */
        return NGX_COMMERCE_HLS_NO_CLOCK;
    }

    injection->size += clocks->segments
                       * (sizeof(NGX_COMMERCE_HLS_PDT CRLF) - 1
                          + NGX_COMMERCE_HLS_DATE_LEN);

    ngx_commerce_hls_select(injection, &clocks->named);

    return NGX_COMMERCE_HLS_INJECTED;
}


/*
 * A segment without EXT-X-PROGRAM-DATE-TIME begins where the one before ends;
 * those before the first tag are counted back from it (RFC 8216bis 4.4.4.6).
 */

static ngx_int_t
ngx_commerce_hls_clock_date(ngx_commerce_hls_clocks_t *clocks,
    ngx_commerce_hls_segment_t *segment)
{
    if (segment->dated) {

        clocks->time = segment->date;

        if (!clocks->has_date) {
            clocks->has_date = 1;
            clocks->first = clocks->time - clocks->elapsed;
            clocks->dated.start = clocks->first;
            clocks->dated.end = clocks->time;
        }
    }

    if (!clocks->has_date) {
        clocks->elapsed += segment->duration;
        return (clocks->elapsed > NGX_COMMERCE_HLS_MAX_TIME) ? NGX_ERROR
                                                             : NGX_OK;
    }

    clocks->dated.start = ngx_min(clocks->dated.start, clocks->time);

    clocks->time += segment->duration;

    clocks->dated.end = ngx_max(clocks->dated.end, clocks->time);

    return (clocks->time > NGX_COMMERCE_HLS_MAX_TIME) ? NGX_ERROR : NGX_OK;
}


/* a segment's date is then that of its name */

static void
ngx_commerce_hls_clock_name(ngx_commerce_hls_clocks_t *clocks,
    ngx_commerce_hls_segment_t *segment)
{
    int64_t  name;

    if (segment->uri.len == 0) {

        /* under way: it begins where the last one ends */

        clocks->named.end += segment->duration;
        clocks->has_names = (clocks->segments != 0);
        return;
    }

    if (ngx_commerce_hls_name_date(&segment->uri, &name) != NGX_OK
        || name <= clocks->name)
    {
        clocks->has_names = 0;
        return;
    }

    if (clocks->segments == 0) {
        clocks->named.start = name;
    }

    segment->date = name;

    clocks->name = name;
    clocks->named.end = name + segment->duration;
}


/* the cue in force when the window begins, and those that begin inside */

static void
ngx_commerce_hls_select(ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_window_t *window)
{
    int64_t              start, end;
    ngx_uint_t           left, right, middle;
    ngx_commerce_cue_t  *cues;

    cues = injection->room->cues;

    start = ngx_commerce_hls_floor_ms(window->start);
    end = ngx_commerce_hls_ceil_ms(window->end);

    left = 0;
    right = injection->room->ncues;

    while (left < right) {
        middle = left + (right - left) / 2;

        if (cues[middle].at <= start) {
            left = middle + 1;

        } else {
            right = middle;
        }
    }

    /* left is the first that begins after the window did */

    injection->cue = left ? left - 1 : 0;

    for (left = injection->cue; left < injection->room->ncues; left++) {

        if (cues[left].at >= end) {
            break;
        }

        injection->size += ngx_commerce_hls_daterange_size(
                               &injection->room->name, &cues[left],
                               injection->attributes);
    }

    injection->end = left;
}


u_char *
ngx_commerce_hls_inject(ngx_commerce_hls_injection_t *injection, u_char *p)
{
    u_char                      *copied;
    int64_t                      time;
    ngx_uint_t                   i, cue;
    ngx_commerce_hls_segment_t  *segment, spare;

    time = injection->start;
    cue = injection->cue;
    copied = injection->text.data;

    for (i = 0; i < injection->nsegments; i++) {

        if (cue == injection->end && !injection->named) {
            break;
        }

        segment = ngx_commerce_hls_again(injection, i, &spare);

        p = ngx_cpymem(p, copied, segment->mark - copied);
        copied = segment->mark;

        if (!injection->named) {
            time = segment->dated ? segment->date : time;

        } else if (segment->uri.len) {
            time = segment->date;
            p = ngx_commerce_hls_pdt_write(injection, p, time);
        }

        time += segment->duration;

        while (cue < injection->end
               && injection->room->cues[cue].at
                  < ngx_commerce_hls_ceil_ms(time))
        {
            p = ngx_commerce_hls_cue_write(injection, p, cue++);
        }
    }

    return ngx_cpymem(p, copied, injection->text.data + injection->text.len
                                 - copied);
}


/* segments in their order, the kept ones and then those that are read again */

static ngx_commerce_hls_segment_t *
ngx_commerce_hls_again(ngx_commerce_hls_injection_t *injection, ngx_uint_t i,
    ngx_commerce_hls_segment_t *spare)
{
    if (i < NGX_COMMERCE_HLS_KEPT) {
        return &injection->segments[i];
    }

    (void) ngx_commerce_hls_read(&injection->rest, spare);

    if (injection->named && spare->uri.len) {
        (void) ngx_commerce_hls_name_date(&spare->uri, &spare->date);
    }

    return spare;
}


static u_char *
ngx_commerce_hls_pdt_write(ngx_commerce_hls_injection_t *injection, u_char *p,
    int64_t us)
{
    p = ngx_cpymem(p, NGX_COMMERCE_HLS_PDT, sizeof(NGX_COMMERCE_HLS_PDT) - 1);
    p = ngx_commerce_hls_date_write(p, us / 1000, &injection->minute);

    return ngx_commerce_hls_eol_write(injection, p);
}


static u_char *
ngx_commerce_hls_cue_write(ngx_commerce_hls_injection_t *injection, u_char *p,
    ngx_uint_t i)
{
    ngx_commerce_cue_t   *cue, *next;
    ngx_commerce_room_t  *room;

    room = injection->room;
    cue = &room->cues[i];
    next = (i + 1 < room->ncues) ? cue + 1 : NULL;

    /* until it is sent, it may be taken back or get another before it */

    if (next && next->coming && i + 1 >= injection->end) {
        next = NULL;
    }

    p = ngx_commerce_hls_daterange_write(p, &room->name, cue, next,
                                         injection->attributes,
                                         &injection->minute);

    return ngx_commerce_hls_eol_write(injection, p);
}


static u_char *
ngx_commerce_hls_eol_write(ngx_commerce_hls_injection_t *injection, u_char *p)
{
    if (injection->crlf) {
        *p++ = CR;
    }

    *p++ = LF;

    return p;
}


static int64_t
ngx_commerce_hls_floor_ms(int64_t us)
{
    return us / 1000 - (us % 1000 < 0);
}


static int64_t
ngx_commerce_hls_ceil_ms(int64_t us)
{
    return us / 1000 + (us % 1000 > 0);
}
