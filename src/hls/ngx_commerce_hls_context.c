
#include "ngx_commerce_hls_context.h"
#include "ngx_commerce_hls_attribute.h"
#include "ngx_commerce_hls_timeline.h"


typedef struct {
    ngx_str_t                   tag;
    ngx_commerce_hls_line_e     kind;
} ngx_commerce_hls_kind_t;


static void ngx_commerce_hls_context_key(ngx_commerce_hls_context_t *context,
    ngx_str_t *line);
static ngx_uint_t ngx_commerce_hls_context_same(ngx_str_t *line,
    ngx_str_t *other, ngx_str_t *attribute);
static int64_t ngx_commerce_hls_context_digits(u_char *p, u_char *last,
    u_char **end);
static void ngx_commerce_hls_context_range(int64_t *range, ngx_str_t *line);
static u_char *ngx_commerce_hls_context_line(
    ngx_commerce_hls_context_t *context, u_char *p, ngx_str_t *line);
static u_char *ngx_commerce_hls_context_keys(
    ngx_commerce_hls_context_t *context, u_char *p,
    ngx_commerce_hls_keys_t *keys);


/* a tag that ends in ':' has a value; the others are all of their line */

static ngx_commerce_hls_kind_t  ngx_commerce_hls_kinds[] = {

    { ngx_string("#EXT-X-BYTERANGE:"), NGX_COMMERCE_HLS_LINE_RANGE },
    { ngx_string("#EXT-X-DISCONTINUITY"), NGX_COMMERCE_HLS_LINE_GAP },
    { ngx_string("#EXT-X-KEY:"), NGX_COMMERCE_HLS_LINE_KEY },
    { ngx_string("#EXT-X-MAP:"), NGX_COMMERCE_HLS_LINE_MAP },
    { ngx_string("#EXT-X-BITRATE:"), NGX_COMMERCE_HLS_LINE_BITRATE },

    { ngx_string("#EXT-X-VERSION:"), NGX_COMMERCE_HLS_LINE_HEAD },
    { ngx_string("#EXT-X-TARGETDURATION:"), NGX_COMMERCE_HLS_LINE_HEAD },
    { ngx_string("#EXT-X-INDEPENDENT-SEGMENTS"), NGX_COMMERCE_HLS_LINE_HEAD },
    { ngx_string("#EXT-X-I-FRAMES-ONLY"), NGX_COMMERCE_HLS_LINE_HEAD },
    { ngx_string("#EXT-X-DEFINE:"), NGX_COMMERCE_HLS_LINE_HEAD },
    { ngx_string("#EXT-X-ALLOW-CACHE:"), NGX_COMMERCE_HLS_LINE_HEAD },
    { ngx_string(NGX_COMMERCE_HLS_DATES), NGX_COMMERCE_HLS_LINE_HEAD },

    { ngx_string("#EXT-X-MEDIA-SEQUENCE:"), NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-DISCONTINUITY-SEQUENCE:"),
      NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-PLAYLIST-TYPE:"), NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-START:"), NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-ENDLIST"), NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-SERVER-CONTROL:"), NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-PART-INF:"), NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-PART:"), NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-PRELOAD-HINT:"), NGX_COMMERCE_HLS_LINE_NONE },
    { ngx_string("#EXT-X-RENDITION-REPORT:"), NGX_COMMERCE_HLS_LINE_NONE },

    { ngx_null_string, NGX_COMMERCE_HLS_LINE_SEGMENT }
};


ngx_commerce_hls_line_e
ngx_commerce_hls_context_kind(u_char *line, u_char *eol)
{
    size_t                    len;
    ngx_commerce_hls_kind_t  *kind;

    len = eol - line;

    if (len == 0) {
        return NGX_COMMERCE_HLS_LINE_NONE;
    }

    if (*line != '#') {
        return NGX_COMMERCE_HLS_LINE_URI;
    }

    for (kind = ngx_commerce_hls_kinds; kind->tag.len; kind++) {

        if (len >= kind->tag.len
            && ngx_memcmp(line, kind->tag.data, kind->tag.len) == 0
            && (len == kind->tag.len
                || kind->tag.data[kind->tag.len - 1] == ':'))
        {
            return kind->kind;
        }
    }

    return NGX_COMMERCE_HLS_LINE_SEGMENT;
}


