
#include "ngx_commerce_hls_clip.h"
#include "ngx_commerce_hls_context.h"


#define NGX_COMMERCE_HLS_CLIP_HEAD  "#EXTM3U"
#define NGX_COMMERCE_HLS_CLIP_MEDIA  "#EXT-X-MEDIA-SEQUENCE:"
#define NGX_COMMERCE_HLS_CLIP_GAPS  "#EXT-X-DISCONTINUITY-SEQUENCE:"
#define NGX_COMMERCE_HLS_CLIP_TYPE  "#EXT-X-PLAYLIST-TYPE:VOD"
#define NGX_COMMERCE_HLS_CLIP_DATE  "#EXT-X-PROGRAM-DATE-TIME:"
#define NGX_COMMERCE_HLS_CLIP_RANGE  "#EXT-X-BYTERANGE:"
#define NGX_COMMERCE_HLS_CLIP_END  "#EXT-X-ENDLIST"

/* us: what sums of rounded durations are off by is no overlap */
#define NGX_COMMERCE_HLS_CLIP_SLACK  1000


/* what is written besides lines of the text: numbers, a date, ends of lines */
#define NGX_COMMERCE_HLS_CLIP_EXTRA                                           \
    (sizeof(NGX_COMMERCE_HLS_CLIP_HEAD CRLF NGX_COMMERCE_HLS_CLIP_MEDIA CRLF  \
            NGX_COMMERCE_HLS_CLIP_GAPS CRLF NGX_COMMERCE_HLS_CLIP_TYPE CRLF   \
            NGX_COMMERCE_HLS_CLIP_DATE CRLF NGX_COMMERCE_HLS_CLIP_RANGE "@"   \
            CRLF NGX_COMMERCE_HLS_CLIP_END CRLF)                              \
     + 4 * NGX_INT64_LEN + NGX_COMMERCE_HLS_DATE_LEN + 2)


typedef struct {
    ngx_commerce_hls_injection_t  *injection;
    ngx_commerce_hls_context_t     context;     /* of the first segment */
    ngx_uint_t                     first;       /* segments, from and up to */
    ngx_uint_t                     last;
    u_char                        *p;           /* what is written comes here */
} ngx_commerce_hls_clip_t;


static ngx_commerce_hls_range_t *ngx_commerce_hls_clip_find(
    ngx_commerce_hls_selection_t *selection, ngx_str_t *cue);
static ngx_int_t ngx_commerce_hls_clip_segments(ngx_commerce_hls_clip_t *clip,
    ngx_commerce_hls_range_t *range);
static void ngx_commerce_hls_clip_head(ngx_commerce_hls_clip_t *clip);
static void ngx_commerce_hls_clip_begin(ngx_commerce_hls_clip_t *clip);
static void ngx_commerce_hls_clip_body(ngx_commerce_hls_clip_t *clip);
static void ngx_commerce_hls_clip_range(ngx_commerce_hls_clip_t *clip,
    u_char *line, u_char *eol, u_char *next);
static void ngx_commerce_hls_clip_copy(ngx_commerce_hls_clip_t *clip,
    u_char *line, u_char *next);
static void ngx_commerce_hls_clip_eol(ngx_commerce_hls_clip_t *clip);
static void ngx_commerce_hls_clip_number(ngx_commerce_hls_clip_t *clip,
    const char *tag, int64_t number);
static void ngx_commerce_hls_clip_timeline(ngx_commerce_hls_clip_t *clip);


ngx_int_t
ngx_commerce_hls_clip(ngx_commerce_hls_injection_t *injection)
{
    u_char                    *start;
    ngx_commerce_hls_clip_t    clip;
    ngx_commerce_hls_range_t  *range;

    range = ngx_commerce_hls_clip_find(&injection->selection,
                                       &injection->clip);

    if (range == NULL) {
        injection->refused = NGX_COMMERCE_CLIP_UNKNOWN;
        return NGX_DECLINED;
    }

    clip.injection = injection;

    if (ngx_commerce_hls_clip_segments(&clip, range) != NGX_OK) {
        injection->refused = NGX_COMMERCE_CLIP_INCOMPLETE;
        return NGX_DECLINED;
    }

    ngx_commerce_hls_context(&clip.context, &injection->text, clip.first);

    start = ngx_pnalloc(injection->pool,
                        injection->text.len + NGX_COMMERCE_HLS_CLIP_EXTRA
                        + ngx_commerce_hls_context_size(&clip.context));
    if (start == NULL) {
        return NGX_ERROR;
    }

    clip.p = start;

    ngx_commerce_hls_clip_head(&clip);
    ngx_commerce_hls_clip_begin(&clip);
    ngx_commerce_hls_clip_body(&clip);

    injection->text.data = start;
    injection->text.len = clip.p - start;

    ngx_commerce_hls_clip_timeline(&clip);

    injection->clipped = 1;

    return ngx_commerce_hls_plan(injection);
}


