
/*
 * A proof that somebody asks about: what it looks like, and what it says.
 */


#ifndef _NGX_HTTP_COMMERCE_API_PROOF_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_PROOF_H_INCLUDED_


#include "ngx_http_commerce_api.h"


typedef enum {
    NGX_HTTP_COMMERCE_API_PROOF_NONE = 0,
    NGX_HTTP_COMMERCE_API_PROOF_KEY,
    NGX_HTTP_COMMERCE_API_PROOF_TOKEN,       /* a host's */
    NGX_HTTP_COMMERCE_API_PROOF_VIEWER,      /* a viewer's token */
    NGX_HTTP_COMMERCE_API_PROOF_JWT,
    NGX_HTTP_COMMERCE_API_PROOF_URL
} ngx_http_commerce_api_proof_e;


typedef struct {
    ngx_http_commerce_api_proof_e   form;
    ngx_str_t                       value;   /* without what it stood in */
    ngx_commerce_url_t              url;     /* if that is the form */

    ngx_commerce_reason_e           reason;  /* of the proof alone */
    ngx_commerce_claims_t           claims;  /* expires 0: nothing is known */
    ngx_uint_t                      proved;  /* that they are signed is */
    const char                     *wrong;   /* what is, or NULL */
    ngx_commerce_jwt_t              jwt;     /* claims may stand in it */
} ngx_http_commerce_api_proof_t;


/*
 * Takes a proof out of the text in which it was pasted: itself, or a URL, or a
 * part of one, with it among the arguments.  Sets form, value and url, which
 * point into text and room.
 */
void ngx_http_commerce_api_proof_read(ngx_http_commerce_api_proof_t *proof,
    ngx_str_t *text, ngx_str_t *room);

/*
 * Sets what a proof says, and what is to be said of it without the room's
 * record.  Of a key that is nothing.
 */
void ngx_http_commerce_api_proof_judge(ngx_http_commerce_api_proof_t *proof,
    ngx_commerce_tenant_t *tenant, ngx_commerce_action_e action,
    ngx_str_t *room);

/* the same with the record: whose key it is, which host's proof */
void ngx_http_commerce_api_proof_compare(ngx_http_commerce_api_proof_t *proof,
    ngx_commerce_action_e action, ngx_commerce_room_t *room);

/* as JSON, without anything that is secret; now in ms */
json_t *ngx_http_commerce_api_proof_json(ngx_http_commerce_api_proof_t *proof,
    int64_t now);


#endif /* _NGX_HTTP_COMMERCE_API_PROOF_H_INCLUDED_ */
