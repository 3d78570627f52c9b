
/*
 * Who watches: the proofs that a request carries, and whether they, or none,
 * let it see a room.
 */


#ifndef _NGX_HTTP_COMMERCE_VIEWER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_VIEWER_H_INCLUDED_


#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_viewer_places.h"


/* somebody before a room's door; lives as long as the request */

typedef struct {
    ngx_str_t                 name;         /* of the room */
    ngx_commerce_tenant_t    *tenant;

    ngx_commerce_times_t      times;        /* all of it is judged by them */

    ngx_commerce_claims_t     claims[NGX_HTTP_COMMERCE_VIEWER_PROOFS];
    ngx_uint_t                nclaims;      /* those that were proved */
    ngx_commerce_reason_e     no_claims;    /* why there are none */

    ngx_commerce_reason_e     reason;       /* set by _decide() */
    ngx_commerce_claims_t    *claim;        /* by which he is let in; NULL: as
                                               anybody, or he is not */
    ngx_commerce_claims_t    *best;         /* also of who is not: what was
                                               weighed; NULL: nothing */
    int64_t                   starts;       /* ms; if ROOM_SCHEDULED */
    unsigned                  judged:1;     /* that is set */
    unsigned                  followed:1;   /* as one who follows the host: it
                                               was asked for */
    unsigned                  told:1;       /* it is counted, and logged */
} ngx_http_commerce_viewer_t;


/*
 * The whole decision about a request: its proofs, and what its room is like.
 *
 *   NGX_OK     *viewer is judged
 *   NGX_AGAIN  something is waited for, as with ngx_http_commerce_get(); then
 *              it is called again, from the handler
 *   NGX_ERROR
 *
 * A request is judged once for a room, whatever it is redirected to; a
 * subrequest is what its main request is.  A room that is none is BAD_NAME.
 */
ngx_int_t ngx_http_commerce_viewer_judge(ngx_http_request_t *r,
    ngx_http_commerce_where_e where, ngx_http_handler_pt handler,
    ngx_http_commerce_viewer_t **viewer);

/*
 * By what the request was let in, if it was judged: NULL also if it needed
 * nothing.
 */
ngx_commerce_claims_t *ngx_http_commerce_viewer_claims(ngx_http_request_t *r);


/*
 * The parts of that, for proofs which come otherwise: somebody who has proved
 * nothing, each of his proofs, what is decided.
 */

/* name is not copied */
void ngx_http_commerce_viewer_init(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_str_t *name);

/*
 * Adds what a proof, of whatever form, claims; the claims point into its text,
 * or into the request's memory.  Those beyond NGX_HTTP_COMMERCE_VIEWER_PROOFS
 * are not looked at.
 * NGX_OK; NGX_DECLINED: it proves nothing, which is noted; NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_viewer_prove(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_str_t *proof);

/* the same of a URL; its stream is the room; NGX_OK or NGX_DECLINED */
ngx_int_t ngx_http_commerce_viewer_prove_url(
    ngx_http_commerce_viewer_t *viewer, ngx_commerce_url_t *url);

/* the same for all that stand in the request's places; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_commerce_viewer_collect(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer);

/* returns as ngx_http_commerce_viewer_judge() */
ngx_int_t ngx_http_commerce_viewer_decide(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_http_commerce_where_e where,
    ngx_http_handler_pt handler);


/* where proofs are looked for: of ngx_http_commerce_viewer_place_t */
ngx_array_t *ngx_http_commerce_viewer_conf(ngx_http_request_t *r);


extern ngx_module_t  ngx_http_commerce_viewer_module;


#endif /* _NGX_HTTP_COMMERCE_VIEWER_H_INCLUDED_ */
