
/*
 * Delta updates (RFC 8216bis 6.2.5.1): a player that says so is sent what has
 * changed of a long playlist.
 *
 * Players have lost date ranges in them, and caches mistaken them for whole
 * playlists.  So by default players are not told that there are any; if they
 * are to be, each has all of our ranges, and names those that have left.
 */


#ifndef _NGX_COMMERCE_HLS_DELTA_H_INCLUDED_
#define _NGX_COMMERCE_HLS_DELTA_H_INCLUDED_


#include "ngx_commerce_hls_playlist.h"
#include "ngx_commerce_hls_select.h"


/* 1 if an EXT-X-SERVER-CONTROL line, its end included, says that there are */
ngx_uint_t ngx_commerce_hls_delta_offered(ngx_str_t *line);

/*
 * Writes an EXT-X-SERVER-CONTROL line, its end of line included, without
 * CAN-SKIP-UNTIL and CAN-SKIP-DATERANGES, at most its length; nothing, if no
 * attribute is left.  Returns the end.
 */
u_char *ngx_commerce_hls_delta_refuse(u_char *p, ngx_str_t *line);

/* of such a line: us, CAN-SKIP-UNTIL, if ranges may be skipped; or 0 */
int64_t ngx_commerce_hls_delta_until(ngx_str_t *line);

/* the most bytes that ngx_commerce_hls_delta_removed() adds */
size_t ngx_commerce_hls_delta_size(ngx_str_t *room,
    ngx_commerce_hls_selection_t *selection);

/*
 * Writes an EXT-X-SKIP line with the IDs of our ranges that have left of late
 * in RECENTLY-REMOVED-DATERANGES.  Returns the end.
 */
u_char *ngx_commerce_hls_delta_removed(u_char *p, ngx_str_t *line,
    ngx_str_t *room, ngx_commerce_hls_selection_t *selection);


#endif /* _NGX_COMMERCE_HLS_DELTA_H_INCLUDED_ */
