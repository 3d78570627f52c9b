
#include "ngx_commerce_hls_delta.h"
#include "ngx_commerce_hls_attribute.h"
#include "ngx_commerce_hls_time.h"


#define NGX_COMMERCE_HLS_CONTROL  "#EXT-X-SERVER-CONTROL:"
#define NGX_COMMERCE_HLS_SKIP     "#EXT-X-SKIP:"
#define NGX_COMMERCE_HLS_REMOVED  ",RECENTLY-REMOVED-DATERANGES=\""


static ngx_uint_t ngx_commerce_hls_delta_is_offer(ngx_str_t *name);
static u_char *ngx_commerce_hls_delta_end(ngx_str_t *line);
static u_char *ngx_commerce_hls_delta_ids(u_char *p, ngx_str_t *room,
    ngx_commerce_hls_selection_t *selection);


static ngx_str_t  ngx_commerce_hls_delta_skip_until =
    ngx_string("CAN-SKIP-UNTIL");
static ngx_str_t  ngx_commerce_hls_delta_skip_ranges =
    ngx_string("CAN-SKIP-DATERANGES");
static ngx_str_t  ngx_commerce_hls_delta_recently =
    ngx_string("RECENTLY-REMOVED-DATERANGES");


ngx_uint_t
ngx_commerce_hls_delta_offered(ngx_str_t *line)
{
    u_char                        *p, *last;
    ngx_commerce_hls_attribute_t   attribute;

    if (line->len == 0) {
        return 0;
    }

    p = line->data + sizeof(NGX_COMMERCE_HLS_CONTROL) - 1;
    last = ngx_commerce_hls_delta_end(line);

    while (ngx_commerce_hls_attribute_next(&p, last, &attribute) == NGX_OK) {
        if (ngx_commerce_hls_delta_is_offer(&attribute.name)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_commerce_hls_delta_is_offer(ngx_str_t *name)
{
    return (name->len == ngx_commerce_hls_delta_skip_until.len
            && ngx_memcmp(name->data, ngx_commerce_hls_delta_skip_until.data,
                          name->len)
               == 0)
           || (name->len == ngx_commerce_hls_delta_skip_ranges.len
               && ngx_memcmp(name->data,
                             ngx_commerce_hls_delta_skip_ranges.data,
                             name->len)
                  == 0);
}


u_char *
ngx_commerce_hls_delta_refuse(u_char *p, ngx_str_t *line)
{
    u_char                        *from, *last, *start;
    ngx_commerce_hls_attribute_t   attribute;

    from = line->data + sizeof(NGX_COMMERCE_HLS_CONTROL) - 1;
    last = ngx_commerce_hls_delta_end(line);

    start = p;
    p = ngx_cpymem(p, line->data, from - line->data);

    while (ngx_commerce_hls_attribute_next(&from, last, &attribute)
           == NGX_OK)
    {
        if (ngx_commerce_hls_delta_is_offer(&attribute.name)) {
            continue;
        }

        if (p[-1] != ':') {
            *p++ = ',';
        }

        p = ngx_cpymem(p, attribute.name.data,
                       attribute.end - attribute.name.data);
    }

    if (p[-1] == ':') {
        return start;
    }

    return ngx_cpymem(p, last, line->data + line->len - last);
}


/* where the line ends without its blanks and end of line */

static u_char *
ngx_commerce_hls_delta_end(ngx_str_t *line)
{
    u_char  *last;

    last = line->data + line->len;

    while (last > line->data
           && (last[-1] == LF || last[-1] == CR || last[-1] == ' '
               || last[-1] == '\t'))
    {
        last--;
    }

    return last;
}


int64_t
ngx_commerce_hls_delta_until(ngx_str_t *line)
{
    u_char     *p, *last;
    int64_t     us;
    ngx_str_t   value;

    if (line->len == 0) {
        return 0;
    }

    p = line->data + sizeof(NGX_COMMERCE_HLS_CONTROL) - 1;
    last = ngx_commerce_hls_delta_end(line);

    if (ngx_commerce_hls_attribute(p, last,
                                   &ngx_commerce_hls_delta_skip_ranges,
                                   &value)
        != NGX_OK
        || value.len != 3 || ngx_memcmp(value.data, "YES", 3) != 0
        || ngx_commerce_hls_attribute(p, last,
                                      &ngx_commerce_hls_delta_skip_until,
                                      &value)
           != NGX_OK
        || ngx_commerce_hls_duration_read(value.data, value.data + value.len,
                                          &us)
           == NULL)
    {
        return 0;
    }

    return us;
}


size_t
ngx_commerce_hls_delta_size(ngx_str_t *room,
    ngx_commerce_hls_selection_t *selection)
{
    size_t      size;
    ngx_uint_t  i;

    size = sizeof(NGX_COMMERCE_HLS_REMOVED "\"") - 1;

    for (i = selection->removed; i < selection->first; i++) {
        size += room->len + 1 + selection->cues[i].id.len + 1;
    }

    return size;
}


u_char *
ngx_commerce_hls_delta_removed(u_char *p, ngx_str_t *line, ngx_str_t *room,
    ngx_commerce_hls_selection_t *selection)
{
    u_char     *from, *last;
    ngx_str_t   value;

    last = ngx_commerce_hls_delta_end(line);
    from = line->data + sizeof(NGX_COMMERCE_HLS_SKIP) - 1;

    if (ngx_commerce_hls_attribute(from, last,
                                   &ngx_commerce_hls_delta_recently, &value)
        == NGX_OK)
    {
        last = value.data + value.len;

        p = ngx_cpymem(p, line->data, last - line->data);

        if (value.len) {
            *p++ = '\t';
        }

        p = ngx_commerce_hls_delta_ids(p, room, selection);

    } else {
        p = ngx_cpymem(p, line->data, last - line->data);
        p = ngx_cpymem(p, NGX_COMMERCE_HLS_REMOVED,
                       sizeof(NGX_COMMERCE_HLS_REMOVED) - 1);
        p = ngx_commerce_hls_delta_ids(p, room, selection);
        *p++ = '"';
    }

    return ngx_cpymem(p, last, line->data + line->len - last);
}


/* by tabs, as EXT-X-SKIP has them */

static u_char *
ngx_commerce_hls_delta_ids(u_char *p, ngx_str_t *room,
    ngx_commerce_hls_selection_t *selection)
{
    ngx_uint_t  i;

    for (i = selection->removed; i < selection->first; i++) {

        if (i > selection->removed) {
            *p++ = '\t';
        }

        p = ngx_cpymem(p, room->data, room->len);
        *p++ = '-';
        p = ngx_cpymem(p, selection->cues[i].id.data,
                       selection->cues[i].id.len);
    }

    return p;
}