void
ngx_commerce_hls_context(ngx_commerce_hls_context_t *context, ngx_str_t *text,
    ngx_uint_t n)
{
    int64_t                     range;
    ngx_str_t                   line;
    ngx_commerce_hls_reader_t   reader;

    static ngx_str_t  media = ngx_string("#EXT-X-MEDIA-SEQUENCE:");
    static ngx_str_t  gaps = ngx_string("#EXT-X-DISCONTINUITY-SEQUENCE:");

    ngx_memzero(context, sizeof(ngx_commerce_hls_context_t));

    context->range = -1;
    range = -1;

    (void) ngx_commerce_hls_open(&reader, text->data, text->len);

    context->crlf = reader.crlf;

    while (reader.pos < reader.last) {

        line.data = reader.pos;
        line.len = ngx_commerce_hls_line(&reader) - line.data;

        if (line.len > media.len
            && ngx_memcmp(line.data, media.data, media.len) == 0)
        {
            context->sequence = ngx_commerce_hls_context_digits(
                                    line.data + media.len,
                                    line.data + line.len, NULL);
            continue;
        }

        if (line.len > gaps.len
            && ngx_memcmp(line.data, gaps.data, gaps.len) == 0)
        {
            context->gaps_sequence = ngx_commerce_hls_context_digits(
                                         line.data + gaps.len,
                                         line.data + line.len, NULL);
            continue;
        }

        if (n == 0) {
            /* but for its numbers all that follows is the segment's own */
            continue;
        }

        switch (ngx_commerce_hls_context_kind(line.data,
                                              line.data + line.len))
        {
        case NGX_COMMERCE_HLS_LINE_URI:
            context->range = range;
            range = -1;
            n--;
            break;

        case NGX_COMMERCE_HLS_LINE_RANGE:
            range = context->range;
            ngx_commerce_hls_context_range(&range, &line);
            break;

        case NGX_COMMERCE_HLS_LINE_GAP:
            context->gaps++;
            break;

        case NGX_COMMERCE_HLS_LINE_KEY:
            ngx_commerce_hls_context_key(context, &line);
            break;

        case NGX_COMMERCE_HLS_LINE_MAP:
            context->map = line;
            context->map_keys = context->keys;
            break;

        case NGX_COMMERCE_HLS_LINE_BITRATE:
            context->bitrate = line;
            break;

        default:
            break;
        }
    }
}


/*
 * A key takes the place of the one with its KEYFORMAT (RFC 8216bis 4.4.4.4),
 * METHOD=NONE that of all.
 */

static void
ngx_commerce_hls_context_key(ngx_commerce_hls_context_t *context,
    ngx_str_t *line)
{
    ngx_uint_t                i, n;
    ngx_commerce_hls_keys_t  *keys;

    static ngx_str_t  method = ngx_string("METHOD");
    static ngx_str_t  format = ngx_string("KEYFORMAT");
    static ngx_str_t  none = ngx_string("#EXT-X-KEY:METHOD=NONE");

    keys = &context->keys;

    if (ngx_commerce_hls_context_same(line, &none, &method)) {
        keys->n = 0;
    }

    for (i = 0, n = 0; i < keys->n; i++) {

        if (!ngx_commerce_hls_context_same(&keys->line[i], &none, &method)
            && !ngx_commerce_hls_context_same(&keys->line[i], line, &format))
        {
            keys->line[n++] = keys->line[i];
        }
    }

    keys->n = ngx_min(n, NGX_COMMERCE_HLS_KEYS - 1);
    keys->line[keys->n++] = *line;
}


