
#include "ngx_http_commerce_challenge.h"


static const char *ngx_http_commerce_challenge_error(
    ngx_commerce_reason_e reason);


ngx_int_t
ngx_http_commerce_challenge(ngx_http_request_t *r,
    ngx_commerce_reason_e reason, ngx_str_t *realm)
{
    u_char           *p;
    size_t            len;
    const char       *error;
    ngx_table_elt_t  *h;

    error = ngx_http_commerce_challenge_error(reason);

    if (error == NULL) {
        return NGX_OK;
    }

    len = sizeof("Bearer realm=\"\"") - 1 + realm->len
          + ngx_strlen(error);

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif
    ngx_str_set(&h->key, "WWW-Authenticate");
    h->value.data = p;
    h->value.len = ngx_sprintf(p, "Bearer realm=\"%V\"%s", realm,
                               error) - p;

    r->headers_out.www_authenticate = h;

    return NGX_OK;
}


/* NULL: another proof of the same viewer would not help */

static const char *
ngx_http_commerce_challenge_error(ngx_commerce_reason_e reason)
{
    switch (reason) {

    case NGX_COMMERCE_PROOF_MISSING:
        return "";

    case NGX_COMMERCE_PROOF_WRONG:
    case NGX_COMMERCE_PROOF_EXPIRED:
    case NGX_COMMERCE_PROOF_EARLY:
    case NGX_COMMERCE_PROOF_TOO_LONG:
    case NGX_COMMERCE_PROOF_OTHER_ACTION:
    case NGX_COMMERCE_PROOF_OTHER_ROOM:
    case NGX_COMMERCE_VIEWER_SIGNED_OUT:
        return ", error=\"invalid_token\"";

    case NGX_COMMERCE_PROOF_INSUFFICIENT:
        return ", error=\"insufficient_scope\"";

    default:
        return NULL;
    }
}
