
#include "ngx_commerce_hls_daterange.h"
#include "ngx_commerce_hls_playlist.h"


#define NGX_COMMERCE_HLS_ID       "#EXT-X-DATERANGE:ID=\""
#define NGX_COMMERCE_HLS_START    "\",CLASS=\"" NGX_COMMERCE_HLS_CLASS "\","   \
                                  "START-DATE=\""
#define NGX_COMMERCE_HLS_END      "\",END-DATE=\""

/*
 * While the playlist goes on, a player has to know for how long it may show the
 * cue: a day, if no other begins before.
 */
#define NGX_COMMERCE_HLS_PLANNED  "\",PLANNED-DURATION=86400"

/* START-DATE as a number (ms), which is compared with the playing date */
#define NGX_COMMERCE_HLS_AT       ",X-NGINX-COMMERCE-AT=\""


#define ngx_commerce_hls_copy(p, text)                                        \
    ngx_cpymem(p, text, sizeof(text) - 1)


typedef struct {
    ngx_str_t   field;
    ngx_str_t   attribute;
    size_t      offset;       /* of the text in ngx_commerce_card_t */
} ngx_commerce_hls_field_t;


/* a field's bit is its place here */

static ngx_commerce_hls_field_t  ngx_commerce_hls_fields[] = {

    { ngx_string("product"),
      ngx_string(",X-NGINX-COMMERCE-PRODUCT=\""),
      offsetof(ngx_commerce_card_t, product) },

    { ngx_string("link"),
      ngx_string(",X-NGINX-COMMERCE-LINK=\""),
      offsetof(ngx_commerce_card_t, link) },

    { ngx_string("title"),
      ngx_string(",X-NGINX-COMMERCE-TITLE=\""),
      offsetof(ngx_commerce_card_t, title) },

    { ngx_string("price"),
      ngx_string(",X-NGINX-COMMERCE-PRICE=\""),
      offsetof(ngx_commerce_card_t, price) },

    { ngx_string("currency"),
      ngx_string(",X-NGINX-COMMERCE-CURRENCY=\""),
      offsetof(ngx_commerce_card_t, currency) },

    { ngx_string("image"),
      ngx_string(",X-NGINX-COMMERCE-IMAGE=\""),
      offsetof(ngx_commerce_card_t, image) },

    { ngx_string("stock"),
      ngx_string(",X-NGINX-COMMERCE-STOCK=\""),
      offsetof(ngx_commerce_card_t, stock) },

    { ngx_null_string, ngx_null_string, 0 }
};


ngx_uint_t
ngx_commerce_hls_daterange_field(ngx_str_t *field)
{
    ngx_uint_t                 bit;
    ngx_commerce_hls_field_t  *f;

    bit = 1;

    for (f = ngx_commerce_hls_fields; f->field.len; f++) {

        if (f->field.len == field->len
            && ngx_memcmp(f->field.data, field->data, field->len) == 0)
        {
            return bit;
        }

        bit <<= 1;
    }

    return 0;
}


size_t
ngx_commerce_hls_daterange_size(ngx_str_t *room,
    ngx_commerce_hls_range_t *range, ngx_uint_t attributes)
{
    size_t                     size;
    ngx_str_t                 *text;
    ngx_commerce_hls_field_t  *f;

    size = sizeof(NGX_COMMERCE_HLS_ID NGX_COMMERCE_HLS_START
                  NGX_COMMERCE_HLS_END NGX_COMMERCE_HLS_PLANNED
                  NGX_COMMERCE_HLS_AT "\"" CRLF) - 1
           + NGX_INT64_LEN + room->len + 1 + range->cue->id.len
           + 2 * NGX_COMMERCE_HLS_DATE_LEN;

    attributes |= NGX_COMMERCE_HLS_ATTRIBUTE_PRODUCT;

    for (f = ngx_commerce_hls_fields; attributes; f++, attributes >>= 1) {

        if (attributes & 1) {
            text = (ngx_str_t *) ((u_char *) &range->cue->card + f->offset);
            size += f->attribute.len + text->len + 1;
        }
    }

    return size;
}


u_char *
ngx_commerce_hls_daterange_write(u_char *p, ngx_str_t *room,
    ngx_commerce_hls_range_t *range, ngx_uint_t attributes,
    ngx_commerce_hls_minute_t *minute)
{
    ngx_str_t                 *text;
    ngx_commerce_hls_field_t  *f;

    p = ngx_commerce_hls_copy(p, NGX_COMMERCE_HLS_ID);
    p = ngx_cpymem(p, room->data, room->len);
    *p++ = '-';
    p = ngx_cpymem(p, range->cue->id.data, range->cue->id.len);

    p = ngx_commerce_hls_copy(p, NGX_COMMERCE_HLS_START);
    p = ngx_commerce_hls_date_write(p, range->start, minute);

    if (range->ended) {
        p = ngx_commerce_hls_copy(p, NGX_COMMERCE_HLS_END);
        p = ngx_commerce_hls_date_write(p, range->end, minute);
        *p++ = '"';

    } else {
        p = ngx_commerce_hls_copy(p, NGX_COMMERCE_HLS_PLANNED);
    }

    p = ngx_commerce_hls_copy(p, NGX_COMMERCE_HLS_AT);
    p = ngx_sprintf(p, "%L\"", range->start);

    attributes |= NGX_COMMERCE_HLS_ATTRIBUTE_PRODUCT;

    for (f = ngx_commerce_hls_fields; attributes; f++, attributes >>= 1) {

        if (!(attributes & 1)) {
            continue;
        }

        text = (ngx_str_t *) ((u_char *) &range->cue->card + f->offset);

        /* an empty text says nothing, but for the product's */

        if (text->len == 0 && f != ngx_commerce_hls_fields) {
            continue;
        }

        p = ngx_cpymem(p, f->attribute.data, f->attribute.len);
        p = ngx_cpymem(p, text->data, text->len);
        *p++ = '"';
    }

    return p;
}