static ngx_commerce_hls_range_t *
ngx_commerce_hls_clip_find(ngx_commerce_hls_selection_t *selection,
    ngx_str_t *cue)
{
    ngx_uint_t                 i;
    ngx_commerce_hls_range_t  *range;

    for (i = 0; i < selection->nranges; i++) {
        range = &selection->ranges[i];

        if (range->cue->id.len == cue->len
            && ngx_memcmp(range->cue->id.data, cue->data, cue->len) == 0)
        {
            return range->cue->card.product.len ? range : NULL;
        }
    }

    return NULL;
}


/* NGX_OK: the segments that show a range; NGX_DECLINED: not all of it */

static ngx_int_t
ngx_commerce_hls_clip_segments(ngx_commerce_hls_clip_t *clip,
    ngx_commerce_hls_range_t *range)
{
    int64_t                        start, end;
    ngx_uint_t                     i, n;
    ngx_commerce_hls_segment_t    *segment;
    ngx_commerce_hls_timeline_t   *timeline;
    ngx_commerce_hls_selection_t  *selection;

    timeline = &clip->injection->timeline;
    selection = &clip->injection->selection;

    if (timeline->reader.skipped
        || (!timeline->reader.ended
            && (range->end == 0 || range->end > selection->end))
        || (!timeline->reader.ended && !timeline->reader.whole
            && range->start < selection->start))
    {
        return NGX_DECLINED;
    }

    start = range->start * 1000 + NGX_COMMERCE_HLS_CLIP_SLACK;
    end = range->end * 1000 - NGX_COMMERCE_HLS_CLIP_SLACK;

    n = 0;

    for (i = 0; i < timeline->nsegments; i++) {
        segment = &timeline->segments[i];

        if (segment->uri.len == 0
            || segment->date >= end
            || segment->date + segment->duration <= start)
        {
            continue;
        }

        if (n++ == 0) {
            clip->first = i;
        }

        clip->last = i;
    }

    return n ? NGX_OK : NGX_DECLINED;
}


/* the tags that are the playlist's, wherever they stand */

static void
ngx_commerce_hls_clip_head(ngx_commerce_hls_clip_t *clip)
{
    u_char                        *line, *eol;
    int64_t                        gaps;
    ngx_commerce_hls_reader_t      reader;
    ngx_commerce_hls_injection_t  *injection;

    injection = clip->injection;

    clip->p = ngx_cpymem(clip->p, NGX_COMMERCE_HLS_CLIP_HEAD,
                         sizeof(NGX_COMMERCE_HLS_CLIP_HEAD) - 1);
    ngx_commerce_hls_clip_eol(clip);

    injection->timeline.head = clip->p;

    (void) ngx_commerce_hls_open(&reader, injection->text.data,
                                 injection->text.len);

    while (reader.pos < reader.last) {

        line = reader.pos;
        eol = ngx_commerce_hls_line(&reader);

        if (ngx_commerce_hls_context_kind(line, eol)
            == NGX_COMMERCE_HLS_LINE_HEAD)
        {
            ngx_commerce_hls_clip_copy(clip, line, reader.pos);
        }
    }

    ngx_commerce_hls_clip_number(clip, NGX_COMMERCE_HLS_CLIP_MEDIA,
                                 clip->context.sequence + clip->first);

    /* one that isn't told is that of the first of all, if it is known */

    gaps = clip->context.gaps + (injection->timeline.reader.numbered
                                 ? clip->context.gaps_sequence
                                 : ngx_max(injection->sequence, 0));

    if (gaps) {
        ngx_commerce_hls_clip_number(clip, NGX_COMMERCE_HLS_CLIP_GAPS, gaps);
    }

    clip->p = ngx_cpymem(clip->p, NGX_COMMERCE_HLS_CLIP_TYPE,
                         sizeof(NGX_COMMERCE_HLS_CLIP_TYPE) - 1);
    ngx_commerce_hls_clip_eol(clip);
}


/* what held for the first segment before its own lines */

static void
ngx_commerce_hls_clip_begin(ngx_commerce_hls_clip_t *clip)
{
    ngx_commerce_hls_minute_t      minute;
    ngx_commerce_hls_segment_t    *segment;
    ngx_commerce_hls_timeline_t   *timeline;

    timeline = &clip->injection->timeline;
    segment = &timeline->segments[clip->first];

    clip->p = ngx_commerce_hls_context_write(&clip->context, clip->p);

    if (timeline->made || segment->dated) {
        return;
    }

    ngx_memzero(&minute, sizeof(ngx_commerce_hls_minute_t));

    clip->p = ngx_cpymem(clip->p, NGX_COMMERCE_HLS_CLIP_DATE,
                         sizeof(NGX_COMMERCE_HLS_CLIP_DATE) - 1);
    clip->p = ngx_commerce_hls_date_write(clip->p, segment->date / 1000,
                                          &minute);
    ngx_commerce_hls_clip_eol(clip);
}


