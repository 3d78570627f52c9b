
#include "ngx_commerce_hls_inject.h"
#include "ngx_commerce_hls_daterange.h"
#include "ngx_commerce_hls_delta.h"
#include "ngx_commerce_hls_period.h"


#define NGX_COMMERCE_HLS_PDT       "#EXT-X-PROGRAM-DATE-TIME:"
#define NGX_COMMERCE_HLS_SEQUENCE  "#EXT-X-DISCONTINUITY-SEQUENCE:"


static void ngx_commerce_hls_continue(
    ngx_commerce_hls_injection_t *injection);
static void ngx_commerce_hls_listed(ngx_commerce_hls_injection_t *injection);
static void ngx_commerce_hls_end(ngx_commerce_hls_injection_t *injection);
static void ngx_commerce_hls_edit(ngx_commerce_hls_injection_t *injection);
static u_char *ngx_commerce_hls_text_write(
    ngx_commerce_hls_injection_t *injection, u_char *p, u_char *from,
    u_char *to);
static u_char *ngx_commerce_hls_head_write(
    ngx_commerce_hls_injection_t *injection, u_char *p);
static u_char *ngx_commerce_hls_pdt_write(
    ngx_commerce_hls_injection_t *injection, u_char *p, int64_t us);
static u_char *ngx_commerce_hls_range_write(
    ngx_commerce_hls_injection_t *injection, u_char *p,
    ngx_commerce_hls_range_t *range);
static u_char *ngx_commerce_hls_eol_write(
    ngx_commerce_hls_injection_t *injection, u_char *p);
static int64_t ngx_commerce_hls_floor_ms(int64_t us);
static int64_t ngx_commerce_hls_ceil_ms(int64_t us);


ngx_int_t
ngx_commerce_hls_prepare(ngx_commerce_hls_injection_t *injection)
{
    ngx_int_t                     rc;
    ngx_commerce_hls_timeline_t  *timeline;

    timeline = &injection->timeline;

    timeline->pool = injection->pool;
    timeline->clock = injection->clock;
    timeline->unit = injection->unit;
    timeline->ask = injection->ask;
    timeline->data = injection->ask_data;
    timeline->offset = injection->offset * 1000;

    injection->clipped = 0;

    rc = ngx_commerce_hls_timeline(timeline, &injection->text);

    switch (rc) {

    case NGX_ERROR:
        return NGX_ERROR;

    case NGX_ABORT:
        injection->outcome = NGX_COMMERCE_HLS_NOT_PARSED;
        return NGX_DECLINED;

    case NGX_DONE:
        injection->outcome = NGX_COMMERCE_HLS_MULTIVARIANT;
        return NGX_DECLINED;
    }

    if (timeline->reader.has_cues) {
        injection->outcome = NGX_COMMERCE_HLS_HAS_CUES;
        return NGX_DECLINED;
    }

    if (rc == NGX_DECLINED) {
        injection->outcome = NGX_COMMERCE_HLS_NO_CLOCK;
        return NGX_DECLINED;
    }

    injection->outcome = NGX_COMMERCE_HLS_INJECTED;

    return NGX_OK;
}


