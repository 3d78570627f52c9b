
#include "ngx_commerce_hls_chapters.h"


#define NGX_COMMERCE_HLS_CHAPTER                                              \
    "{\"chapter\":%ui,\"start-time\":%L.%03L,\"duration\":%L.%03L,"           \
    "\"titles\":[{\"language\":\"und\",\"title\":\""

#define NGX_COMMERCE_HLS_CHAPTER_PRODUCT                                      \
    "\"}],\"metadata\":[{\"key\":\"product\",\"value\":\""

#define NGX_COMMERCE_HLS_CHAPTER_END  "\"}]}"


/* where in a playlist a date is */

typedef struct {
    ngx_commerce_hls_timeline_t  *timeline;
    ngx_uint_t                    segment;
    int64_t                       time;       /* us, where that begins */
} ngx_commerce_hls_position_t;


static ngx_str_t *ngx_commerce_hls_chapter_title(
    ngx_commerce_hls_range_t *range);
static int64_t ngx_commerce_hls_position(
    ngx_commerce_hls_position_t *position, int64_t date);
static u_char *ngx_commerce_hls_chapter_write(u_char *p, ngx_uint_t n,
    ngx_commerce_hls_range_t *range, int64_t start, int64_t end);
static u_char *ngx_commerce_hls_chapter_text(u_char *p, ngx_str_t *text);


size_t
ngx_commerce_hls_chapters_size(ngx_commerce_hls_injection_t *injection)
{
    size_t                     size;
    ngx_str_t                 *title, *product;
    ngx_uint_t                 i;
    ngx_commerce_hls_range_t  *range;

    size = sizeof("[]") - 1;

    for (i = 0; i < injection->selection.nranges; i++) {
        range = &injection->selection.ranges[i];

        title = ngx_commerce_hls_chapter_title(range);
        product = &range->cue->card.product;

        size += sizeof("," NGX_COMMERCE_HLS_CHAPTER
                       NGX_COMMERCE_HLS_CHAPTER_PRODUCT
                       NGX_COMMERCE_HLS_CHAPTER_END)
                + 5 * NGX_INT64_LEN
                + title->len + ngx_escape_json(NULL, title->data, title->len)
                + product->len
                + ngx_escape_json(NULL, product->data, product->len);
    }

    return size;
}


static ngx_str_t *
ngx_commerce_hls_chapter_title(ngx_commerce_hls_range_t *range)
{
    ngx_commerce_card_t  *card;

    card = &range->cue->card;

    return card->title.len ? &card->title : &card->product;
}


u_char *
ngx_commerce_hls_chapters_write(ngx_commerce_hls_injection_t *injection,
    u_char *p)
{
    int64_t                       start, end;
    ngx_uint_t                    i, n;
    ngx_commerce_hls_range_t     *range;
    ngx_commerce_hls_position_t   position;

    ngx_memzero(&position, sizeof(ngx_commerce_hls_position_t));
    position.timeline = &injection->timeline;

    *p++ = '[';
    n = 0;
    end = 0;

    for (i = 0; i < injection->selection.nranges; i++) {
        range = &injection->selection.ranges[i];

        start = i ? end : ngx_commerce_hls_position(&position, range->start);

        end = ngx_commerce_hls_position(&position,
                                        i + 1 < injection->selection.nranges
                                        ? range[1].start
                                        : NGX_COMMERCE_HLS_LAST_MS);

        if (range->cue->card.product.len == 0 || end <= start) {
            continue;
        }

        if (n) {
            *p++ = ',';
        }

        p = ngx_commerce_hls_chapter_write(p, ++n, range, start, end);
    }

    *p++ = ']';

    return p;
}


/*
 * ms from the playlist's begin to where a date (ms), or what comes after it,
 * is shown.  Dates are asked about in their order.
 */

static int64_t
ngx_commerce_hls_position(ngx_commerce_hls_position_t *position, int64_t date)
{
    int64_t                       us;
    ngx_commerce_hls_segment_t   *segment;
    ngx_commerce_hls_timeline_t  *timeline;

    timeline = position->timeline;
    us = date * 1000;

    for ( /* void */ ; position->segment < timeline->nsegments;
         position->segment++)
    {
        segment = &timeline->segments[position->segment];

        if (us < segment->date + segment->duration) {
            return (position->time + ngx_max(us - segment->date, 0)) / 1000;
        }

        position->time += segment->duration;
    }

    return position->time / 1000;
}


static u_char *
ngx_commerce_hls_chapter_write(u_char *p, ngx_uint_t n,
    ngx_commerce_hls_range_t *range, int64_t start, int64_t end)
{
    p = ngx_sprintf(p, NGX_COMMERCE_HLS_CHAPTER, n, start / 1000, start % 1000,
                    (end - start) / 1000, (end - start) % 1000);

    p = ngx_commerce_hls_chapter_text(p,
                                      ngx_commerce_hls_chapter_title(range));

    p = ngx_cpymem(p, NGX_COMMERCE_HLS_CHAPTER_PRODUCT,
                   sizeof(NGX_COMMERCE_HLS_CHAPTER_PRODUCT) - 1);

    p = ngx_commerce_hls_chapter_text(p, &range->cue->card.product);

    return ngx_cpymem(p, NGX_COMMERCE_HLS_CHAPTER_END,
                      sizeof(NGX_COMMERCE_HLS_CHAPTER_END) - 1);
}


static u_char *
ngx_commerce_hls_chapter_text(u_char *p, ngx_str_t *text)
{
    return (u_char *) ngx_escape_json(p, text->data, text->len);
}
