
/*
 * Where a request may carry proofs of who watches.
 */


#ifndef _NGX_HTTP_COMMERCE_VIEWER_PLACES_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_VIEWER_PLACES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* what a request may bring: nobody has more that are his */
#define NGX_HTTP_COMMERCE_VIEWER_PROOFS  8

/* a cookie's name is this and the room's */
#define NGX_HTTP_COMMERCE_VIEWER_COOKIE  "commerce-"


typedef struct {
    ngx_str_t                     text[NGX_HTTP_COMMERCE_VIEWER_PROOFS];
    ngx_uint_t                    n;
} ngx_http_commerce_viewer_proofs_t;


typedef struct ngx_http_commerce_viewer_place_s
    ngx_http_commerce_viewer_place_t;

struct ngx_http_commerce_viewer_place_s {
    /* adds what is there; NGX_OK or NGX_ERROR */
    ngx_int_t                   (*find)(ngx_http_request_t *r,
                                    ngx_http_commerce_viewer_place_t *place,
                                    ngx_str_t *room,
                                    ngx_http_commerce_viewer_proofs_t *proofs);
    ngx_http_complex_value_t      value;
};


/* the setter of commerce_viewer; cmd->offset is that of an ngx_array_t * */
char *ngx_http_commerce_viewer_places(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* where proofs are looked for unless somebody says so; NULL: out of memory */
ngx_array_t *ngx_http_commerce_viewer_places_usual(ngx_conf_t *cf);

/*
 * What the places of the request hold, in their order; all that there are of a
 * name.  They are the request's memory; what was written as %XX is decoded.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_viewer_places_find(ngx_http_request_t *r,
    ngx_array_t *places, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs);


#endif /* _NGX_HTTP_COMMERCE_VIEWER_PLACES_H_INCLUDED_ */
