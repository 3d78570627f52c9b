
/*
 * The hints that lead from stream keys to rooms.
 */


#ifndef _NGX_HTTP_COMMERCE_API_KEY_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_KEY_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/*
 * A stream key, given as its hash, and the request's room, then go on with
 * next.  reserve: before the room is written; the room that has the key
 * already is no hindrance.  confirm: the room has the key now.  give_up: it
 * has it no longer, or didn't get it.
 */
ngx_int_t ngx_http_commerce_api_key_reserve(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next);
ngx_int_t ngx_http_commerce_api_key_confirm(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next);
ngx_int_t ngx_http_commerce_api_key_give_up(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next);


#endif /* _NGX_HTTP_COMMERCE_API_KEY_H_INCLUDED_ */
