
#include "ngx_commerce_hls_playlist.h"
#include "ngx_commerce_hls_attribute.h"
#include "ngx_commerce_hls_time.h"


#define NGX_COMMERCE_HLS_MAX_SKIPPED  1000000


typedef ngx_int_t (*ngx_commerce_hls_tag_pt)(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);


typedef struct {
    ngx_str_t                 name;      /* what follows "#EXT" */
    ngx_commerce_hls_tag_pt   read;
} ngx_commerce_hls_tag_t;


static u_char *ngx_commerce_hls_first_line(u_char *text, u_char *last);
static ngx_int_t ngx_commerce_hls_tag(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *last);
static ngx_int_t ngx_commerce_hls_extinf(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_pdt(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_part(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_daterange(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_discontinuity(
    ngx_commerce_hls_reader_t *reader, u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_endlist(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_type(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_target(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_skip(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_control(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_variant(ngx_commerce_hls_reader_t *reader,
    u_char *line, u_char *p, u_char *last);


/* the most frequent first */

static ngx_commerce_hls_tag_t  ngx_commerce_hls_tags[] = {

    { ngx_string("INF:"), ngx_commerce_hls_extinf },

    { ngx_string("-X-PROGRAM-DATE-TIME:"), ngx_commerce_hls_pdt },

    { ngx_string("-X-PART:"), ngx_commerce_hls_part },

    { ngx_string("-X-DATERANGE:"), ngx_commerce_hls_daterange },

    { ngx_string("-X-DISCONTINUITY"), ngx_commerce_hls_discontinuity },

    { ngx_string("-X-TARGETDURATION:"), ngx_commerce_hls_target },

    { ngx_string("-X-ENDLIST"), ngx_commerce_hls_endlist },

    { ngx_string("-X-PLAYLIST-TYPE:"), ngx_commerce_hls_type },

    { ngx_string("-X-SKIP:"), ngx_commerce_hls_skip },

    { ngx_string("-X-SERVER-CONTROL:"), ngx_commerce_hls_control },

    { ngx_string("-X-STREAM-INF:"), ngx_commerce_hls_variant },

    { ngx_string("-X-I-FRAME-STREAM-INF:"), ngx_commerce_hls_variant },

    { ngx_string("-X-MEDIA:"), ngx_commerce_hls_variant },

    { ngx_null_string, NULL }
};


static ngx_str_t  ngx_commerce_hls_attribute_class = ngx_string("CLASS");
static ngx_str_t  ngx_commerce_hls_attribute_duration = ngx_string("DURATION");
static ngx_str_t  ngx_commerce_hls_attribute_skipped =
    ngx_string("SKIPPED-SEGMENTS");


ngx_int_t
ngx_commerce_hls_open(ngx_commerce_hls_reader_t *reader, u_char *text,
    size_t len)
{
    u_char  *p, *eol, *last;

    ngx_memzero(reader, sizeof(ngx_commerce_hls_reader_t));

    last = text + len;
    p = ngx_commerce_hls_first_line(text, last);

    if ((size_t) (last - p) < sizeof("#EXTM3U") - 1
        || ngx_memcmp(p, "#EXTM3U", sizeof("#EXTM3U") - 1) != 0)
    {
        return NGX_ERROR;
    }

    p += sizeof("#EXTM3U") - 1;

    eol = memchr(p, LF, last - p);

    if (eol == NULL) {
        eol = last;
        reader->pos = last;

    } else {
        reader->crlf = (eol[-1] == CR);
        reader->pos = eol + 1;
    }

    reader->last = last;

    /* attributes may follow, as IPTV has them */

    if (p < eol && *p != ' ' && *p != '\t' && *p != CR) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* players pass over a byte order mark and blank lines */

static u_char *
ngx_commerce_hls_first_line(u_char *text, u_char *last)
{
    static u_char  mark[] = { 0xef, 0xbb, 0xbf };

    if ((size_t) (last - text) >= sizeof(mark)
        && ngx_memcmp(text, mark, sizeof(mark)) == 0)
    {
        text += sizeof(mark);
    }

    while (text < last
           && (*text == LF || *text == CR || *text == ' ' || *text == '\t'))
    {
        text++;
    }

    return text;
}


ngx_int_t
ngx_commerce_hls_read(ngx_commerce_hls_reader_t *reader,
    ngx_commerce_hls_segment_t *segment)
{
    u_char  *line, *eol;

    while (reader->pos < reader->last) {

        line = reader->pos;
        eol = ngx_commerce_hls_line(reader);

        if (eol == line) {
            continue;
        }

        if (*line == '#') {

            if (ngx_commerce_hls_tag(reader, line, eol) != NGX_OK) {
                return NGX_ERROR;
            }

            if (reader->multivariant) {
                return NGX_DONE;
            }

            continue;
        }

        /* a URI ends a segment; it can't stand there without an #EXTINF */

        if (reader->next.mark == NULL) {
            return NGX_ERROR;
        }

        *segment = reader->next;
        segment->uri.data = line;
        segment->uri.len = eol - line;

        reader->next.mark = NULL;
        reader->next.dated = 0;
        reader->next.after_gap = 0;
        reader->parts = NULL;
        reader->parts_duration = 0;

        return NGX_OK;
    }

    /* an #EXTINF without its URI is no segment: the text was cut off */

    if (reader->parts == NULL) {
        return NGX_DONE;
    }

    *segment = reader->next;
    segment->mark = reader->parts;
    segment->duration = reader->parts_duration;
    ngx_str_null(&segment->uri);

    reader->parts = NULL;

    return NGX_OK;
}


u_char *
ngx_commerce_hls_line(ngx_commerce_hls_reader_t *reader)
{
    u_char  *line, *eol;

    line = reader->pos;
    eol = memchr(line, LF, reader->last - line);

    if (eol == NULL) {
        eol = reader->last;
        reader->pos = eol;

    } else {
        reader->pos = eol + 1;
    }

    while (eol > line
           && (eol[-1] == CR || eol[-1] == ' ' || eol[-1] == '\t'))
    {
        eol--;
    }

    return eol;
}


static ngx_int_t
ngx_commerce_hls_tag(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *last)
{
    u_char                  *p;
    size_t                   len;
    ngx_commerce_hls_tag_t  *tag;

    len = last - line;

    if (len < 8 || ngx_memcmp(line, "#EXT", 4) != 0) {
        return NGX_OK;
    }

    p = line + 4;
    len -= 4;

    for (tag = ngx_commerce_hls_tags; tag->name.len; tag++) {

        /* "-X-" is common: the fourth character tells most tags apart */

        if (p[3] == tag->name.data[3]
            && len >= tag->name.len
            && ngx_memcmp(p, tag->name.data, tag->name.len) == 0)
        {
            return tag->read(reader, line, p + tag->name.len, last);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_extinf(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    p = ngx_commerce_hls_duration_read(p, last, &reader->next.duration);

    if (p == NULL || (p < last && *p != ',')) {
        return NGX_ERROR;
    }

    /* of several the last one counts, as for players */

    if (reader->next.mark == NULL) {

        /* RFC 8216bis, 4.4.4.9: a date stands before the first part */

        reader->next.mark = reader->parts ? reader->parts : line;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_pdt(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    reader->dates = 1;

    /* the segment of one that can't be read goes on from its neighbour */

    if (ngx_commerce_hls_date_read(p, last, &reader->next.date) == NGX_OK) {
        reader->next.dated = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_part(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    int64_t    duration;
    ngx_str_t  value;

    if (reader->parts == NULL) {
        reader->parts = line;
    }

    if (ngx_commerce_hls_attribute(p, last,
                                   &ngx_commerce_hls_attribute_duration,
                                   &value)
        != NGX_OK)
    {
        return NGX_OK;
    }

    last = value.data + value.len;

    if (ngx_commerce_hls_duration_read(value.data, last, &duration) != last) {
        return NGX_OK;
    }

    reader->parts_duration = ngx_min(reader->parts_duration + duration,
                                     NGX_COMMERCE_HLS_MAX_DURATION);

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_daterange(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    ngx_str_t  value;

    if (ngx_commerce_hls_attribute(p, last, &ngx_commerce_hls_attribute_class,
                                   &value)
        == NGX_OK
        && value.len == sizeof(NGX_COMMERCE_HLS_CLASS) - 1
        && ngx_memcmp(value.data, NGX_COMMERCE_HLS_CLASS, value.len) == 0)
    {
        reader->has_cues = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_discontinuity(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    /* the name of another tag may go on: -SEQUENCE */

    if (p == last) {
        reader->next.after_gap = 1;

    } else if (*p == '-') {
        reader->numbered = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_endlist(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    reader->ended = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_type(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    reader->whole = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_target(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    /* of use only beside EXT-X-SKIP: what is wrong with it stays 0 */

    if (ngx_commerce_hls_duration_read(p, last, &reader->target) != last) {
        reader->target = 0;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_skip(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    ngx_str_t  value;

    if (ngx_commerce_hls_attribute(p, last,
                                   &ngx_commerce_hls_attribute_skipped,
                                   &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (value.len == 0 || value.len > 7) {
        return NGX_ERROR;
    }

    reader->skipped = 0;
    reader->skip.data = line;
    reader->skip.len = reader->pos - line;

    for (p = value.data; p < value.data + value.len; p++) {

        if (*p < '0' || *p > '9') {
            return NGX_ERROR;
        }

        reader->skipped = reader->skipped * 10 + (*p - '0');
    }

    return (reader->skipped > NGX_COMMERCE_HLS_MAX_SKIPPED) ? NGX_ERROR
                                                            : NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_control(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    reader->control.data = line;
    reader->control.len = reader->pos - line;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_variant(ngx_commerce_hls_reader_t *reader, u_char *line,
    u_char *p, u_char *last)
{
    reader->multivariant = 1;

    return NGX_OK;
}
