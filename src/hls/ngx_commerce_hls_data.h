
/*
 * Session data of a multivariant playlist (RFC 8216bis 4.4.6.4): addresses of
 * what concerns all of its renditions.
 */


#ifndef _NGX_COMMERCE_HLS_DATA_H_INCLUDED_
#define _NGX_COMMERCE_HLS_DATA_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    ngx_str_t   id;
    ngx_str_t   uri;         /* empty: not told */
} ngx_commerce_hls_data_t;


/* 1 if a URI may stand in an attribute's quotes, as it is */
ngx_uint_t ngx_commerce_hls_data_valid(ngx_str_t *uri);

/* the most bytes that n of them add to a text */
size_t ngx_commerce_hls_data_size(ngx_commerce_hls_data_t *data, ngx_uint_t n);

/*
 * Writes a multivariant playlist with them after its first line, but for those
 * whose ID it has.  Returns the end.
 */
u_char *ngx_commerce_hls_data_write(u_char *p, ngx_str_t *text,
    ngx_commerce_hls_data_t *data, ngx_uint_t n);


#endif /* _NGX_COMMERCE_HLS_DATA_H_INCLUDED_ */