ngx_int_t
ngx_commerce_hls_plan(ngx_commerce_hls_injection_t *injection)
{
    ngx_uint_t                     i;
    ngx_commerce_hls_timeline_t   *timeline;
    ngx_commerce_hls_selection_t  *selection;

    timeline = &injection->timeline;
    selection = &injection->selection;

    selection->pool = injection->pool;
    selection->cues = injection->cues;
    selection->ncues = injection->ncues;
    selection->periods = injection->periods;

    ngx_commerce_hls_continue(injection);

    if (timeline->repaired) {
        injection->outcome = NGX_COMMERCE_HLS_REPAIRED;
    }

    selection->start = ngx_commerce_hls_floor_ms(timeline->start);
    selection->end = ngx_commerce_hls_ceil_ms(timeline->end);

    if (ngx_commerce_hls_select(selection) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_commerce_hls_listed(injection);

    if (timeline->reader.ended) {
        ngx_commerce_hls_end(injection);
    }

    injection->size = injection->text.len;

    if (timeline->made) {
        injection->size += sizeof(NGX_COMMERCE_HLS_DATES CRLF) - 1
                           + sizeof(NGX_COMMERCE_HLS_SEQUENCE CRLF) - 1
                           + NGX_INT64_LEN
                           + timeline->nsegments
                           * (sizeof(NGX_COMMERCE_HLS_PDT CRLF) - 1
                              + NGX_COMMERCE_HLS_DATE_LEN);
    }

    for (i = 0; i < selection->nranges; i++) {
        injection->size += ngx_commerce_hls_daterange_size(&injection->room,
                                                     &selection->ranges[i],
                                                     injection->attributes);
    }

    ngx_commerce_hls_edit(injection);

    ngx_memzero(&injection->minute, sizeof(ngx_commerce_hls_minute_t));

    return NGX_OK;
}


/* dates become those of a stream without gaps */

static void
ngx_commerce_hls_continue(ngx_commerce_hls_injection_t *injection)
{
    ngx_commerce_hls_timeline_t   *timeline;
    ngx_commerce_hls_selection_t  *selection;

    timeline = &injection->timeline;
    selection = &injection->selection;

    selection->nperiods = (timeline->made || timeline->ours)
                          ? injection->nperiods : 0;

    /* others' dates stay as they are: cues go as far as these are late */

    selection->offset = (timeline->made || timeline->ours)
                        ? 0 : injection->offset;

    injection->sequence = -1;

    /* what was clipped had its dates before */

    if (!timeline->made || selection->nperiods == 0 || injection->clipped) {
        return;
    }

    ngx_commerce_hls_timeline_periods(timeline, selection->periods,
                                      selection->nperiods);

    if (!timeline->reader.numbered) {
        injection->sequence = ngx_commerce_hls_period_sequence(
                                  selection->periods, selection->nperiods,
                                  timeline->segments, timeline->nsegments,
                                  timeline->offset);
    }
}


static void
ngx_commerce_hls_listed(ngx_commerce_hls_injection_t *injection)
{
    ngx_uint_t                    i;
    ngx_commerce_hls_segment_t   *segment;
    ngx_commerce_hls_timeline_t  *timeline;

    timeline = &injection->timeline;

    for (i = 0; i < timeline->nsegments; i++) {
        segment = &timeline->segments[i];

        ngx_commerce_hls_select_listed(&injection->selection,
                ngx_commerce_hls_floor_ms(segment->date),
                ngx_commerce_hls_ceil_ms(segment->date + segment->duration));
    }

    if (timeline->reader.skipped) {
        ngx_commerce_hls_select_listed(&injection->selection,
                injection->selection.start,
                ngx_commerce_hls_ceil_ms(timeline->segments->date));
    }

    ngx_commerce_hls_select_drop(&injection->selection);
}


/* of a playlist that gets no more segments all ends are known */

static void
ngx_commerce_hls_end(ngx_commerce_hls_injection_t *injection)
{
    ngx_uint_t                 i;
    ngx_commerce_hls_range_t  *range;

    for (i = 0; i < injection->selection.nranges; i++) {
        range = &injection->selection.ranges[i];

        if (range->end == 0 || range->end > injection->selection.end) {
            range->end = injection->selection.end;
        }

        range->ended = 1;
    }
}


static void
ngx_commerce_hls_edit(ngx_commerce_hls_injection_t *injection)
{
    int64_t                        until;
    ngx_commerce_hls_reader_t     *reader;
    ngx_commerce_hls_selection_t  *selection;

    reader = &injection->timeline.reader;
    selection = &injection->selection;

    ngx_str_null(&injection->edited);

    if (!injection->delta) {

        if (ngx_commerce_hls_delta_offered(&reader->control)) {
            injection->edited = reader->control;
        }

        return;
    }

    until = ngx_commerce_hls_delta_until(&reader->control);

    if (reader->skip.len == 0 || until == 0) {
        return;
    }

    ngx_commerce_hls_select_removed(selection, until / 1000);

    if (selection->removed < selection->first) {
        injection->edited = reader->skip;
        injection->size += ngx_commerce_hls_delta_size(&injection->room,
                                                       selection);
    }
}


u_char *
ngx_commerce_hls_inject(ngx_commerce_hls_injection_t *injection, u_char *p)
{
    u_char                        *copied;
    int64_t                        end;
    ngx_uint_t                     i, n, nranges;
    ngx_commerce_hls_range_t      *ranges;
    ngx_commerce_hls_segment_t    *segment;
    ngx_commerce_hls_timeline_t   *timeline;

    timeline = &injection->timeline;
    ranges = injection->selection.ranges;
    nranges = injection->selection.nranges;
    n = 0;
    copied = injection->text.data;

    if (timeline->made) {
        p = ngx_cpymem(p, copied, timeline->head - copied);
        copied = timeline->head;

        p = ngx_commerce_hls_head_write(injection, p);
    }

    for (i = 0; i < timeline->nsegments; i++) {

        if (n == nranges && !timeline->made) {
            break;
        }

        segment = &timeline->segments[i];

        p = ngx_commerce_hls_text_write(injection, p, copied, segment->mark);
        copied = segment->mark;

        if (timeline->made && segment->uri.len) {
            p = ngx_commerce_hls_pdt_write(injection, p, segment->date);
        }

        end = ngx_commerce_hls_ceil_ms(segment->date + segment->duration);

        while (n < nranges && ranges[n].start < end) {
            p = ngx_commerce_hls_range_write(injection, p, &ranges[n++]);
        }
    }

    return ngx_commerce_hls_text_write(injection, p, copied,
                              injection->text.data + injection->text.len);
}


/* copies text, with what is to be edited in it */

static u_char *
ngx_commerce_hls_text_write(ngx_commerce_hls_injection_t *injection, u_char *p,
    u_char *from, u_char *to)
{
    ngx_str_t  *line;

    line = &injection->edited;

    if (line->len && line->data >= from && line->data < to) {

        p = ngx_cpymem(p, from, line->data - from);
        from = line->data + line->len;

        if (injection->delta) {
            p = ngx_commerce_hls_delta_removed(p, line, &injection->room,
                                               &injection->selection);

        } else {
            p = ngx_commerce_hls_delta_refuse(p, line);
        }
    }

    return ngx_cpymem(p, from, to - from);
}


/* what a playlist with dates of ours has after its first line */

static u_char *
ngx_commerce_hls_head_write(ngx_commerce_hls_injection_t *injection, u_char *p)
{
    if (!injection->timeline.ours) {
        p = ngx_cpymem(p, NGX_COMMERCE_HLS_DATES,
                       sizeof(NGX_COMMERCE_HLS_DATES) - 1);
        p = ngx_commerce_hls_eol_write(injection, p);
    }

    if (injection->sequence != -1) {
        p = ngx_sprintf(p, NGX_COMMERCE_HLS_SEQUENCE "%L",
                        injection->sequence);
        p = ngx_commerce_hls_eol_write(injection, p);
    }

    return p;
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
ngx_commerce_hls_range_write(ngx_commerce_hls_injection_t *injection, u_char *p,
    ngx_commerce_hls_range_t *range)
{
    p = ngx_commerce_hls_daterange_write(p, &injection->room, range,
                                         injection->attributes,
                                         &injection->minute);

    return ngx_commerce_hls_eol_write(injection, p);
}


static u_char *
ngx_commerce_hls_eol_write(ngx_commerce_hls_injection_t *injection, u_char *p)
{
    if (injection->timeline.reader.crlf) {
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
