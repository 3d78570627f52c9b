
/*
 * A cue as an EXT-X-DATERANGE tag (RFC 8216bis 4.4.5.1).
 */


#ifndef _NGX_COMMERCE_HLS_DATERANGE_H_INCLUDED_
#define _NGX_COMMERCE_HLS_DATERANGE_H_INCLUDED_


#include "ngx_commerce_hls_select.h"
#include "ngx_commerce_hls_time.h"


/*
 * Which fields of a card become attributes is a mask; the product's is always
 * among them: its being empty is what says that nothing is pinned.
 */

#define NGX_COMMERCE_HLS_ATTRIBUTE_PRODUCT  0x01
#define NGX_COMMERCE_HLS_ATTRIBUTE_LINK     0x02


/* the bit of a field by its name ("product", "link", …); 0: no such field */
ngx_uint_t ngx_commerce_hls_daterange_field(ngx_str_t *field);

/* the most bytes that the tag may take, its end of line included */
size_t ngx_commerce_hls_daterange_size(ngx_str_t *room,
    ngx_commerce_hls_range_t *range, ngx_uint_t attributes);

/*
 * Writes the tag without an end of line and returns the end.  The same cue
 * always gives the same bytes until the playlist has ended: players read an ID
 * once, or take the same ID with another END-DATE for another range.
 */
u_char *ngx_commerce_hls_daterange_write(u_char *p, ngx_str_t *room,
    ngx_commerce_hls_range_t *range, ngx_uint_t attributes,
    ngx_commerce_hls_minute_t *minute);


#endif /* _NGX_COMMERCE_HLS_DATERANGE_H_INCLUDED_ */