/* 1 if an attribute of two EXT-X-KEY lines is the same, or in neither */

static ngx_uint_t
ngx_commerce_hls_context_same(ngx_str_t *line, ngx_str_t *other,
    ngx_str_t *attribute)
{
    ngx_str_t   value[2], *of[2];
    ngx_uint_t  i;

    of[0] = line;
    of[1] = other;

    for (i = 0; i < 2; i++) {

        if (ngx_commerce_hls_attribute(of[i]->data + sizeof("#EXT-X-KEY:") - 1,
                                       of[i]->data + of[i]->len, attribute,
                                       &value[i])
            != NGX_OK)
        {
            ngx_str_set(&value[i], "");
        }
    }

    return value[0].len == value[1].len
           && ngx_memcmp(value[0].data, value[1].data, value[0].len) == 0;
}


/* of an EXT-X-BYTERANGE line: where it ends; -1: that can't be told */

static void
ngx_commerce_hls_context_range(int64_t *range, ngx_str_t *line)
{
    u_char   *p, *last;
    int64_t   len;

    last = line->data + line->len;

    len = ngx_commerce_hls_context_digits(line->data
                                          + sizeof("#EXT-X-BYTERANGE:") - 1,
                                          last, &p);

    if (p < last && *p == '@') {
        *range = ngx_commerce_hls_context_digits(p + 1, last, NULL);
    }

    if (*range != -1) {
        *range += len;
    }
}


/* at most 15 digits; no number is 0 */

static int64_t
ngx_commerce_hls_context_digits(u_char *p, u_char *last, u_char **end)
{
    int64_t     number;
    ngx_uint_t  i;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    number = 0;

    for (i = 0; i < 15 && p < last && *p >= '0' && *p <= '9'; i++) {
        number = number * 10 + (*p++ - '0');
    }

    if (end) {
        *end = p;
    }

    return number;
}


size_t
ngx_commerce_hls_context_size(ngx_commerce_hls_context_t *context)
{
    size_t      size;
    ngx_uint_t  i;

    size = context->map.len + context->bitrate.len + 2 * (sizeof(CRLF) - 1);

    for (i = 0; i < context->keys.n; i++) {
        size += context->keys.line[i].len + sizeof(CRLF) - 1;
    }

    for (i = 0; i < context->map_keys.n; i++) {
        size += context->map_keys.line[i].len + sizeof(CRLF) - 1;
    }

    return size;
}


u_char *
ngx_commerce_hls_context_write(ngx_commerce_hls_context_t *context, u_char *p)
{
    if (context->map.len) {
        p = ngx_commerce_hls_context_keys(context, p, &context->map_keys);
        p = ngx_commerce_hls_context_line(context, p, &context->map);
    }

    if (context->map.len == 0
        || context->keys.n != context->map_keys.n
        || ngx_memcmp(context->keys.line, context->map_keys.line,
                      context->keys.n * sizeof(ngx_str_t))
           != 0)
    {
        p = ngx_commerce_hls_context_keys(context, p, &context->keys);
    }

    return ngx_commerce_hls_context_line(context, p, &context->bitrate);
}


static u_char *
ngx_commerce_hls_context_keys(ngx_commerce_hls_context_t *context, u_char *p,
    ngx_commerce_hls_keys_t *keys)
{
    ngx_uint_t  i;

    for (i = 0; i < keys->n; i++) {
        p = ngx_commerce_hls_context_line(context, p, &keys->line[i]);
    }

    return p;
}


static u_char *
ngx_commerce_hls_context_line(ngx_commerce_hls_context_t *context, u_char *p,
    ngx_str_t *line)
{
    if (line->len == 0) {
        return p;
    }

    p = ngx_cpymem(p, line->data, line->len);

    if (context->crlf) {
        *p++ = CR;
    }

    *p++ = LF;

    return p;
}
