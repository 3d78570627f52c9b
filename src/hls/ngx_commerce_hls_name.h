
/*
 * Times in the names of segments.
 */


#ifndef _NGX_COMMERCE_HLS_NAME_H_INCLUDED_
#define _NGX_COMMERCE_HLS_NAME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* what a number of a time counts since the epoch */

typedef enum {
    NGX_COMMERCE_HLS_UNIT_MS = 0,
    NGX_COMMERCE_HLS_UNIT_S,
    NGX_COMMERCE_HLS_UNIT_US
} ngx_commerce_hls_unit_e;


/*
 * The wall clock (us) in a segment's name: the last run of digits in the last
 * component of the URI's path, its extension left out, if that is plausible.
 * NGX_OK or NGX_DECLINED.
 */
ngx_int_t ngx_commerce_hls_name_date(ngx_str_t *uri,
    ngx_commerce_hls_unit_e unit, int64_t *us);

/*
 * The wall clock (us) that digits are, all of [p, last), if they are a
 * plausible one: from the year 2001 to 2286, so that their number is that of
 * the unit (10 of s, 13 of ms, 16 of us).  NGX_OK or NGX_DECLINED.
 */
ngx_int_t ngx_commerce_hls_name_number(u_char *p, u_char *last,
    ngx_commerce_hls_unit_e unit, int64_t *us);


#endif /* _NGX_COMMERCE_HLS_NAME_H_INCLUDED_ */
