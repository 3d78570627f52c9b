
#include "ngx_http_commerce_hls_session.h"
#include "ngx_http_commerce_args_module.h"
#include "ngx_http_commerce_viewer.h"
#include "ngx_commerce_viewer.h"


#define NGX_HTTP_COMMERCE_HLS_ARGUMENT  NGX_HTTP_COMMERCE_ARGS_VIEWER "="


static ngx_int_t ngx_http_commerce_hls_session_begin(ngx_http_request_t *r,
    ngx_commerce_claims_t *claims, ngx_str_t *token);


/* what may keep a response, or say for how long */

static ngx_str_t  ngx_http_commerce_hls_cache_headers[] = {
    ngx_string("Cache-Control"),
    ngx_string("Expires"),
    ngx_string("Surrogate-Control"),
    ngx_string("CDN-Cache-Control"),
    ngx_null_string
};


ngx_int_t
ngx_http_commerce_hls_session(ngx_http_request_t *r, ngx_str_t *argument)
{
    u_char                 *p;
    ngx_int_t               rc;
    ngx_str_t               token;
    ngx_commerce_claims_t  *claims;

    claims = ngx_http_commerce_viewer_claims(r);

    if (claims == NULL) {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, sizeof(NGX_HTTP_COMMERCE_HLS_ARGUMENT) - 1
                             + NGX_COMMERCE_VIEWER_TOKEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    token.data = ngx_cpymem(p, NGX_HTTP_COMMERCE_HLS_ARGUMENT,
                            sizeof(NGX_HTTP_COMMERCE_HLS_ARGUMENT) - 1);

    if (claims->token.len) {
        /* it stays the same with another secret to sign, too */
        token.len = claims->token.len;
        ngx_memcpy(token.data, claims->token.data, token.len);

    } else {
        rc = ngx_http_commerce_hls_session_begin(r, claims, &token);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    argument->data = p;
    argument->len = token.data + token.len - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_session_begin(ngx_http_request_t *r,
    ngx_commerce_claims_t *claims, ngx_str_t *token)
{
    ngx_int_t               rc;
    ngx_str_t               room;
    ngx_commerce_tenant_t  *tenant;

    rc = ngx_http_commerce_room_name(r, &room);

    if (rc != NGX_OK) {
        return rc;
    }

    tenant = ngx_http_commerce_tenant(r);

    return ngx_commerce_viewer_mint(tenant->secrets, &room, claims,
                                    tenant->session, token);
}


ngx_int_t
ngx_http_commerce_hls_private(ngx_http_request_t *r)
{
    ngx_str_t        *name;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header, *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {

        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            for (name = ngx_http_commerce_hls_cache_headers; name->len; name++)
            {
                if (header[i].key.len == name->len
                    && ngx_strncasecmp(header[i].key.data, name->data,
                                       name->len)
                       == 0)
                {
                    header[i].hash = 0;
                }
            }
        }
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    ngx_str_set(&h->key, "Cache-Control");
    ngx_str_set(&h->value, "private, no-store");

    return NGX_OK;
}
