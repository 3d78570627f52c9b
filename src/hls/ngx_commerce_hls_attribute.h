
/*
 * The attribute list of a tag (RFC 8216bis 4.2).
 */


#ifndef _NGX_COMMERCE_HLS_ATTRIBUTE_H_INCLUDED_
#define _NGX_COMMERCE_HLS_ATTRIBUTE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct {
    ngx_str_t   name;
    ngx_str_t   value;       /* quotes left out */
    u_char     *end;         /* of all of it */
} ngx_commerce_hls_attribute_t;


/*
 * Reads the next attribute from *p on and leaves *p behind it.  NGX_OK, or
 * NGX_DONE: there are no more.
 */
ngx_int_t ngx_commerce_hls_attribute_next(u_char **p, u_char *last,
    ngx_commerce_hls_attribute_t *attribute);

/*
 * Finds NAME=value or NAME="value"; what stands inside other attributes'
 * quotes is passed over.  NGX_OK or NGX_DECLINED.
 */
ngx_int_t ngx_commerce_hls_attribute(u_char *p, u_char *last, ngx_str_t *name,
    ngx_str_t *value);


#endif /* _NGX_COMMERCE_HLS_ATTRIBUTE_H_INCLUDED_ */