/* the lines of the segments, which are told where they are now */

static void
ngx_commerce_hls_clip_body(ngx_commerce_hls_clip_t *clip)
{
    u_char                        *line, *eol;
    ngx_uint_t                     i;
    ngx_commerce_hls_line_e        kind;
    ngx_commerce_hls_reader_t      reader;
    ngx_commerce_hls_segment_t    *segment;

    (void) ngx_commerce_hls_open(&reader, clip->injection->text.data,
                                 clip->injection->text.len);

    i = 0;

    while (reader.pos < reader.last && i <= clip->last) {

        line = reader.pos;
        eol = ngx_commerce_hls_line(&reader);
        kind = ngx_commerce_hls_context_kind(line, eol);

        segment = &clip->injection->timeline.segments[i];

        if (i >= clip->first) {

            if (line == segment->mark) {
                segment->mark = clip->p;
            }

            switch (kind) {

            case NGX_COMMERCE_HLS_LINE_RANGE:
                ngx_commerce_hls_clip_range(clip, line, eol, reader.pos);
                break;

            case NGX_COMMERCE_HLS_LINE_URI:
                segment->uri.data = clip->p;
                ngx_commerce_hls_clip_copy(clip, line, reader.pos);
                break;

            case NGX_COMMERCE_HLS_LINE_HEAD:
            case NGX_COMMERCE_HLS_LINE_NONE:
                break;

            default:
                ngx_commerce_hls_clip_copy(clip, line, reader.pos);
            }
        }

        if (kind == NGX_COMMERCE_HLS_LINE_URI) {
            i++;
        }
    }

    clip->p = ngx_cpymem(clip->p, NGX_COMMERCE_HLS_CLIP_END,
                         sizeof(NGX_COMMERCE_HLS_CLIP_END) - 1);
    ngx_commerce_hls_clip_eol(clip);
}


/* a range that goes on from the one before is told where it begins, once */

static void
ngx_commerce_hls_clip_range(ngx_commerce_hls_clip_t *clip, u_char *line,
    u_char *eol, u_char *next)
{
    if (clip->context.range == -1
        || memchr(line, '@', eol - line) != NULL)
    {
        ngx_commerce_hls_clip_copy(clip, line, next);

    } else {
        clip->p = ngx_cpymem(clip->p, line, eol - line);
        clip->p = ngx_sprintf(clip->p, "@%L", clip->context.range);
        ngx_commerce_hls_clip_eol(clip);
    }

    clip->context.range = -1;
}


/* a line with its end, which the last one may not have */

static void
ngx_commerce_hls_clip_copy(ngx_commerce_hls_clip_t *clip, u_char *line,
    u_char *next)
{
    clip->p = ngx_cpymem(clip->p, line, next - line);

    if (next[-1] != LF) {
        ngx_commerce_hls_clip_eol(clip);
    }
}


static void
ngx_commerce_hls_clip_eol(ngx_commerce_hls_clip_t *clip)
{
    if (clip->injection->timeline.reader.crlf) {
        *clip->p++ = CR;
    }

    *clip->p++ = LF;
}


static void
ngx_commerce_hls_clip_number(ngx_commerce_hls_clip_t *clip, const char *tag,
    int64_t number)
{
    clip->p = ngx_sprintf(clip->p, "%s%L", tag, number);

    ngx_commerce_hls_clip_eol(clip);
}


static void
ngx_commerce_hls_clip_timeline(ngx_commerce_hls_clip_t *clip)
{
    ngx_uint_t                    i;
    ngx_commerce_hls_segment_t   *segment;
    ngx_commerce_hls_timeline_t  *timeline;

    timeline = &clip->injection->timeline;

    timeline->segments += clip->first;
    timeline->nsegments = clip->last - clip->first + 1;

    timeline->start = INT64_MAX;
    timeline->end = INT64_MIN;

    for (i = 0; i < timeline->nsegments; i++) {
        segment = &timeline->segments[i];

        timeline->start = ngx_min(timeline->start, segment->date);
        timeline->end = ngx_max(timeline->end,
                                segment->date + segment->duration);
    }

    timeline->reader.ended = 1;

    ngx_str_null(&timeline->reader.control);
    ngx_str_null(&timeline->reader.skip);
}
