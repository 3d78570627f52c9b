
/*
 * A room with all that is in it.
 */


#ifndef _NGX_HTTP_COMMERCE_API_ROOM_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_ROOM_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/*
 * Asks for a room but for its shows.  Of the answer to step: its elements, and
 * its cues as every node reads them; those to come are from *coming on.
 * NGX_OK, or NGX_ERROR: out of memory.
 */

enum {
    NGX_HTTP_COMMERCE_API_ROOM_FIELDS = 1,
    NGX_HTTP_COMMERCE_API_ROOM_SHELF,
    NGX_HTTP_COMMERCE_API_ROOM_CUES,
    NGX_HTTP_COMMERCE_API_ROOM_LIVE,
    NGX_HTTP_COMMERCE_API_ROOM_ENDED,
    NGX_HTTP_COMMERCE_API_ROOM_MEDIA,
    NGX_HTTP_COMMERCE_API_ROOM_ELEMENTS
};

ngx_int_t ngx_http_commerce_api_room_ask(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_step_pt step);
ngx_int_t ngx_http_commerce_api_room_cues(ngx_http_commerce_api_t *api,
    redisReply *reply, ngx_commerce_room_t *room, ngx_uint_t *coming);


/* the route's handler */

ngx_int_t ngx_http_commerce_api_room_read(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_ROOM_H_INCLUDED_ */
