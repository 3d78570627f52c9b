
/*
 * A room's shows, one by one.
 */


#ifndef _NGX_HTTP_COMMERCE_API_SHOW_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_SHOW_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* GET rooms/{room}/shows/{show}/cues */
ngx_int_t ngx_http_commerce_api_show_cues(ngx_http_commerce_api_t *api);

/*
 * The show that a cue is in which is pinned now, as far as this node knows;
 * scripts say which one it is.
 */
int64_t ngx_http_commerce_api_show_next(ngx_http_commerce_api_t *api);

/* pushes the key of that show's cues */
void ngx_http_commerce_api_show_push(ngx_http_commerce_api_t *api,
    ngx_array_t *args);

/*
 * A script may answer that it wants the cues of another show for its key n,
 * from 0: sets that one, and returns 1: the script is to be sent again.
 */
ngx_uint_t ngx_http_commerce_api_show_other(ngx_http_commerce_api_t *api,
    redisReply *reply, ngx_array_t *args, ngx_uint_t n);


#endif /* _NGX_HTTP_COMMERCE_API_SHOW_H_INCLUDED_ */
